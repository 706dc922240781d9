"""A job's failures/ files: the restore requests that S3 refused, a JSON object a line, and their sum."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from thaw.core import job_files
from thaw.core.job_states import JobState
from thaw.jobs.changes import refuse_cancelled
from thaw.manifests.s3 import S3Uri, list_keys, read_object
from thaw.store.job_states import JobStates

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class RefusedRequest(NamedTuple):
    """One refusal, in S3's words, at a fixed-width ISO-8601 time."""

    key: str
    version_id: str
    error_code: str
    error_message: str
    at: str


def write_refused(
    s3: "S3Client", jobs_bucket: str, job_id: str, part: str, start: int, refused: Iterable[RefusedRequest]
) -> None:
    """Writes what was refused of a part (the key of its requests/ file) from its line `start` on.

    An empty file is written too, so that what an earlier try of the same lines left is gone.
    """
    name = f"{PurePosixPath(part).stem}-{start:07}.jsonl"
    s3.put_object(
        Bucket=jobs_bucket,
        Key=job_files.failures_folder(job_id) + name,
        Body=b"".join(json.dumps(each._asdict()).encode() + b"\n" for each in refused),
    )


def finish_requests(states: JobStates, s3: "S3Client", jobs_bucket: str, job_id: str) -> JobState:
    """Notes that every part of the job was requested, and how many requests were refused. Raises
    CancelledError, OutputError, SourceError."""
    folder = S3Uri(jobs_bucket, job_files.failures_folder(job_id))
    refused = sum(
        read_object(s3, S3Uri(jobs_bucket, key)).count(b"\n") for key in sorted(list_keys(s3, folder))
    )

    def finish(state: JobState) -> JobState:
        refuse_cancelled(state)
        return replace(state, requested=True, requests_refused=refused)

    return states.update(job_id, finish)
