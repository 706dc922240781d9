"""Files of object records, in Parquet, CSV or JSON, as the relation `objects`."""

from collections.abc import Callable, Sequence

from analytics.sources.errors import UnknownSourceError
from analytics.sources.loading import Connection, by_shape, check_no_duplicates, load_objects
from analytics.sources.places import Place
from analytics.sources.shapes import (
    DataFile,
    Shape,
    check_json_columns,
    csv_shape,
    json_shape,
    parquet_shape,
)

PARQUET = (".parquet",)
CSV = (".csv", ".csv.gz")
JSON = tuple(f".{name}{packed}" for name in ("json", "jsonl", "ndjson") for packed in ("", ".gz"))
EXTENSIONS = (*PARQUET, *CSV, *JSON)


def load_record_files(
    connection: Connection, place: Place, names: Sequence[str], source: str, tell: Callable[[str], None]
) -> None:
    """Makes `objects` of those files of `names` that hold records; `tell` says which others there are.

    Files whose names begin with `_` or `.` are nobody's data (`_SUCCESS`). Raises UnknownSourceError,
    MissingColumnError, BadValueError, UnreadableFileError, DuplicateObjectError.
    """
    seen = [name for name in names if name.rpartition("/")[2][0] not in "_."]
    chosen = [name for name in seen if name.endswith(EXTENSIONS)]
    if not chosen:
        raise UnknownSourceError(
            f"{source} has no file of object records: their names end in {', '.join(EXTENSIONS)}."
            f" It has {_some(seen) or 'nothing'}."
        )
    if len(chosen) < len(seen):
        tell(f"{source}: not read, because of their names: {_some(sorted(set(seen) - set(chosen)))}.")
    files = [place.fetch(name) for name in chosen]
    json_files = [file for file in files if file.path.name.endswith(JSON)]
    if json_files:
        check_json_columns(connection, json_files)
    load_objects(connection, by_shape(files, lambda file: _shape(connection, file)))
    check_no_duplicates(connection, source)


def _shape(connection: Connection, file: DataFile) -> Shape:
    if file.path.name.endswith(PARQUET):
        return parquet_shape(connection, file)
    return csv_shape(file) if file.path.name.endswith(CSV) else json_shape()


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
