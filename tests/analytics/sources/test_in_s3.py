"""The same sources in S3: one file, a prefix of files, an export; only what is needed is downloaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from analytics.sources.errors import BadValueError, UnknownSourceError
from analytics.sources.options import Clients
from tests.analytics.sources.records import ROWS, WRITERS, Asking, changed, csv_bytes, opened, rows_in, unused
from tests.analytics.sources.test_dynamodb_export import PARTS, export
from thaw.manifests.errors import OutputError, SettingsError, SourceError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        yield client


def asking(s3: "S3Client") -> Asking:
    return Asking(clients=Clients(unused, lambda: s3, unused))


def put(s3: "S3Client", key: str, content: bytes) -> None:
    s3.put_object(Bucket="lake", Key=key, Body=content)


@pytest.mark.parametrize("name", ["records.csv.gz", "records.json", "zoned.parquet"])
def test_a_file_in_s3_is_read_alone(tmp_path: Path, s3: "S3Client", name: str) -> None:
    WRITERS[name](tmp_path / name, ROWS)
    put(s3, f"july/{name}", (tmp_path / name).read_bytes())
    put(s3, "july/else.csv", b"no records")
    with opened(f"s3://lake/july/{name}", asking(s3)) as source:
        assert rows_in(source) == ROWS


@pytest.mark.parametrize("uri", ["s3://lake/july", "s3://lake/july/"])
def test_a_prefix_is_the_folder_of_that_name(s3: "S3Client", uri: str) -> None:
    put(s3, "july/", b"")
    put(s3, "july/deep/../a#1?.csv", csv_bytes(ROWS[:2]))
    put(s3, "july/same.csv", csv_bytes(ROWS[2:3]))
    put(s3, "july/deep/same.csv", csv_bytes(ROWS[3:]))
    put(s3, "july-old/same.csv", csv_bytes(ROWS))
    with opened(uri, asking(s3)) as source:
        assert rows_in(source) == ROWS


def test_a_whole_bucket_may_be_a_source(s3: "S3Client") -> None:
    put(s3, "a.csv", csv_bytes(ROWS))
    with opened("s3://lake", asking(s3)) as source:
        assert rows_in(source) == ROWS


@pytest.mark.parametrize("below", ["", "/AWSDynamoDB/01763700000000-a1b2c3d4/manifest-files.json"])
def test_an_export_in_s3_is_read_where_dynamodb_put_it(tmp_path: Path, s3: "S3Client", below: str) -> None:
    export(tmp_path, PARTS)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        put(s3, f"thaw/{path.relative_to(tmp_path).as_posix()}", path.read_bytes())
    with opened(f"s3://lake/thaw{below}", asking(s3)) as source:
        assert rows_in(source) == ROWS


def test_messages_name_the_object_not_its_copy(s3: "S3Client") -> None:
    put(s3, "july/r.csv", csv_bytes(changed(2, tier="BULK")))
    with (
        pytest.raises(BadValueError, match=r"^s3://lake/july/r\.csv, row 2: tier is 'BULK'"),
        opened("s3://lake/july", asking(s3)),
    ):
        pass


@pytest.mark.parametrize(
    ("uri", "error", "sentence"),
    [
        ("s3://", SettingsError, "names no bucket; write s3://bucket/key"),
        ("s3://gone/july", OutputError, "s3://gone/july/.* cannot be listed"),
        ("s3://lake/gone.csv", SourceError, "s3://lake/gone.csv cannot be read"),
        ("s3://lake/gone", UnknownSourceError, "s3://lake/gone has no file of object records"),
    ],
)
def test_what_is_not_in_s3_is_refused(
    s3: "S3Client", uri: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence), opened(uri, asking(s3)):
        pass
