"""A plan that somebody has edited: used as it is, or refused by the row that cannot be followed."""

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.vaults.described import archive_id, inventory, rows_of
from tests.vaults.planned import MEMORY_BYTES, Row
from thaw.vaults.errors import InventoryError, PlanRefusedError
from thaw.vaults.local_planning import EXCLUDED, PLAN, plan_inventory
from thaw.vaults.plan_database import plan_database
from thaw.vaults.planning_sql import PlanParameters

PREFIX = "in/"


def planned(folder: Path, *descriptions: str) -> list[dict[str, str]]:
    """The rows of a plan as it is written."""
    (folder / "inventory.csv").write_text(inventory(rows_of(descriptions)))
    plan_inventory(folder / "inventory.csv", folder / "out", PlanParameters(PREFIX))
    return read(folder / "out" / PLAN)


def read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def taken(folder: Path, rows: list[dict[str, str]]) -> list[Row]:
    path = folder / "edited.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with plan_database(folder, MEMORY_BYTES) as database:
        database.take(path, (), (), PREFIX)
        return [Row(*each) for each in database.rows("SELECT * FROM planned ORDER BY ordinal")]


def test_a_plan_is_taken_as_it_was_written_and_left(tmp_path: Path) -> None:
    rows = planned(tmp_path, "a", 'b, "c"', "d")
    rows[0]["key"] = "in/elsewhere/é"
    found = taken(tmp_path, [rows[2], rows[0], rows[1]])
    assert [each.ordinal for each in found] == [1, 2, 3]
    assert [each.key for each in found] == ["in/d", "in/elsewhere/é", 'in/b, "c"']
    assert [each.description for each in found] == ["d", "a", 'b, "c"']


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"archive_id": ""}, "has no archive id"),
        ({"archive_id": archive_id(0)}, "is in the plan twice"),
        ({"key": ""}, "has no key"),
        ({"key": "out/b"}, "has a key that does not begin with in/"),
        ({"key": "in/" + "ä" * 511}, "has a key of more than 1,024 bytes"),
        ({"key": "in/a\tb"}, "has a key with a control character"),
        ({"key": "in/../b"}, r"has a key with an empty segment, or a segment \. or \.\."),
        ({"key": "in/b/"}, r"has a key with an empty segment, or a segment \. or \.\."),
        ({"key": "in/a"}, "has a key that another row has too"),
        ({"size_bytes": "many"}, "has no size_bytes of 1 or more"),
        ({"size_bytes": "0"}, "has no size_bytes of 1 or more"),
        ({"size_bytes": str(10**14)}, "is larger than one object can be"),
        ({"created_at": "2012-05-15"}, r"has no created_at like 2012-05-15T17:19:46\.700Z"),
        ({"sha256_tree_hash": "abc"}, "has no tree hash"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(tmp_path: Path, change: dict[str, str], told: str) -> None:
    rows = planned(tmp_path, "a", "b")
    rows[1] |= change
    with pytest.raises(
        PlanRefusedError, match=rf"^The plan cannot be used: row \d \(archive '.*'\.\.\.\) {told}\.$"
    ):
        taken(tmp_path, rows)


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanRefusedError):
        taken(tmp_path, [{"some": "thing", "else": "here"}])


def test_a_plan_that_a_spreadsheet_saved_is_taken(tmp_path: Path) -> None:
    rows = planned(tmp_path, "a", "b")
    text = "\ufeff" + ",".join(rows[0]) + "\r\n" + "".join(",".join(row.values()) + "\r\n" for row in rows)
    (tmp_path / "saved.csv").write_bytes(text.encode())
    with plan_database(tmp_path, MEMORY_BYTES) as database:
        database.take(tmp_path / "saved.csv", (), (), PREFIX)
        assert database.rows("SELECT key FROM planned ORDER BY ordinal") == [("in/a",), ("in/b",)]


def test_a_quote_that_is_never_closed_loses_no_rows_in_silence(tmp_path: Path) -> None:
    first, second = planned(tmp_path, "a", "b")
    lines = [",".join(first), ",".join(first.values()).replace("in/a", '"in/a'), ",".join(second.values())]
    (tmp_path / "edited.csv").write_text("\n".join(lines) + "\n")
    with (
        plan_database(tmp_path, MEMORY_BYTES) as database,
        pytest.raises(PlanRefusedError, match=r"in or before line 3 .*: correct it there"),
    ):
        database.take(tmp_path / "edited.csv", (), (), PREFIX)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_inventory_is_planned_on_this_machine(tmp_path: Path, kind: str, *, packed: bool) -> None:
    rows = rows_of(["a", 'say "hi"', "back\\slash", "a"])
    import json

    text = inventory(rows) if kind == "csv" else json.dumps({"VaultARN": "x", "ArchiveList": rows})
    path = tmp_path / (f"i.{kind}" + (".gz" if packed else ""))
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    names = tmp_path / "names.csv"
    names.write_text(f"{archive_id(0)},given\n")
    found = plan_inventory(path, tmp_path / "out", PlanParameters(PREFIX, name_pattern="?*"), names=names)
    assert (found.rows_in, found.archives, found.size_bytes, found.single_part) == (4, 4, 4, 4)
    assert [each["key"] for each in read(tmp_path / "out" / PLAN)] == [
        "in/given",
        'in/say "hi"',
        "in/back/slash",
        "in/a",
    ]
    assert read(tmp_path / "out" / EXCLUDED) == []
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [EXCLUDED, PLAN]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("what is this", "is no inventory of a vault: it begins with 'what is this'"),
        ('{"a": 1}', "is JSON without an ArchiveList"),
        ('{"ArchiveList": [{"ArchiveId": "x"', "ends within its list of archives"),
        ('{"ArchiveList": [5]}', "lists '5' among its archives"),
    ],
)
def test_what_is_no_inventory_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "i").write_text(text)
    with pytest.raises(InventoryError, match=f"^i {told}"):
        plan_inventory(tmp_path / "i", tmp_path / "out", PlanParameters())


def test_a_long_json_inventory_is_read_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thaw.vaults import inventory_text

    monkeypatch.setattr(inventory_text, "_PIECE_CHARACTERS", 7)
    rows: list[dict[str, Any]] = rows_of(["a ]", 'b "}', "c"])
    import json

    (tmp_path / "i").write_text(json.dumps({"VaultARN": "arn", "ArchiveList": rows}))
    found = plan_inventory(tmp_path / "i", tmp_path / "out", PlanParameters())
    assert [each["description"] for each in read(tmp_path / "out" / PLAN)] == ["a ]", 'b "}', "c"]
    assert found.rows_in == 3
