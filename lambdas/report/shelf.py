"""The reports bucket as one deployment writes it: every run's own files, and the newest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from analytics.report_layout import Form, Home, dated_key, latest_key
from thaw.core.times import to_iso
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AS_OF, RUN = "as-of", "run"
"""Metadata of every file: the time of its figures, and the time that its run is for."""

_CONTENT_TYPES = {Form.CSV: "text/csv; charset=utf-8", Form.PARQUET: "application/vnd.apache.parquet"}


class Stored(NamedTuple):
    """A written report: its files, the figures' time, and how many rows it has."""

    report: str
    files: Mapping[Form, bytes]
    as_of: datetime
    rows: int


@dataclass(frozen=True)
class Shelf:
    """Where the files of the run for the time `at` go."""

    s3: "S3Client"
    bucket: str
    prefix: str
    home: Home
    at: datetime

    def dated_url(self, report: str, form: Form) -> str:
        """Where the run's own file is."""
        return self._url(dated_key(self.prefix, form, report, self.home, self.at))

    def latest_url(self, report: str, form: Form) -> str:
        """Where the newest file is."""
        return self._url(latest_key(self.prefix, form, report, self.home))

    def put_dated(self, stored: Stored) -> None:
        """Writes the run's own files, over those of an earlier try."""
        for form, content in stored.files.items():
            self._put(
                dated_key(self.prefix, form, stored.report, self.home, self.at), form, content, stored, {}
            )

    def put_latest(self, stored: Stored) -> bool:
        """Writes the newest files, unless those there are newer: runs may end in another order than begun.

        Tells whether both were written. Raises ClientError where another run writes at the same moment.
        """
        written = [
            self._replace(latest_key(self.prefix, form, stored.report, self.home), form, content, stored)
            for form, content in stored.files.items()
        ]
        return all(written)

    def _replace(self, key: str, form: Form, content: bytes, stored: Stored) -> bool:
        try:
            held = self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as exc:
            if error_code(exc) not in ("404", "NoSuchKey"):
                raise
            condition = {"IfNoneMatch": "*"}
        else:
            if held["Metadata"].get(AS_OF, "") > to_iso(stored.as_of):
                return False
            condition = {"IfMatch": held["ETag"]}
        self._put(key, form, content, stored, condition)
        return True

    def _put(
        self, key: str, form: Form, content: bytes, stored: Stored, condition: Mapping[str, Any]
    ) -> None:
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=content,
            ContentType=_CONTENT_TYPES[form],
            Metadata={AS_OF: to_iso(stored.as_of), RUN: to_iso(self.at)},
            **condition,
        )

    def _url(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"
