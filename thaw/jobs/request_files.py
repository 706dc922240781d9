"""A job's requests/ files in the jobs bucket: which there are, and what they hold."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from thaw.core import job_files
from thaw.jobs.request_lines import RequestLine, from_lines
from thaw.manifests.s3 import S3Uri, list_keys, read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def request_keys(s3: "S3Client", jobs_bucket: str, job_id: str) -> list[str]:
    """The keys of the files, sorted. Raises OutputError."""
    return sorted(list_keys(s3, S3Uri(jobs_bucket, job_files.requests_folder(job_id))))


def request_lines(s3: "S3Client", jobs_bucket: str, key: str) -> Iterator[RequestLine]:
    """What one file holds. Raises SourceError, RequestLineError."""
    uri = S3Uri(jobs_bucket, key)
    return from_lines(read_object(s3, uri), str(uri))
