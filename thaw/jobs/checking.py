"""A request for a job, held against the stack's rules and its manifest before anything is begun."""

from dataclasses import replace
from typing import TYPE_CHECKING

from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_request_rules import check_job_request, check_manifest_bucket
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import JobRules
from thaw.jobs.manifest_head import named_bucket
from thaw.manifests.s3 import parse_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def checked_request(s3: "S3Client", request: JobRequest, rules: JobRules) -> JobRequest:
    """`request`, with the bucket that its manifest names. Raises JobRefusedError (422).

    Reads the beginning of the manifest, nothing else: what its rows hold is found by the workflow.
    """
    if request.manifest:
        request = replace(request, bucket=_manifest_bucket(s3, request, rules))
    check_job_request(request, rules)
    return request


def _manifest_bucket(s3: "S3Client", request: JobRequest, rules: JobRules) -> str:
    place = parse_uri(request.manifest)
    check_manifest_bucket(place.bucket, rules)
    named = named_bucket(s3, place.bucket, place.key)
    if request.bucket and named != request.bucket:
        raise JobRefusedError(
            f"The manifest {place} names objects of bucket {named}, not of {request.bucket}."
        )
    return named
