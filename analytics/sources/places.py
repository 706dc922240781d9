"""Files behind a path or an s3:// URI, seen alike: their names, and each of them on this machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from analytics.sources.errors import UnknownSourceError
from analytics.sources.shapes import DataFile
from thaw.manifests.s3 import SCHEME, S3Uri, download, list_keys, parse_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Place(Protocol):
    """A folder, on this machine or in S3."""

    def names(self, below: str = "") -> list[str]:
        """The paths of all files whose path begins with `below`, relative to the folder, sorted."""
        ...

    def fetch(self, name: str) -> DataFile:
        """A file by its path. What is in S3 is downloaded."""
        ...


class LocalPlace:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, below: str = "") -> list[str]:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        names = (path.relative_to(self._folder).as_posix() for path in files)
        return sorted(name for name in names if name.startswith(below))

    def fetch(self, name: str) -> DataFile:
        path = self._folder / name
        return DataFile(str(path), path)


class S3Place:
    """What is below a prefix; files are downloaded into `work` under names of our own."""

    def __init__(self, s3: "S3Client", prefix: S3Uri, work: Path) -> None:
        self._s3 = s3
        self._prefix = prefix
        self._work = work
        self._fetched = 0

    def names(self, below: str = "") -> list[str]:
        bucket, prefix = self._prefix
        keys = list_keys(self._s3, S3Uri(bucket, prefix + below))
        return sorted(key.removeprefix(prefix) for key in keys if not key.endswith("/"))

    def fetch(self, name: str) -> DataFile:
        uri = S3Uri(self._prefix.bucket, self._prefix.key + name)
        self._fetched += 1
        suffixes = "".join(Path(name).suffixes[-2:])
        path = self._work / f"{self._fetched:06d}{suffixes}"
        download(self._s3, uri, path)
        return DataFile(str(uri), path)


class Chosen(NamedTuple):
    """What a path or URI means: a place, and the one file there that it names, or "" for all of them."""

    place: Place
    file: str


def choose(source: str, s3: "S3Client | None", work: Path, extensions: Sequence[str]) -> Chosen:
    """The place of `source`. In S3 a URI that ends in one of `extensions` is a file, any other a folder.

    `s3` is asked for only by s3:// URIs. Raises UnknownSourceError, SettingsError.
    """
    if not source.startswith(SCHEME):
        return _local(Path(source))
    if s3 is None:
        raise UnknownSourceError(f"{source} is in S3, and no S3 client was given.")
    uri = parse_uri(source)
    if uri.key.endswith(tuple(extensions)):
        folder, _, file = uri.key.rpartition("/")
        return Chosen(S3Place(s3, _folder(uri.bucket, folder), work), file)
    return Chosen(S3Place(s3, _folder(uri.bucket, uri.key), work), "")


def _local(path: Path) -> Chosen:
    if path.is_dir():
        return Chosen(LocalPlace(path), "")
    if path.is_file():
        return Chosen(LocalPlace(path.parent), path.name)
    raise UnknownSourceError(
        f"{path} does not exist. A source is a file or folder of object records, a DynamoDB export,"
        " s3://bucket/prefix of one of them, `dynamodb` or `athena`."
    )


def _folder(bucket: str, key: str) -> S3Uri:
    return S3Uri(bucket, f"{key.rstrip('/')}/" if key.strip("/") else "")
