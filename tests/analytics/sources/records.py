"""Object records in every file that a source may be, and sources opened on them."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.reports import Source
from analytics.schema import OBJECT_COLUMNS, REPORTS, Kind
from analytics.sources.fleet import Fleet
from analytics.sources.opening import open_source
from analytics.sources.options import NOWHERE, AthenaPlace, Clients, SourceOptions
from tests.fakes.dynamodb import OBJECTS, ROLLUPS
from tests.store.tables import COMPLETION, COPY, REQUEST, item_of, record
from thaw.core.history import Failure, History, Observation, merge
from thaw.core.records import ObjectRecord
from thaw.core.times import to_iso

Row = dict[str, str | int | None]

NAMES = [column.name for column in OBJECT_COLUMNS]
TIMES = [column.name for column in OBJECT_COLUMNS if column.kind is Kind.TIME]

RECORDS = (
    record("2019/a.tar", history=merge(merge(REQUEST, COMPLETION), COPY), size=1_000_000),
    record("2019/b.tar", "v1", REQUEST, size=2_000),
    record(
        "2019/c.tar", history=History(failure=Failure("2026-11-21T04:00:00.500Z", "AccessDenied", "no, sir"))
    ),
    record("2019/d.tar", history=History(observation=Observation("2026-11-21T05:00:00.000Z", "RESTORED"))),
    record('2020/naïve "quoted", 日本語\n\r\ttail ', size=50 * 2**40, job_id="job-2"),
)
"""Every attribute is told by some and not by others."""


def row_of(one: ObjectRecord) -> Row:
    """A record with the columns of a file; times are text."""
    item = item_of(one)
    values = {name: next(iter(item[name].values()), None) if name in item else None for name in NAMES}
    return {**values, "size_bytes": one.entry.size_bytes}


ROWS = [row_of(one) for one in RECORDS]


def changed(number: int, **values: Any) -> list[Row]:
    """ROWS, with other values in one of them (counted from 1)."""
    return [row | values if place == number else row for place, row in enumerate(ROWS, 1)]


def csv_bytes(rows: Sequence[Row], line_end: str = "\n") -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=line_end, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(rows[0])
    writer.writerows([("" if value is None else value) for value in row.values()] for row in rows)
    return stream.getvalue().encode()


def json_lines(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def json_array(rows: Sequence[Row]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def parquet(path: Path, rows: Sequence[Row], times: pa.DataType | None = None) -> None:
    """`times` None: as text."""
    fields = [(name, pa.int64() if name == "size_bytes" else pa.string()) for name in rows[0]]
    table = pa.Table.from_pylist(list(rows), pa.schema(fields))
    if times is not None:
        for name in TIMES:
            moments = [datetime.fromisoformat(str(row[name])) if row[name] else None for row in rows]
            column: Any = pa.array(moments, pa.timestamp("ms", "UTC")).cast(times)
            table = table.set_column(table.column_names.index(name), name, column)
    pq.write_table(table, path)


WRITERS: dict[str, Callable[[Path, Sequence[Row]], Any]] = {
    "records.csv": lambda path, rows: path.write_bytes(csv_bytes(rows)),
    "windows.csv": lambda path, rows: path.write_bytes(b"\xef\xbb\xbf" + csv_bytes(rows, "\r\n")),
    "records.csv.gz": lambda path, rows: path.write_bytes(gzip.compress(csv_bytes(rows))),
    "records.json": lambda path, rows: path.write_bytes(json_array(rows)),
    "lines.json": lambda path, rows: path.write_bytes(json_lines(rows)),
    "records.jsonl": lambda path, rows: path.write_bytes(json_lines(rows)),
    "records.ndjson.gz": lambda path, rows: path.write_bytes(gzip.compress(json_lines(rows))),
    "text.parquet": parquet,
    "naive.parquet": lambda path, rows: parquet(path, rows, pa.timestamp("us")),
    "nanoseconds.parquet": lambda path, rows: parquet(path, rows, pa.timestamp("ns")),
    "pandas.parquet": lambda path, rows: parquet(path, rows, pa.timestamp("ns", "UTC")),
    "zoned.parquet": lambda path, rows: parquet(path, rows, pa.timestamp("ms", "Europe/Berlin")),
}
"""How to write rows into a file of each name."""


def unused(*_: Any) -> Any:
    """A maker of a client that the source has no business with."""
    raise AssertionError("this source needs no such client")


NONE = Clients(unused, unused, unused)


@dataclass
class Asking:
    """What a source is opened with in tests; `told` are the sentences for the person who asked."""

    reports: tuple[str, ...] = tuple(REPORTS)
    clients: Clients = NONE
    athena: AthenaPlace = NOWHERE
    job_id: str | None = None
    past: bool = False
    making: tuple[str, ...] = ()
    memory_bytes: int = 500_000_000
    told: list[str] = field(default_factory=list[str])
    counted: list[int] = field(default_factory=list[int])

    def options(self) -> SourceOptions:
        return SourceOptions(
            clients=self.clients,
            reports=self.reports,
            objects_table=OBJECTS,
            rollups_table=ROLLUPS,
            tell=self.told.append,
            counting=self._counting,
            pause=lambda _: None,
            athena=self.athena,
            job_id=self.job_id,
            past=self.past,
            making=self.making,
            memory_bytes=self.memory_bytes,
        )

    @contextmanager
    def _counting(self, _title: str) -> Generator[Callable[[int], None]]:
        yield self.counted.append


@contextmanager
def opened(source: str | Path, asking: Asking | None = None) -> Generator[Source]:
    """The source, which is no fleet."""
    with open_source(str(source), (asking or Asking()).options()) as found:
        assert not isinstance(found, Fleet)
        yield found


def rows_in(source: Source) -> list[Row]:
    """The relation `objects`, in the order of ROWS, times as text."""
    frame = source.engine.query("SELECT * FROM objects ORDER BY job_id, key")
    rows = cast("list[dict[str, Any]]", frame.astype("object").to_dict("records"))
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> str | int | None:
    if value is None or value != value:  # what is missing differs from itself
        return None
    return to_iso(value.tz_localize("UTC")) if hasattr(value, "tz_localize") else value
