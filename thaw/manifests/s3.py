"""The few things manifest preparation does with S3, each with an error that names the object."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from thaw.manifests.errors import OutputError, SettingsError, SourceError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"

_FAILURES = (Boto3Error, BotoCoreError, ClientError)

_DELETE_LIMIT = 1000
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html"""


class S3Uri(NamedTuple):
    """An object, or a prefix, in S3."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"


def parse_uri(text: str) -> S3Uri:
    """`s3://bucket/key` taken apart. Raises SettingsError when there is no bucket."""
    bucket, _, key = text.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise SettingsError(f"{text!r} names no bucket; write s3://bucket/key.")
    return S3Uri(bucket, key)


def read_object(s3: "S3Client", uri: S3Uri) -> bytes:
    """The whole of a small object. Raises SourceError."""
    try:
        return s3.get_object(Bucket=uri.bucket, Key=uri.key)["Body"].read()
    except _FAILURES as exc:
        raise SourceError(f"{uri} cannot be read: {exc}") from exc


def download(s3: "S3Client", uri: S3Uri, path: Path) -> None:
    """An object of any size into a file. Raises SourceError."""
    try:
        s3.download_file(uri.bucket, uri.key, str(path))
    except _FAILURES as exc:
        raise SourceError(f"{uri} cannot be read: {exc}") from exc


def upload(s3: "S3Client", path: Path, uri: S3Uri) -> None:
    """A file of any size into an object. Raises OutputError."""
    try:
        s3.upload_file(str(path), uri.bucket, uri.key)
    except _FAILURES as exc:
        raise OutputError(f"{uri} cannot be written: {exc}") from exc


def list_keys(s3: "S3Client", prefix: S3Uri) -> Iterator[str]:
    """Every key under a prefix. Raises OutputError."""
    pages = s3.get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=prefix.bucket, Prefix=prefix.key):
            for item in page.get("Contents", ()):
                yield item.get("Key", "")
    except _FAILURES as exc:
        raise OutputError(f"{prefix} cannot be listed: {exc}") from exc


def delete(s3: "S3Client", bucket: str, keys: Sequence[str]) -> None:
    """Objects of a bucket, by key. Raises OutputError when one of them stays."""
    for start in range(0, len(keys), _DELETE_LIMIT):
        some = keys[start : start + _DELETE_LIMIT]
        try:
            answer = s3.delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
            )
        except _FAILURES as exc:
            raise OutputError(f"Objects of {SCHEME}{bucket} cannot be deleted: {exc}") from exc
        for error in answer.get("Errors", ()):
            raise OutputError(
                f"{SCHEME}{bucket}/{error.get('Key')} cannot be deleted: {error.get('Message')}"
            )
