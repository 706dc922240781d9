"""From JSON to a request for a job: every field's type and bounds; what rules allow is judged elsewhere."""

from collections.abc import Mapping
from typing import NamedTuple

from thaw.core.job_request_errors import BAD_REQUEST, JobRefusedError
from thaw.core.job_request_fields import (
    FILTERS,
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_RULE,
    INTELLIGENT_TIERING,
    bucket_of,
    client_tag_of,
    copy_of,
    job_id_of,
    key_of,
    selection_of,
)
from thaw.core.job_requests import JobRequest, Selection, Way
from thaw.core.request_fields import Fields

API_TIERS: Mapping[str, str] = {"STANDARD": "Standard", "BULK": "Bulk", "EXPEDITED": "Expedited"}
"""The tier as S3 Batch Operations and callers spell it, and as records do."""

MAX_DAYS = 36_500
USUAL_DAYS = 7
"""How long the state machine `restore-bucket` keeps temporary copies if its input does not say."""

MAX_TIMEOUT_HOURS = 8_760

API_WAYS = (Way.BATCH_OPERATIONS, Way.REQUESTS)
"""Of jobs of S3 objects; archives of vaults have a request of their own."""

_SHARED = ("client_tag", "copy", "dry_run", "job_id", "max_uncopied_bytes", "timeout_hours")
API_FIELDS = (
    *("bucket", "key", "source_bucket", "prefix", "tier", "expiration_days", "way"),
    *("again", "idempotency_key"),
    *FILTERS,
    *_SHARED,
)
BUCKET_FIELDS = ("bucket_name", "prefix", "tier", "days", *FILTERS, *_SHARED)


class Asked(NamedTuple):
    """A request as parsed, and the job id it names ("": none).

    With a manifest, `request.bucket` is the `source_bucket` ("" where the manifest is to tell).
    """

    request: JobRequest
    job_id: str
    again: bool = False
    """The next run of the ended job of this id is asked for."""


def parse_job_request(body: object) -> Asked:
    """What the JSON of `POST /create-job` asks for. Raises JobRefusedError (400)."""
    fields = Fields(body, "The request", API_FIELDS)
    if "job_id" in fields and "idempotency_key" in fields:
        raise JobRefusedError(
            "Give job_id or idempotency_key, not both: a job's id is used once.", BAD_REQUEST
        )
    again = fields.flag("again", default=False)
    if "again" in fields and "job_id" not in fields:
        raise JobRefusedError("again needs the job_id of the job that is to run again.", BAD_REQUEST)
    request = JobRequest(
        bucket=_archive_bucket(fields),
        tier=API_TIERS[fields.choice("tier", API_TIERS)],
        way=Way(fields.choice("way", API_WAYS, Way.BATCH_OPERATIONS)),
        manifest=_manifest(fields),
        selection=None if "key" in fields else selection_of(fields),
        expiration_days=fields.number("expiration_days", 1, MAX_DAYS),
        copy=copy_of(fields),
        client_tag=client_tag_of(fields),
        idempotency_key=fields.text("idempotency_key", "", pattern=IDEMPOTENCY_KEY, rule=IDEMPOTENCY_RULE),
        dry_run=fields.flag("dry_run", default=False),
        timeout_hours=fields.number("timeout_hours", 1, MAX_TIMEOUT_HOURS),
        max_uncopied_bytes=fields.number("max_uncopied_bytes", 0),
    )
    return Asked(request, job_id_of(fields), again)


def parse_restore_bucket(body: object) -> Asked:
    """What the input of the state machine `restore-bucket` asks for. Raises JobRefusedError (400)."""
    fields = Fields(body, "The input", BUCKET_FIELDS)
    tiers = {**API_TIERS, **{tier: tier for tier in API_TIERS.values()}}
    selection = selection_of(fields)
    request = JobRequest(
        bucket=bucket_of(fields, "bucket_name"),
        tier=tiers[fields.choice("tier", tiers, "Bulk")],
        way=Way.REQUESTS,
        selection=selection,
        expiration_days=fields.number("days", 1, MAX_DAYS) or _usual_days(selection),
        copy=copy_of(fields),
        client_tag=client_tag_of(fields),
        dry_run=fields.flag("dry_run", default=False),
        timeout_hours=fields.number("timeout_hours", 1, MAX_TIMEOUT_HOURS),
        max_uncopied_bytes=fields.number("max_uncopied_bytes", 0),
    )
    return Asked(request, job_id_of(fields))


def _archive_bucket(fields: Fields) -> str:
    bucket = bucket_of(fields, "bucket")
    if "key" not in fields and "source_bucket" in fields:
        raise JobRefusedError(
            "source_bucket goes with key, where bucket holds the manifest; with prefix, bucket is it.",
            BAD_REQUEST,
        )
    return bucket_of(fields, "source_bucket", "") if "key" in fields else bucket


def _manifest(fields: Fields) -> str:
    if ("key" in fields) == ("prefix" in fields):
        raise JobRefusedError(
            'Give either key (a manifest) or prefix (what to list; "" is the whole bucket), one of the two.',
            BAD_REQUEST,
        )
    if "key" not in fields:
        return ""
    for name in FILTERS:
        if name in fields:
            raise JobRefusedError(f"{name} goes with prefix; a manifest (key) is taken whole.", BAD_REQUEST)
    return f"s3://{bucket_of(fields, 'bucket')}/{key_of(fields.text('key'))}"


def _usual_days(selection: Selection) -> int | None:
    return None if selection.storage_classes == (INTELLIGENT_TIERING,) else USUAL_DAYS
