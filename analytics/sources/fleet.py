"""The reports that the deployments of several accounts and Regions have written into one bucket, as one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb
import pandas as pd

from analytics.engines import DuckDbEngine
from analytics.report_layout import Form, Home, latest_prefix, parse_latest_key
from analytics.reports import DTYPES, typed
from analytics.schema import REPORTS, Column, Kind
from analytics.sources.errors import UnknownJobError, UnknownSourceError
from analytics.sources.places import Place
from analytics.sources.shapes import DataFile, unreadable
from analytics.sources.sql_text import literal, path_list
from thaw.duckdb_sessions import quiet

PLACE_COLUMNS = (Column("account_id", Kind.TEXT), Column("region", Kind.TEXT))
"""What the reports of a fleet have in front of their own columns."""

_EVERY_JOB = "progress"
"""The report that has rows of every job, of those without objects too."""

Written = Mapping[str, Mapping[Home, str]]
"""Report -> deployment -> the name of the file."""


class Fleet(NamedTuple):
    """Reports by name, the deployments that wrote them, and the times (UTC) as of which they are, sorted."""

    frames: dict[str, pd.DataFrame]
    homes: list[Home]
    made: list[datetime]


def is_fleet(place: Place) -> bool:
    """Whether reports lie below."""
    return bool(place.names(latest_prefix("", Form.PARQUET)))


def read_fleet(place: Place, reports: Sequence[str], job_id: str | None, source: str) -> Fleet:
    """The newest of each of `reports`, of one job or all, all accounts and Regions together.

    Raises UnknownSourceError when nobody has written one of them, UnknownJobError, UnreadableFileError.
    """
    written = _written(place)
    files = _files(place, written, reports, source)
    homes = sorted({home for each in files.values() for home in each})
    with duckdb.connect() as connection:
        quiet(connection).execute("SET TimeZone = 'UTC'")
        frames = {name: _read(connection, name, written, job_id) for name, written in files.items()}
        if job_id is not None and _EVERY_JOB in written and all(frame.empty for frame in frames.values()):
            jobs = _files(place, written, [_EVERY_JOB], source)[_EVERY_JOB]
            if _read(connection, _EVERY_JOB, jobs, job_id).empty:
                raise UnknownJobError(f"No deployment has written of job {job_id!r} into {source}.")
        paths = path_list(file.path for each in files.values() for file in each.values())
        try:
            made = connection.execute(
                "SELECT DISTINCT CAST(as_of AS timestamp) FROM"  # noqa: S608 - file names as literals
                f" read_parquet({paths}, union_by_name=true) WHERE as_of IS NOT NULL ORDER BY 1"
            ).fetchall()
        except duckdb.Error as exc:
            raise unreadable(source, exc) from exc
    return Fleet(frames, homes, [row[0].replace(tzinfo=UTC) for row in made])


def _written(place: Place) -> Written:
    written: defaultdict[str, dict[Home, str]] = defaultdict(dict)
    for name in place.names(latest_prefix("", Form.PARQUET)):
        found = parse_latest_key("", name)
        if found:
            written[found.report][found.home] = name
    return written


def _files(
    place: Place, written: Written, reports: Sequence[str], source: str
) -> dict[str, dict[Home, DataFile]]:
    missing = [name for name in reports if name not in written]
    if missing:
        raise UnknownSourceError(
            f"{source} has no report {', '.join(missing)}; its deployments have written"
            f" {', '.join(sorted(written)) or 'none'}."
        )
    return {name: {home: place.fetch(key) for home, key in written[name].items()} for name in reports}


def _read(
    connection: duckdb.DuckDBPyConnection, report: str, written: dict[Home, DataFile], job_id: str | None
) -> pd.DataFrame:
    """In the order of accounts and Regions, each in the report's own order."""
    names = ", ".join(column.name for column in REPORTS[report].columns)
    condition = "true" if job_id is None else f"job_id = {literal(job_id)}"
    parts: list[pd.DataFrame] = []
    for (account, region), file in sorted(written.items()):
        rows = f"read_parquet({path_list([file.path])}, file_row_number=true)"
        try:
            found = DuckDbEngine(connection).query(
                f"SELECT {names} FROM {rows} WHERE {condition} ORDER BY file_row_number"  # noqa: S608 - literals
            )
        except duckdb.Error as exc:
            raise unreadable(file.name, exc) from exc
        part = typed(found, report)
        for place, (column, kind) in enumerate(PLACE_COLUMNS):
            part.insert(place, column, pd.Series((account, region)[place], part.index, dtype=DTYPES[kind]))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
