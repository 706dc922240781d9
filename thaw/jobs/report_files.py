"""One CSV file of a completion report in the jobs bucket: whole, and as what its manifest lists."""

import csv
import hashlib
import io
from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, cast

from thaw.core.batch_report import ReportPart
from thaw.jobs.errors import ReportPartError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_READ_BYTES = 2**20


def check_part(s3: "S3Client", part: ReportPart) -> None:
    """Raises ReportPartError where the file's MD5 is not the one listed."""
    digest = hashlib.md5(usedforsecurity=False)
    for piece in _body(s3, part).iter_chunks(_READ_BYTES):
        digest.update(piece)
    if digest.hexdigest() != part.md5.lower():
        raise ReportPartError(
            f"{part.bucket}/{part.key} has the MD5 {digest.hexdigest()}, and the completion report lists it"
            f" with {part.md5}: somebody changed it, or it is not whole."
        )


def part_rows(s3: "S3Client", part: ReportPart, start: int) -> Iterator[list[str]]:
    """The file's records from number `start` on, as its CSV has them; a message may have several lines."""
    body = cast("IO[bytes]", _body(s3, part))
    text = io.TextIOWrapper(body, "utf-8", errors="replace", newline="")
    return islice(filter(None, csv.reader(text)), start, None)


def _body(s3: "S3Client", part: ReportPart) -> "StreamingBody":
    return s3.get_object(Bucket=part.bucket, Key=part.key)["Body"]
