"""Reports as files: CSV, Parquet or JSON, exact to the last digit, written whole or not at all.

A report's column is told by its dtype, as `analytics.reports` makes it: text, `Int64`, `Float64`,
`datetime64[ms, UTC]` for a time, `datetime64[s]` for a day.
"""

import json
import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd

from analytics.errors import ReportOutputError
from analytics.schema import Kind
from thaw.duckdb_sessions import quiet

Frames = Mapping[str, pd.DataFrame]
Cell = str | int | float | None

_NEEDS_QUOTES = re.compile(r'[",\r\n]').search


class FileFormat(StrEnum):
    """How a report is stored; its files end so."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


def kind_of(column: "pd.Series[Any]") -> Kind:
    """The kind of a report's column."""
    dtype = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return Kind.TIME
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        return Kind.DAY
    if pd.api.types.is_integer_dtype(dtype):
        return Kind.WHOLE
    return Kind.NUMBER if pd.api.types.is_float_dtype(dtype) else Kind.TEXT


def values(column: "pd.Series[Any]") -> list[Cell]:
    """A column as JSON has it: times as 2026-11-21T03:04:05.678Z, days as 2026-11-21, None for a null."""
    kind = kind_of(column)
    if kind in (Kind.TIME, Kind.DAY):
        moments = column.dt.tz_convert(None) if kind is Kind.TIME else column
        unit, ending = ("ms", "Z") if kind is Kind.TIME else ("D", "")
        texts = cast("list[str]", np.datetime_as_string(moments.to_numpy(), unit=unit).tolist())
        return [None if text == "NaT" else text + ending for text in texts]
    return [None if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)]


def csv_text(frame: pd.DataFrame) -> str:
    """The report as CSV (RFC 4180, but for lines that end in LF): a header, a null as nothing."""
    lines = [",".join(frame.columns)]
    lines += (",".join(map(_csv_cell, row)) for row in _rows(frame))
    return "\n".join([*lines, ""])


def json_text(frame: pd.DataFrame) -> str:
    """The report as an array of objects, one a line."""
    names = list(frame.columns)
    rows = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in _rows(frame))
    return "[" + ",".join(f"\n{row}" for row in rows) + "\n]\n"


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """The report as Parquet: times are UTC timestamps without zone, as Athena has them."""
    casts = ", ".join(f'CAST("{name}" AS {kind_of(frame[name])}) AS "{name}"' for name in frame.columns)
    with duckdb.connect() as connection:
        quiet(connection).execute("SET TimeZone = 'UTC'")
        connection.register("frame", frame)
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT {casts} FROM frame) TO '{target}' (FORMAT parquet)")  # noqa: S608 - columns of ours


def write_reports(frames: Frames, out: Path, file_format: FileFormat) -> list[Path]:
    """Writes each report to `out`/NAME.FORMAT and returns the paths. Raises ReportOutputError.

    Files of the same names are replaced, others are left alone; where anything fails, nothing is changed.
    """
    writers = {f"{name}.{file_format}": _writer(frame, file_format) for name, frame in frames.items()}
    return write_files(writers, out)


def write_files(writers: Mapping[str, Callable[[Path], None]], out: Path) -> list[Path]:
    """Files by name, each made by its writer: all of them stand in the folder `out` in the end, or none.

    They are made in a temporary folder on the same disk, and moved when the last one is done.
    Raises ReportOutputError.
    """
    if out.exists() and not out.is_dir():
        raise ReportOutputError(f"{out} is a file; the output is a folder.")
    for name in writers:
        if (out / name).is_dir():
            raise ReportOutputError(f"{out / name} is a folder, and a file would go there.")
    try:
        with _beside(out) as folder:
            for name, write in writers.items():
                write(folder / name)
            out.mkdir(exist_ok=True)
            return [(folder / name).replace(out / name) for name in writers]
    except (OSError, duckdb.IOException) as exc:
        raise ReportOutputError(f"{out} cannot be written: {getattr(exc, 'strerror', None) or exc}.") from exc


@contextmanager
def _beside(out: Path) -> Generator[Path]:
    """A temporary folder in `out`; beside it where there is none yet."""
    if not out.exists():
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
    place = out if out.exists() else out.absolute().parent
    with tempfile.TemporaryDirectory(prefix=".thaw-", dir=place) as folder:
        yield Path(folder)


def _writer(frame: pd.DataFrame, file_format: FileFormat) -> Callable[[Path], None]:
    if file_format is FileFormat.PARQUET:
        return lambda path: write_parquet(frame, path)
    text = csv_text if file_format is FileFormat.CSV else json_text
    return lambda path: _write_text(path, text(frame))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Cell, ...]]:
    return zip(*(values(frame[name]) for name in frame.columns), strict=True)


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else repr(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _NEEDS_QUOTES(text) else text
