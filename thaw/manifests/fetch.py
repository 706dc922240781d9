"""A data file as a file on this machine, its checksum verified."""

import hashlib
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.manifests.errors import ChecksumError, SourceError
from thaw.manifests.s3 import S3Uri, download
from thaw.manifests.sources import DataFile, client_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@contextmanager
def fetched(file: DataFile, s3: "S3Client | None", work: Path) -> Generator[Path]:
    """The local path of `file`; what is in S3 is in `work` meanwhile. Raises SourceError, ChecksumError."""
    if not isinstance(file.location, S3Uri):
        yield _verified(file, file.location)
        return
    with tempfile.TemporaryDirectory(dir=work) as folder:
        path = Path(folder) / "data"
        download(client_for(s3, file.location), file.location, path)
        yield _verified(file, path)


def _verified(file: DataFile, path: Path) -> Path:
    try:
        with path.open("rb") as stream:
            if not file.md5:
                return path
            found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as exc:
        raise SourceError(f"{file.name} cannot be read: {exc.strerror}.") from exc
    if found != file.md5:
        raise ChecksumError(
            f"{file.name} has MD5 {found}, but its inventory lists {file.md5}: it is damaged, incomplete,"
            " or of another inventory; fetch it again."
        )
    return path
