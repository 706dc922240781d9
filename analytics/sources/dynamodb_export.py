"""A DynamoDB table's full export to S3, as DynamoDB writes it or copied to this machine.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

import json
from collections.abc import Sequence
from typing import Any

from analytics.sources.errors import IncompleteExportError, UnknownSourceError
from analytics.sources.loading import Connection, by_shape, load_objects
from analytics.sources.places import Place
from analytics.sources.shapes import dynamodb_shape

FILES = "manifest-files.json"
SUMMARY = "manifest-summary.json"
_ALL_EXPORTS = "AWSDynamoDB/"
_JSON, _INCREMENTAL = "DYNAMODB_JSON", "INCREMENTAL_EXPORT"


def find_export(names: Sequence[str], source: str) -> str | None:
    """The folder ("" or ending in "/") of the export among files with these names; None if there is none.

    Raises UnknownSourceError when there are several, IncompleteExportError when there is but a begun one.
    """
    exports = [name.removesuffix(FILES) for name in names if f"/{name}".endswith(f"/{FILES}")]
    if len(exports) > 1:
        raise UnknownSourceError(f"{source} has {len(exports)} exports; give one: {', '.join(exports[:5])}.")
    if not exports and any(f"/{_ALL_EXPORTS}" in f"/{name}" for name in names):
        raise IncompleteExportError(f"{source} is an export without {FILES}: is it finished?")
    return exports[0] if exports else None


def load_export(connection: Connection, place: Place, names: Sequence[str], folder: str) -> str:
    """Makes `objects` of an export's items, and tells the time of which they are ("" if it does not tell).

    Raises IncompleteExportError when a file or items are missing, or the export is not one of whole items;
    BadValueError, UnreadableFileError.
    """
    summary = _summary(place, folder, names)
    _check_kind(folder, summary)
    listed = _listed(place, folder)
    for name in listed:
        if name not in names:
            raise IncompleteExportError(f"{folder or 'The export'} lists {name}, which is not there.")
    with_items = [place.fetch(name) for name, count in listed.items() if count]
    shape = dynamodb_shape()
    found = load_objects(connection, by_shape(with_items, lambda _: shape))
    if found != sum(listed.values()):
        raise IncompleteExportError(
            f"{folder or 'The export'} lists {sum(listed.values()):,} items, and its files have {found:,}:"
            " copy it again."
        )
    return str(summary.get("exportTime", ""))


def _check_kind(folder: str, summary: dict[str, Any]) -> None:
    if summary.get("exportType") == _INCREMENTAL:
        raise IncompleteExportError(
            f"{folder or 'The export'} is incremental: it has only what changed. Make a full export."
        )
    output = summary.get("outputFormat", _JSON)
    if output != _JSON:
        raise IncompleteExportError(
            f"{folder or 'The export'} has the format {output}; Thaw reads {_JSON}: export again."
        )


def _listed(place: Place, folder: str) -> dict[str, int]:
    """Items by data file. Data files stand in data/ beside the manifest, wherever both were copied to."""
    try:
        return {
            f"{folder}data/{line['dataFileS3Key'].rpartition('/')[2]}": int(line["itemCount"])
            for line in _lines(place, folder + FILES)
        }
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise IncompleteExportError(f"{folder}{FILES} is no manifest of an export: {exc!r}.") from exc


def _summary(place: Place, folder: str, names: Sequence[str]) -> dict[str, Any]:
    if folder + SUMMARY not in names:
        return {}
    try:
        return dict(json.loads(place.fetch(folder + SUMMARY).path.read_text()))
    except (ValueError, TypeError) as exc:
        raise IncompleteExportError(f"{folder}{SUMMARY} is no summary of an export: {exc!r}.") from exc


def _lines(place: Place, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.fetch(name).path.read_text().splitlines() if line.strip()]
