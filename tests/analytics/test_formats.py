"""Reports as files: exact, readable by others, and never half written."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analytics import formats
from analytics.errors import ReportOutputError
from analytics.formats import FileFormat, csv_text, json_text, write_files, write_reports
from analytics.reports import DTYPES
from analytics.schema import Kind
from tests.strategies import AWKWARD_KEYS

COLUMNS: dict[str, tuple[Kind, list[Any]]] = {
    "key": (Kind.TEXT, ['a "b", c', "", None]),
    "objects": (Kind.WHOLE, [2**62 + 1, 0, None]),
    "seconds": (Kind.NUMBER, [0.1, 1e22, None]),
    "since": (Kind.TIME, [pd.Timestamp("2026-11-21T03:04:05.678Z"), pd.Timestamp("1970-01-01T00:00Z"), None]),
    "day": (Kind.DAY, [pd.Timestamp("2028-02-29"), pd.Timestamp("9999-12-31").as_unit("s"), None]),
}
FRAME = pd.DataFrame(
    {name: pd.Series(values, dtype=DTYPES[kind]) for name, (kind, values) in COLUMNS.items()}
)


def test_csv_is_exact_quoted_where_it_must_be_and_empty_for_a_null() -> None:
    assert csv_text(FRAME) == (
        "key,objects,seconds,since,day\n"
        '"a ""b"", c",4611686018427387905,0.1,2026-11-21T03:04:05.678Z,2028-02-29\n'
        ",0,1e+22,1970-01-01T00:00:00.000Z,9999-12-31\n"
        ",,,,\n"
    )


def test_csv_of_any_key_is_read_back_by_others() -> None:
    keys = [*AWKWARD_KEYS, "carriage\rreturn"]
    text = csv_text(pd.DataFrame({"key": pd.Series(keys, dtype="str"), "n": range(len(keys))}))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows[1:]] == keys
    assert "=1+1" in csv_text(pd.DataFrame({"key": pd.Series(["=1+1"], dtype="str")})), "data, not a formula"


def test_json_is_an_array_of_objects_with_nulls() -> None:
    first, second, nulls = json.loads(json_text(FRAME))
    assert list(first.values()) == ['a "b", c', 2**62 + 1, 0.1, "2026-11-21T03:04:05.678Z", "2028-02-29"]
    assert second == dict(zip(COLUMNS, ["", 0, 1e22, "1970-01-01T00:00:00.000Z", "9999-12-31"], strict=True))
    assert nulls == dict.fromkeys(COLUMNS)
    assert json.loads(json_text(FRAME.head(0))) == []


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_parquet_has_the_types_that_athena_has(tmp_path: Path, rows: int) -> None:
    (path,) = write_reports({"it's": FRAME.head(rows)}, tmp_path, FileFormat.PARQUET)
    relation = duckdb.read_parquet(str(path))
    assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == {
        "key": "VARCHAR", "objects": "BIGINT", "seconds": "DOUBLE", "since": "TIMESTAMP", "day": "DATE"
    }  # fmt: skip
    shown = [tuple(None if value is None else str(value) for value in row) for row in relation.fetchall()]
    assert (
        shown[:1] == [('a "b", c', str(2**62 + 1), "0.1", "2026-11-21 03:04:05.678000", "2028-02-29")][:rows]
    )
    assert len(shown) == rows


@pytest.mark.parametrize("file_format", FileFormat)
def test_each_report_is_a_file_of_its_name(tmp_path: Path, file_format: FileFormat) -> None:
    out = tmp_path / "new" / "folder"
    written = write_reports({"one": FRAME, "two": FRAME.head(0)}, out, file_format)
    assert written == [out / f"one.{file_format}", out / f"two.{file_format}"]
    assert sorted(out.iterdir()) == written, "and nothing else is left there"
    assert list(out.parent.iterdir()) == [out]


def test_files_of_the_same_names_are_replaced_and_others_let_be(tmp_path: Path) -> None:
    for name in ("one.csv", "notes.txt"):
        (tmp_path / name).write_text("mine")
    write_reports({"one": FRAME.head(0)}, tmp_path, FileFormat.CSV)
    assert (tmp_path / "one.csv").read_text().startswith("key,")
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("before", [[], ["1.csv", "mine.txt"]])
@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError(28, "No space left on device"), ReportOutputError),
        (RuntimeError("a defect"), RuntimeError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_nothing_changes_when_a_writer_fails_midway(
    tmp_path: Path, error: BaseException, raised: type[BaseException], before: list[str]
) -> None:
    out = tmp_path / "out"
    for name in before:
        out.mkdir(exist_ok=True)
        (out / name).write_text("before")

    def fail(path: Path) -> None:
        path.write_text("half of")
        raise error

    with pytest.raises(raised):
        write_files({"1.csv": lambda path: put(path, "all"), "2.csv": fail}, out)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == before, "and no temporary folder is left"
    assert [(out / name).read_text() for name in before] == ["before"] * len(before)


def put(path: Path, text: str) -> None:
    path.write_text(text)


def test_a_full_disk_under_duckdb_is_told_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise duckdb.IOException("Could not write file")

    monkeypatch.setattr(formats, "write_parquet", fail)
    with pytest.raises(ReportOutputError, match="cannot be written: Could not write file"):
        write_reports({"one": FRAME}, tmp_path, FileFormat.PARQUET)


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "one.csv").mkdir()
    with pytest.raises(ReportOutputError, match="file is a file; the output is a folder"):
        write_reports({"one": FRAME}, tmp_path / "file", FileFormat.CSV)
    with pytest.raises(ReportOutputError, match=r"one\.csv is a folder, and a file would go there"):
        write_reports({"one": FRAME}, tmp_path, FileFormat.CSV)
    with pytest.raises(ReportOutputError, match=r"file/deeper cannot be written: "):
        write_reports({"one": FRAME}, tmp_path / "file" / "deeper", FileFormat.CSV)
