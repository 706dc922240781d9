"""Object records into the relation `objects` of a DuckDB database: read once, checked, or refused by row."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics.errors import QueryError
from analytics.schema import OBJECT_COLUMNS
from analytics.sources.errors import BadValueError, DuplicateObjectError, UnknownJobError
from analytics.sources.shapes import DataFile, Shape, unreadable
from thaw.duckdb_sessions import quiet
from thaw.manifests.engine import cores

Connection = duckdb.DuckDBPyConnection
Groups = Mapping[Shape, Sequence[DataFile]]

_COLUMNS = ", ".join(column.name for column in OBJECT_COLUMNS)
_NO_RECORDS = "SELECT {}, CAST(NULL AS INTEGER) AS broken WHERE false".format(
    ", ".join(f"CAST(NULL AS {column.kind}) AS {column.name}" for column in OBJECT_COLUMNS)
)
_IDENTITY = "job_id, bucket, key, version_id"
_HASH = f"hash({_IDENTITY})"
_SEEN_AND_DISTINCT = f"SELECT count(*), count(DISTINCT {_HASH}) FROM objects"  # noqa: S608 - columns
"""Hashes may collide, so that a difference proves nothing yet."""

_DOUBTFUL = f"SELECT {_HASH} FROM objects GROUP BY ALL HAVING count(*) > 1"  # noqa: S608 - columns
_TWICE = f"""
SELECT {_IDENTITY}, count(*) FROM objects WHERE {_HASH} IN ({_DOUBTFUL})
GROUP BY {_IDENTITY} HAVING count(*) > 1 ORDER BY {_IDENTITY}"""  # noqa: S608 - columns
_SHOWN_VALUE = 60
_SHOWN_JOBS = 5


@contextmanager
def database(folder: Path, memory_bytes: int) -> Generator[Connection]:
    """A database in `folder` that goes to disk beyond `memory_bytes`; its session's time is UTC."""
    connection = duckdb.connect(
        folder / "source.duckdb",
        config={
            "threads": cores(),
            "memory_limit": f"{memory_bytes}B",
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        quiet(connection).execute("SET GLOBAL TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def by_shape(files: Iterable[DataFile], shape_of: Callable[[DataFile], Shape]) -> Groups:
    """The files that can be read in one go."""
    groups: defaultdict[Shape, list[DataFile]] = defaultdict(list)
    for file in files:
        groups[shape_of(file)].append(file)
    return groups


def load_objects(connection: Connection, groups: Groups) -> int:
    """Makes `objects` of the files and tells how many records it has.

    Files that can be read again and again (Parquet) are left where they are; all others are read once, into
    the database. Raises BadValueError for the first row that breaks a rule, UnreadableFileError, QueryError.
    """
    stored = all(shape.stored for shape in groups)
    selects = [shape.typed(shape.rows(file.path for file in files)) for shape, files in groups.items()]
    rows = " UNION ALL ".join(selects) or _NO_RECORDS
    try:
        connection.execute(f"CREATE {'VIEW' if stored else 'TABLE'} checked AS {rows}")
        (count, broken) = _only(connection, "SELECT count(*), count(broken) FROM checked")
    except duckdb.Error as exc:
        raise _which_is_unreadable(connection, groups, exc) from exc
    if broken:
        raise _first_bad_value(connection, groups)
    connection.execute(f"CREATE VIEW objects AS SELECT {_COLUMNS} FROM checked")  # noqa: S608 - columns
    return count


def check_no_duplicates(connection: Connection, source: str) -> None:
    """Raises DuplicateObjectError when an object version of a job is in `objects` more than once."""
    seen, distinct = _only(connection, _SEEN_AND_DISTINCT)
    if seen == distinct:
        return
    twice = connection.execute(_TWICE).fetchall()
    if twice:
        job_id, bucket, key, version_id, times = twice[0]
        others = f", and {len(twice) - 1:,} more object versions more than once" if len(twice) > 1 else ""
        raise DuplicateObjectError(
            f"{source} holds {bucket}/{key!r} (version {version_id}) of job {job_id} {times} times{others}:"
            " it would be counted as often. Give one snapshot, or remove the duplicates."
        )


def check_job(connection: Connection, job_id: str | None, source: str) -> None:
    """Raises UnknownJobError when `objects` has none of the job asked for."""
    if job_id is None:
        return
    jobs = [str(row[0]) for row in connection.execute("SELECT DISTINCT job_id FROM objects").fetchall()]
    if job_id not in jobs:
        some = ", ".join(sorted(jobs)[:_SHOWN_JOBS]) + (", ..." if len(jobs) > _SHOWN_JOBS else "")
        raise UnknownJobError(f"{source} has no object of job {job_id!r}; it has {some or 'no job at all'}.")


def _first_bad_value(connection: Connection, groups: Groups) -> BadValueError:
    for shape, file in _files(groups):
        numbered = f"SELECT row_number() OVER () AS row_number, * FROM {shape.rows([file.path])}"  # noqa: S608 - files
        select = shape.typed(f"({numbered})", "row_number", f"{shape.shown()} AS shown")
        first = "WHERE broken IS NOT NULL ORDER BY row_number LIMIT 1"
        found = connection.execute(f"SELECT row_number, broken, shown[broken + 1] FROM ({select}) {first}")  # noqa: S608 - ours
        for row, number, shown in found.fetchall():
            rule = shape.rules()[int(number)]
            value = "empty" if shown in (None, "") else repr(shown)[:_SHOWN_VALUE]
            return BadValueError(f"{file.name}, row {row:,}: {rule.column} is {value}; {rule.wanted}.")
    raise AssertionError("a row that breaks a rule is in one of the files")


def _which_is_unreadable(connection: Connection, groups: Groups, exc: duckdb.Error) -> Exception:
    """The error of the first file that cannot be read alone; else the one that there was."""
    if isinstance(exc, duckdb.OutOfMemoryException):
        return QueryError(f"The records do not fit into memory; allow more with --memory-limit-mb: {exc}")
    for shape, file in _files(groups):
        try:
            _only(connection, f"SELECT count(*), count(broken) FROM ({shape.typed(shape.rows([file.path]))})")  # noqa: S608 - ours
        except duckdb.Error as alone:
            return unreadable(file.name, alone)
    return unreadable("The source", exc)


def _files(groups: Groups) -> list[tuple[Shape, DataFile]]:
    return [(shape, file) for shape, files in groups.items() for file in files]


def _only(connection: Connection, sql: str) -> tuple[int, int]:
    row = connection.execute(sql).fetchone()
    if row is None:
        raise AssertionError("an aggregate has a row")
    return row
