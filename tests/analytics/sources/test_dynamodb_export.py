"""DynamoDB exports, in the shape in which the service writes them."""

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from analytics.sources.errors import (
    BadValueError,
    IncompleteExportError,
    ReportSourceError,
    UnknownSourceError,
)
from analytics.sources.shapes import UNREAD
from tests.analytics.sources.records import RECORDS, ROWS, Asking, opened, rows_in
from tests.store.tables import item_of

ID = "01763700000000-a1b2c3d4"
HOME = f"AWSDynamoDB/{ID}"
SUMMARY = {
    "version": "2020-06-30",
    "exportArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/thaw-objects/export/{ID}",
    "startTime": "2026-11-21T04:28:34.028Z",
    "endTime": "2026-11-21T04:33:43.897Z",
    "tableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/thaw-objects",
    "tableId": "12345a12-abcd-123a-ab12-1234abc12345",
    "exportTime": "2026-11-21T04:28:34.028Z",
    "s3Bucket": "exports",
    "s3Prefix": "thaw",
    "s3SseAlgorithm": "AES256",
    "s3SseKmsKeyId": None,
    "manifestFilesS3Key": f"thaw/AWSDynamoDB/{ID}/manifest-files.json",
    "billedSizeBytes": 0,
    "itemCount": len(RECORDS),
    "outputFormat": "DYNAMODB_JSON",
    "exportType": "FULL_EXPORT",
}
"""As in https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html"""

ITEMS = [item_of(one) for one in RECORDS]


def export(folder: Path, parts: Sequence[Sequence[Mapping[str, Any]]], **summary: Any) -> Path:
    """An export of items, a data file each part, below `folder`; its own folder."""
    home = folder / "AWSDynamoDB" / ID
    (home / "data").mkdir(parents=True)
    (home / "_started").touch()
    lines: list[dict[str, Any]] = []
    for number, items in enumerate(parts):
        name = f"bafybeiczss3yxay3o4abnabb{number}.json.gz"
        text = "".join(json.dumps({"Item": item}, ensure_ascii=False) + "\n" for item in items)
        (home / "data" / name).write_bytes(gzip.compress(text.encode()))
        lines.append(
            {
                "itemCount": len(items),
                "md5Checksum": "sQMSpEILNgoQmarvDFonGQ==",
                "etag": "af83d6f217c19b8b0fff8023d8ca4716-1",
                "dataFileS3Key": f"thaw/AWSDynamoDB/{ID}/data/{name}",
            }
        )
    (home / "manifest-files.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home / "manifest-files.checksum").write_text("x")
    (home / "manifest-summary.json").write_text(json.dumps(SUMMARY | summary))
    (home / "manifest-summary.checksum").write_text("x")
    return home


PARTS = [ITEMS[:2], [], ITEMS[2:]]


@pytest.mark.parametrize(
    "below",
    ["", "AWSDynamoDB", HOME, f"{HOME}/manifest-files.json", f"{HOME}/manifest-summary.json"],
)
def test_an_export_gives_its_items_however_it_is_named(tmp_path: Path, below: str) -> None:
    export(tmp_path, PARTS)
    asking = Asking()
    with opened(tmp_path / below, asking) as source:
        assert rows_in(source) == ROWS
    assert [sentence.partition(" is ")[2] for sentence in asking.told] == [
        "an export of 2026-11-21T04:28:34.028Z: what happened later is not in it."
    ]


def test_an_export_of_an_empty_table_is_a_source_without_objects(tmp_path: Path) -> None:
    export(tmp_path, [[], []])
    with opened(tmp_path) as source:
        assert rows_in(source) == []


def test_an_attribute_that_is_null_is_as_one_that_is_absent(tmp_path: Path) -> None:
    export(
        tmp_path,
        [[ITEMS[1] | {"tier": {"NULL": True}, "size_bytes": {"NULL": True}, "revision": {"N": "3"}}]],
    )
    with opened(tmp_path) as source:
        assert rows_in(source) == [ROWS[1] | {"tier": None, "size_bytes": None}]


def test_what_a_record_has_for_its_writers_alone_is_not_read(tmp_path: Path) -> None:
    former = {"S": '{"june":[7,"GLACIER","Bulk",["2026-11-21T03:00:00.000Z"]]}'}
    writers = {"revision": {"N": "3"}, "run": {"N": "2"}, "since": {"S": "yesterday"}, "former": former}
    assert writers.keys() < UNREAD
    export(tmp_path, [[ITEMS[1] | writers]])
    with opened(tmp_path) as source:
        assert rows_in(source) == [ROWS[1]]


@pytest.mark.parametrize(
    ("attribute", "value", "sentence"),
    [
        ("job_id", {"N": "7"}, """job_id is '{"N":"7"}'; it must be text"""),
        ("size_bytes", {"S": "7"}, """size_bytes is '{"S":"7"}'; it must be a whole number"""),
        ("size_bytes", {"N": "7.5"}, "size_bytes is '7.5'; it must be a whole number"),
        ("copied_at", {"S": "soon"}, "copied_at is 'soon'; it must be a time like"),
        ("tier", {"S": "BULK"}, "tier is 'BULK'; S3 has"),
        ("status", {"S": "DONE"}, "status is 'DONE'; Thaw has"),
    ],
)
def test_an_item_that_is_no_record_is_refused_by_file_and_row(
    tmp_path: Path, attribute: str, value: dict[str, str], sentence: str
) -> None:
    home = export(tmp_path, [ITEMS[:1], [ITEMS[1], ITEMS[2] | {attribute: value}]])
    expected = f"{home}/data/bafybeiczss3yxay3o4abnabb1.json.gz, row 2: {sentence}"
    with pytest.raises(BadValueError, match=re.escape(expected)), opened(tmp_path):
        pass


def remove_data(home: Path) -> None:
    next((home / "data").iterdir()).unlink()


def cut_data(home: Path) -> None:
    name = home / "data" / "bafybeiczss3yxay3o4abnabb0.json.gz"
    name.write_bytes(gzip.compress((json.dumps({"Item": ITEMS[0]}) + "\n").encode()))


def remove_manifest(home: Path) -> None:
    (home / "manifest-files.json").unlink()


def break_manifest(home: Path) -> None:
    (home / "manifest-files.json").write_text('{"itemCount": 3}\n')


def break_summary(home: Path) -> None:
    (home / "manifest-summary.json").write_text("soon")


def make_incremental(home: Path) -> None:
    (home / "manifest-summary.json").write_text(json.dumps(SUMMARY | {"exportType": "INCREMENTAL_EXPORT"}))


def make_ion(home: Path) -> None:
    (home / "manifest-summary.json").write_text(json.dumps(SUMMARY | {"outputFormat": "ION"}))


def make_second(home: Path) -> None:
    export(home.parents[1] / "another", PARTS)


@pytest.mark.parametrize(
    ("damage", "error", "sentence"),
    [
        (
            remove_data,
            IncompleteExportError,
            r"lists AWSDynamoDB/.*/data/bafy.*\.json\.gz, which is not there",
        ),
        (cut_data, IncompleteExportError, "lists 5 items, and its files have 4: copy it again"),
        (remove_manifest, IncompleteExportError, "is an export without manifest-files.json: is it finished"),
        (break_manifest, IncompleteExportError, "manifest-files.json is no manifest of an export"),
        (break_summary, IncompleteExportError, "manifest-summary.json is no summary of an export"),
        (make_incremental, IncompleteExportError, "is incremental: it has only what changed. Make a full"),
        (make_ion, IncompleteExportError, "has the format ION; Thaw reads DYNAMODB_JSON: export again"),
        (make_second, UnknownSourceError, "has 2 exports; give one: AWSDynamoDB/.*, another/AWSDynamoDB/"),
    ],
)
def test_an_export_that_is_not_whole_is_refused(
    tmp_path: Path, damage: Any, error: type[ReportSourceError], sentence: str
) -> None:
    damage(export(tmp_path, PARTS))
    with pytest.raises(error, match=sentence), opened(tmp_path):
        pass
