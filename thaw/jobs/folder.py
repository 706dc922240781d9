"""The folder of one job in the jobs bucket, as its preparation reads and writes it."""

from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.manifests.s3 import S3Uri, delete, list_keys, upload
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class JobFolder:
    """Files by their whole keys (`thaw.core.job_files`) in `bucket`.

    Raises ClientError, and OutputError for what cannot be listed, deleted or uploaded.
    """

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def find(self, key: str) -> bytes | None:
        """The content of a small file, None if there is none."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as exc:
            if error_code(exc) == "NoSuchKey":
                return None
            raise

    def read(self, key: str) -> bytes:
        """The content of a small file that is there."""
        return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def write(self, key: str, content: bytes) -> None:
        """A small file, new or in place of the one that was there."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=content)

    def upload(self, path: Path, key: str) -> None:
        """A file of any size."""
        upload(self._s3, path, S3Uri(self._bucket, key))

    def empty(self, prefix: str, but_before: str = "") -> None:
        """Removes all files whose keys begin so, but for keys before `but_before`."""
        keys = [key for key in list_keys(self._s3, S3Uri(self._bucket, prefix)) if key >= but_before]
        delete(self._s3, self._bucket, keys)
