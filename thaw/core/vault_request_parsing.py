"""From JSON to a request for a vault transfer, or for its next run; what rules allow is judged elsewhere."""

import re
from collections.abc import Mapping
from typing import NamedTuple, cast

from thaw.core.archives import vault_bucket
from thaw.core.job_request_fields import (
    COPY_CLASSES,
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_RULE,
    bucket_of,
    client_tag_of,
    job_id_of,
    key_of,
    prefix_of,
)
from thaw.core.job_request_parsing import API_TIERS, MAX_TIMEOUT_HOURS
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.request_fields import Fields
from thaw.core.vault_requests import VaultRequest

VAULT_NAME = r"[A-Za-z0-9_.\-]{1,255}"
"""https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-put.html"""

S3_FILE = r"s3://[A-Za-z0-9._\-]{3,255}/[^\x00-\x1f]{1,1024}"
ACCOUNT = "[0-9]{12}"
NAME_PATTERN = r"[^\x00-\x1f]{0,1024}"
MAX_AGE_HOURS = 8_760

FILES = ("names", "inventory", "plan")
ARCHIVE_FILTERS = ("created_from", "created_before", "min_size_bytes", "max_size_bytes", "name_pattern")
TRANSFER_FIELDS = (
    *("vault", "destination_bucket", "destination_prefix", "storage_class", "tier"),
    *("bucket_owner", "cross_region", "max_inventory_age_hours"),
    *("client_tag", "dry_run", "idempotency_key", "replan", "timeout_hours"),
    *ARCHIVE_FILTERS,
    *FILES,
)
RESUME_FIELDS = ("replan", "tier", "timeout_hours")
RESUME_INPUT_FIELDS = (*RESUME_FIELDS, "job_id", "resume")

USUAL_TIER = "BULK"

_NAME_RULE = "the name of a vault, 1 to 255 of A-Z a-z 0-9 _ . and -"
_FILE_RULE = "a file in S3, s3://BUCKET/KEY"
_ACCOUNT_RULE = "an account of 12 digits"
_PATTERN_RULE = "at most 1,024 characters, none of them a control character; * and ? stand for others"

_NUMBERS = ("min_size_bytes", "max_size_bytes", "max_inventory_age_hours", "timeout_hours")
_FLAGS = ("cross_region", "dry_run", "replan", "resume")
_WHOLE_NUMBER = re.compile("[0-9]{1,16}")
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


class Resume(NamedTuple):
    """How the next run of a transfer differs from the one before; `tier` as in records, "" as it was, and
    `timeout_hours` None as it was."""

    replan: bool = False
    tier: str = ""
    timeout_hours: int | None = None


class ResumedJob(NamedTuple):
    """A transfer that is to be resumed, and how."""

    job_id: str
    resume: Resume


def parse_vault_transfer(body: object) -> JobRequest:
    """What the JSON of `POST /vault-transfers` asks for. Raises JobRefusedError (400)."""
    fields = Fields(body, "The request", TRANSFER_FIELDS)
    vault = fields.text("vault", pattern=VAULT_NAME, rule=_NAME_RULE)
    return JobRequest(
        bucket=vault_bucket(vault),
        tier=_tier(fields, USUAL_TIER),
        way=Way.VAULT,
        vault=_archives(fields, vault),
        copy=CopyRequest(
            storage_class=fields.choice("storage_class", COPY_CLASSES, CopyRequest().storage_class),
            destination_bucket=bucket_of(fields, "destination_bucket"),
            destination_prefix=as_folder(prefix_of(fields, "destination_prefix")),
        ),
        client_tag=client_tag_of(fields),
        idempotency_key=fields.text("idempotency_key", "", pattern=IDEMPOTENCY_KEY, rule=IDEMPOTENCY_RULE),
        dry_run=fields.flag("dry_run", default=False),
        timeout_hours=fields.number("timeout_hours", 1, MAX_TIMEOUT_HOURS),
    )


def parse_vault_resume(body: object) -> Resume:
    """What the JSON of `POST /vault-transfers/{job_id}/resume` asks for. Raises JobRefusedError (400)."""
    return _resume(Fields(body, "The request", RESUME_FIELDS))


def parse_vault_input(body: object) -> JobRequest | ResumedJob:
    """What the input of the state machine `transfer-vault` asks for. Raises JobRefusedError (400).

    People write it by a form whose every value is text: one that is empty, or null, is left out, whole
    numbers and truths may be spelled as text.
    """
    if not isinstance(body, Mapping):
        return parse_vault_transfer(body)
    typed = _typed(cast("Mapping[object, object]", body))
    if typed.get("resume") is not True:
        return parse_vault_transfer(typed)
    fields = Fields(typed, "The input", RESUME_INPUT_FIELDS)
    fields.required("job_id")
    return ResumedJob(job_id_of(fields), _resume(fields))


def as_folder(prefix: str) -> str:
    """`prefix` as names are put behind it, so that one place is spelled in one way."""
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"


def _resume(fields: Fields) -> Resume:
    return Resume(
        replan=fields.flag("replan", default=False),
        tier=_tier(fields) if "tier" in fields else "",
        timeout_hours=fields.number("timeout_hours", 1, MAX_TIMEOUT_HOURS),
    )


def _archives(fields: Fields, vault: str) -> VaultRequest:
    usual = VaultRequest(vault)
    age = fields.number("max_inventory_age_hours", 0, MAX_AGE_HOURS)
    return VaultRequest(
        vault=vault,
        created_from=fields.moment("created_from"),
        created_before=fields.moment("created_before"),
        min_size_bytes=fields.number("min_size_bytes", 0),
        max_size_bytes=fields.number("max_size_bytes", 0),
        name_pattern=fields.text("name_pattern", "", pattern=NAME_PATTERN, rule=_PATTERN_RULE),
        names=_file(fields, "names"),
        inventory=_file(fields, "inventory"),
        plan=_file(fields, "plan"),
        max_inventory_age_hours=usual.max_inventory_age_hours if age is None else age,
        cross_region=fields.flag("cross_region", default=False),
        bucket_owner=fields.text("bucket_owner", "", pattern=ACCOUNT, rule=_ACCOUNT_RULE),
        replan=fields.flag("replan", default=False),
        new_inventory=fields.flag("replan", default=False),
    )


def _tier(fields: Fields, default: str | None = None) -> str:
    return API_TIERS[fields.choice("tier", API_TIERS, default)]


def _file(fields: Fields, name: str) -> str:
    uri = fields.text(name, "", pattern=S3_FILE, rule=_FILE_RULE)
    if uri:
        key_of(uri.split("/", 3)[3])
    return uri


def _typed(body: Mapping[object, object]) -> dict[object, object]:
    """`body` without what is empty, its numbers and truths as such where their text is one."""
    return {name: _value(name, value) for name, value in body.items() if value not in ("", None)}


def _value(name: object, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name in _FLAGS:
        return _TRUTHS.get(value.lower(), value)
    return int(value) if name in _NUMBERS and _WHOLE_NUMBER.fullmatch(value) else value
