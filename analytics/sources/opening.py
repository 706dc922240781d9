"""From what a person names as a source to what the reports can be run on."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from analytics.engines import AthenaEngine, DuckDbEngine
from analytics.reports import Source
from analytics.schema import Origin
from analytics.sources.dynamodb_export import FILES, SUMMARY, find_export, load_export
from analytics.sources.errors import SourceOptionError, UnknownSourceError
from analytics.sources.fleet import Fleet, is_fleet, read_fleet
from analytics.sources.live_tables import open_live_tables
from analytics.sources.loading import Connection, check_job, database
from analytics.sources.options import SourceOptions
from analytics.sources.places import Chosen, choose
from analytics.sources.record_files import EXTENSIONS, load_record_files
from analytics.sources.stored_statuses import tell_wrong_statuses
from analytics.statements import Times
from thaw.manifests.s3 import SCHEME

LIVE, ATHENA = "dynamodb", "athena"


@contextmanager
def open_source(source: str, options: SourceOptions) -> Generator[Source | Fleet]:
    """What `source` means: `dynamodb`, `athena`, or a path or s3:// URI of object records, of a DynamoDB
    export, or of the reports of a fleet, which are made already.

    Raises the errors of analytics.sources.errors; JobNotFoundError; thaw.manifests.errors for S3.
    """
    if source == ATHENA:
        place = options.athena.checked()
        yield Source(AthenaEngine(options.clients.athena(*place)), frozenset({Origin.OBJECTS}), Times.TEXT)
        return
    with tempfile.TemporaryDirectory(prefix="thaw-report-") as name:
        folder = Path(name)
        with database(folder, options.memory_bytes) as connection:
            if source == LIVE:
                yield open_live_tables(connection, folder, options)
            else:
                yield _open_files(connection, folder, source, options)


def _open_files(connection: Connection, folder: Path, source: str, options: SourceOptions) -> Source | Fleet:
    if not source:
        raise UnknownSourceError("--source is empty; name a file or folder of object records, or `dynamodb`.")
    s3 = options.clients.s3() if source.startswith(SCHEME) else None
    chosen = choose(source, s3, folder, (*EXTENSIONS, FILES, SUMMARY))
    if not chosen.file and is_fleet(chosen.place):
        if options.making:
            raise SourceOptionError(
                f"{source} holds finished reports, which {', '.join(options.making)} cannot change: leave it"
                " out, or give a source of object records."
            )
        return read_fleet(chosen.place, options.reports, options.job_id, source)
    _load(connection, chosen, source, options)
    tell_wrong_statuses(connection, source, options.tell)
    check_job(connection, options.job_id, source)
    return Source(DuckDbEngine(connection), frozenset({Origin.OBJECTS}))


def _load(connection: Connection, chosen: Chosen, source: str, options: SourceOptions) -> None:
    """Makes `objects` of an export or of files of records."""
    place, file = chosen
    of_export = file in (FILES, SUMMARY)
    names = place.names() if of_export or not file else [file]
    export = "" if of_export else find_export(names, source)
    if export is None:
        load_record_files(connection, place, names, source, options.tell)
        return
    exported = load_export(connection, place, names, export)
    if exported:
        options.tell(f"{source} is an export of {exported}: what happened later is not in it.")
