"""Plans made in memory, as tests look at them."""

import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.vaults.described import inventory
from thaw.core.vault_plans import PlanFigures
from thaw.vaults.plan_database import plan_database
from thaw.vaults.plan_output import check_rows, figures
from thaw.vaults.plan_sources import PlanSources
from thaw.vaults.planning_sql import PlanParameters

MEMORY_BYTES = 500_000_000
PLAN_HEADER = "archive_id,key,size_bytes,created_at,sha256_tree_hash,description,exists"


class Row(NamedTuple):
    """The columns of `planned`."""

    ordinal: int
    archive_id: str
    key: str
    size_bytes: int
    created_at: str
    sha256_tree_hash: str
    description: str
    already: bool
    renamed: bool
    unnamed: bool
    reason: str
    line: str


class Made(NamedTuple):
    """A plan, `rows` in its order and `excluded` after that."""

    rows: list[Row]
    excluded: list[Row]
    figures: PlanFigures

    @property
    def keys(self) -> dict[str, str]:
        """By archive id."""
        return {row.archive_id: row.key for row in self.rows}


def plan(
    rows: Iterable[Mapping[str, object]] | str,
    parameters: PlanParameters | None = None,
    *,
    names: Mapping[str, str] | str | None = None,
    former: Sequence[Mapping[str, str]] = (),
    existing: Sequence[str] = (),
) -> Made:
    """The plan of an inventory: its text, or the rows of it."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        text = rows if isinstance(rows, str) else inventory([dict(row) for row in rows])  # type: ignore[arg-type]
        (folder / "inventory.csv").write_text(text, "utf-8", newline="")
        sources = PlanSources(
            folder / "inventory.csv",
            None if names is None else write_names(folder / "names.csv", names),
            tuple(_former(folder / f"former-{place}.csv", keys) for place, keys in enumerate(former)),
            (_csv(folder / "existing.csv", [["key"], *([key] for key in existing)]),) if existing else (),
        )
        with plan_database(folder, MEMORY_BYTES) as database:
            database.make(sources, parameters or PlanParameters())
            found = figures(database)
            check_rows(database, found)
            everything = [
                Row(*each) for each in database.rows("SELECT * FROM planned ORDER BY ordinal, line")
            ]
    return Made(
        [row for row in everything if row.ordinal > 0], [row for row in everything if row.ordinal < 0], found
    )


def write_names(path: Path, names: Mapping[str, str] | str) -> Path:
    """A CSV of archive ids and names, or whatever the text is."""
    if isinstance(names, str):
        path.write_text(names, "utf-8")
        return path
    return _csv(path, [["archive_id", "name"], *names.items()])


def _former(path: Path, keys: Mapping[str, str]) -> Path:
    rows = ([archive, key, "1", "", "", "", "false"] for archive, key in keys.items())
    return _csv(path, [PLAN_HEADER.split(","), *rows])


def _csv(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path
