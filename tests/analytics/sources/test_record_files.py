"""Files of object records: each format says the same, and what is wrong is refused by file and row."""

import gzip
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import QueryError
from analytics.sources.errors import (
    BadValueError,
    DuplicateObjectError,
    MissingColumnError,
    ReportSourceError,
    UnknownJobError,
    UnknownSourceError,
    UnreadableFileError,
)
from analytics.sources.shapes import OPTIONAL
from tests.analytics.sources.records import (
    NAMES,
    ROWS,
    WRITERS,
    Asking,
    Row,
    changed,
    csv_bytes,
    json_lines,
    opened,
    parquet,
    rows_in,
)
from tests.strategies import AWKWARD_KEYS

REQUIRED = [name for name in NAMES if name not in OPTIONAL]


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_records(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, ROWS)
    asking = Asking()
    with opened(tmp_path / name, asking) as source:
        assert rows_in(source) == ROWS
    assert asking.told == []


@pytest.mark.parametrize("name", ["records.csv", "records.json", "records.jsonl", "text.parquet"])
def test_awkward_keys_survive(tmp_path: Path, name: str) -> None:
    keys = sorted(AWKWARD_KEYS)
    rows = [ROWS[1] | {"key": key} for key in keys]
    WRITERS[name](tmp_path / name, rows)
    with opened(tmp_path / name) as source:
        assert sorted(str(row["key"]) for row in rows_in(source)) == keys


def test_a_folder_is_all_its_files_of_any_format(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "1.csv").write_bytes(csv_bytes(ROWS[:1]))
    (tmp_path / "deep" / "2.json").write_bytes(json_lines(ROWS[1:2]))
    parquet(tmp_path / "deep" / "er" / "3.parquet", ROWS[2:4])
    parquet(tmp_path / "deep" / "4.parquet", ROWS[4:], pa.timestamp("ms"))
    for nobodys in ("_SUCCESS", ".part.crc", "deep/_temporary.csv"):
        (tmp_path / nobodys).touch()
    (tmp_path / "README.md").write_text("how to read this")
    asking = Asking()
    with opened(tmp_path, asking) as source:
        assert rows_in(source) == ROWS
    assert asking.told == [f"{tmp_path}: not read, because of their names: README.md."]


def test_a_name_with_the_characters_of_a_pattern_stands_for_itself(tmp_path: Path) -> None:
    for folder, name in (("[d]*", "a[1]*?'b.csv"), ("d", "a1xy'b.csv"), ("[d]*", "a1xy'b.csv")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(csv_bytes(ROWS[:1]))
    with opened(tmp_path / "[d]*" / "a[1]*?'b.csv") as source:
        assert rows_in(source) == ROWS[:1]


def test_further_columns_are_let_be_and_optional_ones_may_be_missing(tmp_path: Path) -> None:
    rows = [{name: row[name] for name in REQUIRED} | {"object_path": "x", "revision": 3} for row in ROWS[:2]]
    (tmp_path / "r.csv").write_bytes(csv_bytes(rows))
    with opened(tmp_path / "r.csv") as source:
        assert rows_in(source) == [row | dict.fromkeys(OPTIONAL) for row in ROWS[:2]]


def test_no_version_has_one_spelling(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(csv_bytes(changed(2, version_id=None)))
    with opened(tmp_path / "r.csv") as source:
        assert rows_in(source)[1]["version_id"] == "null"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T03:00:00Z",
        "2026-11-21 03:00:00",
        "2026-11-21T03:00:00.000000",
        "2026-11-21T04:00:00+01:00",
        "2026-11-20 22:00:00.000-05:00",
    ],
)
@pytest.mark.parametrize("name", ["records.csv", "records.json", "text.parquet"])
def test_times_may_have_offsets_and_are_utc_without(tmp_path: Path, name: str, text: str) -> None:
    WRITERS[name](tmp_path / name, changed(2, restore_requested_at=text))
    with opened(tmp_path / name) as source:
        assert rows_in(source)[1]["restore_requested_at"] == "2026-11-21T03:00:00.000Z"


def test_an_empty_file_is_a_source_without_objects(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(",".join(NAMES) + "\n")
    (tmp_path / "r.json").write_text("")
    with opened(tmp_path) as source:
        assert rows_in(source) == []


@pytest.mark.parametrize("name", ["records.csv", "records.json", "naive.parquet"])
@pytest.mark.parametrize("column", [name for name in REQUIRED if not name.endswith(("_at", "_code"))])
def test_a_missing_column_is_named(tmp_path: Path, name: str, column: str) -> None:
    rows: list[Row] = [{key: value for key, value in row.items() if key != column} for row in ROWS]
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
    else:
        WRITERS[name](tmp_path / name, rows)
    with (
        pytest.raises(MissingColumnError, match=f"{name} has no column {column}; it has "),
        opened(tmp_path / name),
    ):
        pass


def test_all_missing_columns_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("job_id,bucket,Key\n")
    expected = "has no column key, version_id, size_bytes, .*; it has job_id, bucket, Key"
    with pytest.raises(MissingColumnError, match=expected), opened(tmp_path / "r.csv"):
        pass


def test_in_json_what_never_happened_may_be_absent_but_not_misspelled(tmp_path: Path) -> None:
    rows: list[Row] = [{name: value for name, value in row.items() if value is not None} for row in ROWS[:2]]
    (tmp_path / "r.json").write_bytes(json_lines(rows))
    with opened(tmp_path / "r.json") as source:
        assert rows_in(source) == ROWS[:2]
    writers = dict.fromkeys(("revision", "since", "run", "former"), "for the writers alone")
    (tmp_path / "r.json").write_bytes(json_lines([row | writers for row in rows]))
    with opened(tmp_path / "r.json") as source:
        assert rows_in(source) == ROWS[:2]
    (tmp_path / "r.json").write_bytes(
        json_lines([row | {"failedAt": "2026-11-21T04:00:00Z"} for row in rows])
    )
    expected = "has no column .*failed_at, .*; it has .*failedAt"
    with pytest.raises(MissingColumnError, match=expected), opened(tmp_path / "r.json"):
        pass


BAD_VALUES: list[tuple[str, Any, str]] = [
    ("job_id", None, "job_id is empty; every record is of a job"),
    ("bucket", "a/b", "bucket is 'a/b'; it must be the name of a bucket"),
    ("key", "", "key is empty; every record has a key"),
    ("size_bytes", -1, "size_bytes is '-1'; it must be 0 or more"),
    ("storage_class", "Glacier", "storage_class is 'Glacier'; it must be spelled as S3 spells it"),
    ("tier", "BULK", "tier is 'BULK'; S3 has Expedited, Standard, Bulk"),
    ("status", "Copied", "status is 'Copied'; Thaw has PENDING, RESTORING, RESTORED, COPIED"),
    ("observed_status", "ONGOING", "observed_status is 'ONGOING'; Thaw has PENDING, RESTORING, RESTORED"),
]  # fmt: skip
BAD_TIMES = [
    "yesterday",
    "2026-13-01T00:00:00Z",
    "2026-11-21",
    "infinity",
    "1795244795",
    "21/11/2026 03:00:00",
]


@pytest.mark.parametrize(
    "name", ["records.csv", "records.csv.gz", "records.json", "records.jsonl", "zoned.parquet"]
)
@pytest.mark.parametrize(("column", "value", "sentence"), BAD_VALUES)
def test_a_bad_value_is_refused_by_file_row_and_column(
    tmp_path: Path, name: str, column: str, value: Any, sentence: str
) -> None:
    bad = [row | {column: value} if place >= 2 else row for place, row in enumerate(ROWS)]
    (tmp_path / "0.csv").write_bytes(csv_bytes([ROWS[0] | {"key": "another"}]))
    WRITERS[name](tmp_path / name, bad)
    expected = re.escape(f"{tmp_path / name}, row 3: {sentence}")
    with pytest.raises(BadValueError, match=expected), opened(tmp_path):
        pass


@pytest.mark.parametrize("name", ["records.csv", "records.json", "text.parquet"])
@pytest.mark.parametrize("text", BAD_TIMES)
def test_a_malformed_time_is_refused(tmp_path: Path, name: str, text: str) -> None:
    WRITERS[name](tmp_path / name, changed(4, copied_at=text))
    expected = f"row 4: copied_at is {text!r}; it must be a time like 2026-11-21T03:04:05.678Z"
    with pytest.raises(BadValueError, match=re.escape(expected)), opened(tmp_path / name):
        pass


@pytest.mark.parametrize("value", ["many", "12.5", "0x10", "99999999999999999999", " 7", "1e3"])
def test_a_size_that_is_no_whole_number_is_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / "r.csv").write_bytes(csv_bytes(changed(1, size_bytes=value)))
    expected = f"row 1: size_bytes is {value!r}; it must be a whole number"
    with pytest.raises(BadValueError, match=re.escape(expected)), opened(tmp_path / "r.csv"):
        pass


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("key", {"S": "a"}, '{"S":"a"}'),
        ("key", 7, "7"),
        ("size_bytes", "7", '"7"'),
        ("size_bytes", 7.5, "7.5"),
        ("copied_at", 1795244795000, "1795244795000"),
        ("tier", ["Bulk"], '["Bulk"]'),
    ],
)
def test_a_json_value_of_a_wrong_type_is_refused(tmp_path: Path, column: str, value: Any, shown: str) -> None:
    (tmp_path / "r.json").write_bytes(json_lines(changed(2, **{column: value})))
    with (
        pytest.raises(BadValueError, match=re.escape(f"row 2: {column} is {shown!r}; it must be")),
        opened(tmp_path / "r.json"),
    ):
        pass


WRONG_TYPES: list[tuple[str, pa.DataType, list[Any], str]] = [
    (
        "size_bytes",
        pa.string(),
        [None, "7"],
        "size_bytes is '7'; it must be a whole number, and the column is VARCHAR.",
    ),
    ("size_bytes", pa.float64(), [7.0, 7.5], "size_bytes is '7.5'; it must be a whole number"),
    ("size_bytes", pa.uint64(), [0, 2**64 - 1], "size_bytes is '18446744073709551615'; it must be a whole"),
    ("tier", pa.int64(), [None, 7], "tier is '7'; it must be text"),
    ("error_code", pa.binary(), [None, b"k"], "error_code is 'k'; it must be text"),
    (
        "copied_at",
        pa.int64(),
        [None, 1795244795000],
        "copied_at is '1795244795000'; it must be a time like 2026-11-21T03:04:05.678Z, and the column is B",
    ),
    ("copied_at", pa.date32(), [None, 20000], "copied_at is '2024-10-04'; it must be a time like"),
]


@pytest.mark.parametrize(("column", "kind", "values", "sentence"), WRONG_TYPES)
def test_a_parquet_column_of_a_wrong_type_is_refused_at_its_first_value(
    tmp_path: Path, column: str, kind: pa.DataType, values: list[Any], sentence: str
) -> None:
    parquet(tmp_path / "r.parquet", ROWS[:2])
    table = pq.read_table(tmp_path / "r.parquet")
    table = table.set_column(NAMES.index(column), column, pa.array(values, kind))
    pq.write_table(table, tmp_path / "r.parquet")
    with pytest.raises(BadValueError, match=re.escape(f"row 2: {sentence}")), opened(tmp_path / "r.parquet"):
        pass


def test_a_parquet_time_without_end_is_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "in.parquet", ROWS, pa.timestamp("us"))
    rows = f"SELECT * REPLACE (TIMESTAMP 'infinity' AS copied_at) FROM '{tmp_path}/in.parquet'"  # noqa: S608 - a test's
    duckdb.execute(f"COPY ({rows}) TO '{tmp_path}/out.parquet'")
    with (
        pytest.raises(BadValueError, match="row 1: copied_at is 'infinity'; it must be a time like"),
        opened(tmp_path / "out.parquet"),
    ):
        pass


@pytest.mark.parametrize("kind", [pa.null(), pa.int32(), pa.binary()])
def test_a_parquet_column_without_any_value_may_have_any_type(tmp_path: Path, kind: pa.DataType) -> None:
    parquet(tmp_path / "r.parquet", ROWS[:2])
    table = pq.read_table(tmp_path / "r.parquet")
    for column in ("error_code", "failed_at"):
        table = table.set_column(NAMES.index(column), column, pa.array([None, None], kind))
    pq.write_table(table, tmp_path / "r.parquet")
    with opened(tmp_path / "r.parquet") as source:
        assert rows_in(source) == ROWS[:2]


@pytest.mark.parametrize("kind", [pa.float64(), pa.int32(), pa.decimal128(20, 0)])
def test_parquet_sizes_may_be_any_whole_numbers(tmp_path: Path, kind: pa.DataType) -> None:
    parquet(tmp_path / "r.parquet", ROWS[:2])
    table = pq.read_table(tmp_path / "r.parquet")
    pq.write_table(table.set_column(4, "size_bytes", table["size_bytes"].cast(kind)), tmp_path / "r.parquet")
    with opened(tmp_path / "r.parquet") as source:
        assert rows_in(source) == ROWS[:2]


@pytest.mark.parametrize("name", ["records.csv", "text.parquet"])
def test_an_object_version_that_is_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, ROWS)
    (tmp_path / "more.csv").write_bytes(csv_bytes([ROWS[1], ROWS[1], ROWS[3]]))
    expected = (
        f"{tmp_path} holds archive/'2019/b.tar' (version v1) of job job-1 3 times, and 1 more object"
        " versions more than once: it would be counted as often."
    )
    with pytest.raises(DuplicateObjectError, match=re.escape(expected)), opened(tmp_path):
        pass


def test_one_object_may_be_of_several_jobs_and_versions(tmp_path: Path) -> None:
    rows = [ROWS[1], ROWS[1] | {"version_id": "v2"}, ROWS[1] | {"job_id": "job-3"}]
    (tmp_path / "r.csv").write_bytes(csv_bytes(rows))
    with opened(tmp_path / "r.csv") as source:
        assert len(rows_in(source)) == 3


@pytest.mark.parametrize("name", ["records.csv", "zoned.parquet"])
def test_a_stored_status_that_its_times_contradict_is_reported(tmp_path: Path, name: str) -> None:
    rows = changed(2, status="COPIED")
    rows[3] = rows[3] | {"status": "PENDING"}
    WRITERS[name](tmp_path / name, rows)
    asking = Asking()
    with opened(tmp_path / name, asking) as source:
        assert len(rows_in(source)) == len(ROWS)
    (told,) = asking.told
    assert told == (
        f"{tmp_path / name}: 2 stored statuses contradict their times and are derived again; the first is"
        " archive/'2019/b.tar' (version v1), stored as COPIED, derived RESTORING."
    )


def test_a_job_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(csv_bytes(ROWS))
    with (
        pytest.raises(UnknownJobError, match=r"r\.csv has no object of job 'job-9'; it has job-1, job-2\."),
        opened(tmp_path / "r.csv", Asking(job_id="job-9")),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "content", "error", "sentence"),
    [
        ("r.csv", csv_bytes(ROWS) + b"job,short\n", UnreadableFileError, "r.csv cannot be read: .*Line: "),
        ("r.csv", csv_bytes(ROWS) + b'"job', UnreadableFileError, "r.csv cannot be read"),
        ("r.csv", csv_bytes(ROWS).replace(b"2019", b"\xff\xfe"), UnreadableFileError, "r.csv cannot be read"),
        ("r.csv", b"key,key\n", UnreadableFileError, "r.csv has the column key more than once"),
        ("r.csv", b"", MissingColumnError, "r.csv has no column .*; it has none"),
        ("r.csv.gz", csv_bytes(ROWS), UnreadableFileError, "r.csv.gz cannot be read"),
        ("r.csv.gz", gzip.compress(csv_bytes(ROWS))[:-30], UnreadableFileError, "r.csv.gz cannot be"),
        ("r.json", json_lines(ROWS)[:-9], UnreadableFileError, "r.json cannot be read: .*in line 6"),
        ("r.json", b'{"Item": {"job_id": {"S": "j"}}}', MissingColumnError, "it has Item"),
        ("r.parquet", b"PAR1 no", UnreadableFileError, "r.parquet cannot be read"),
        ("r.xlsx", b"", UnknownSourceError, r"r.xlsx has no file of object records: their names"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says_is_refused(
    tmp_path: Path, name: str, content: bytes, error: type[ReportSourceError], sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=sentence), opened(tmp_path / name):
        pass


def test_of_many_files_the_unreadable_one_is_named(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.csv").write_bytes(csv_bytes([ROWS[number]]))
    with (tmp_path / "1.csv").open("ab") as stream:
        stream.write(b"a,b\n")
    with pytest.raises(UnreadableFileError, match=r"1\.csv cannot be read"), opened(tmp_path):
        pass


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UnknownSourceError, match=r"has no file of object records.*It has nothing"),
        opened(tmp_path),
    ):
        pass
    with (
        pytest.raises(UnknownSourceError, match=r"gone does not exist\. A source is a file"),
        opened(tmp_path / "gone"),
    ):
        pass


def test_records_that_do_not_fit_into_memory_are_no_fault_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(csv_bytes(ROWS))
    with (
        pytest.raises(QueryError, match="do not fit into memory; allow more with --memory-limit-mb"),
        opened(tmp_path / "r.csv", Asking(memory_bytes=1_000_000)),
    ):
        pass
