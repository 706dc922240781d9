"""The live tables: the counters by one Query a job, the objects by a scan when a report cannot do without."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

from analytics.engines import DuckDbEngine
from analytics.reports import Source
from analytics.rollup_relations import load_rollups
from analytics.schema import OBJECT_COLUMNS, REPORTS, Origin
from analytics.sources.loading import Connection, by_shape, load_objects
from analytics.sources.options import SourceOptions
from analytics.sources.shapes import DataFile, dynamodb_shape
from analytics.sources.stored_statuses import tell_wrong_statuses
from thaw.store.jobs import list_jobs, read_job, read_possible_counters
from thaw.store.scan import scan_pages

_NAMES = [column.name for column in OBJECT_COLUMNS]


def open_live_tables(connection: Connection, folder: Path, options: SourceOptions) -> Source:
    """The tables as they are now, for the reports asked for; `folder` takes a copy of what is scanned.

    Raises JobNotFoundError, BadValueError.
    """
    if options.job_id is not None:
        read_job(options.clients.dynamodb(), options.rollups_table, options.job_id)
    scanned = needs_scan(options)
    counted = [name for name in options.reports if name not in scanned]
    origins: set[Origin] = set()
    if scanned:
        _scan(connection, folder, scanned, options)
        origins.add(Origin.OBJECTS)
    if counted:
        _read_counters(connection, options)
        origins.add(Origin.ROLLUPS)
    return Source(DuckDbEngine(connection), frozenset(origins))


def needs_scan(options: SourceOptions) -> list[str]:
    """The reports that the counters cannot tell, or not as of the time that is asked for."""
    return [name for name in options.reports if options.past or REPORTS[name].origins[0] is Origin.OBJECTS]


def _read_counters(connection: Connection, options: SourceOptions) -> None:
    client, table = options.clients.dynamodb(), options.rollups_table
    jobs = list_jobs(client, table) if options.job_id is None else [options.job_id]
    if not jobs:
        options.tell(f"No job is registered in {table}.")
    load_rollups(connection, (read_possible_counters(client, table, job, options.pause) for job in jobs))


def _scan(connection: Connection, folder: Path, reports: list[str], options: SourceOptions) -> None:
    """Copies the table into a file like those of an export, so that there is one way to read items."""
    options.tell(
        f"{', '.join(reports)}: reading all of {options.objects_table}"
        f"{', since counters do not tell the past' if options.past else ''}; about $0.03 per million objects."
    )
    path = folder / f"scan-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json.gz"
    with (
        gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as stream,
        options.counting("Reading objects") as count,
    ):
        for items in scan_pages(options.clients.dynamodb(), options.objects_table):
            for item in items:
                known = {name: item[name] for name in _NAMES if name in item}
                stream.write(json.dumps({"Item": known}, default=repr) + "\n")
            count(len(items))
    file = DataFile(f"Table {options.objects_table}", path)
    load_objects(connection, by_shape([file], lambda _: dynamodb_shape()))
    tell_wrong_statuses(connection, file.name, options.tell)
