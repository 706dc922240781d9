"""What requests for jobs are made of, however they come: buckets, prefixes, selections, copies."""

from thaw.core.errors import KeySpellingError
from thaw.core.job_request_errors import BAD_REQUEST, JobRefusedError
from thaw.core.job_requests import CopyRequest, Selection
from thaw.core.keys import check_key
from thaw.core.request_fields import Fields

JOB_ID = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}"
JOB_ID_RULE = "1 to 64 of A-Z a-z 0-9 _ . and -, the first neither . nor -"

INTELLIGENT_TIERING = "INTELLIGENT_TIERING"

RESTORABLE = ("GLACIER", "DEEP_ARCHIVE", INTELLIGENT_TIERING)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html"""

COPY_CLASSES = (
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
)
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""

_BUCKET = r"[A-Za-z0-9._\-]{3,255}"
_BUCKET_RULE = "a bucket name of 3 to 255 of A-Z a-z 0-9 . _ and -"
_CLIENT_TAG = r"[A-Za-z0-9 _+\-=.:/@]{0,256}"
_CLIENT_TAG_RULE = "at most 256 of A-Z a-z 0-9, space and _ + - = . : / @, as tags are"

IDEMPOTENCY_KEY = r"[\x21-\x7e]{1,128}"
IDEMPOTENCY_RULE = "1 to 128 printable ASCII characters without spaces"

FILTERS = ("storage_classes", "min_size_bytes", "max_size_bytes", "modified_from", "modified_before")
COPY_FIELDS = (
    *("storage_class", "destination_bucket", "destination_prefix", "delete_source"),
    *("keep_metadata", "keep_tags", "keep_acl", "keep_encryption"),
)


def bucket_of(fields: Fields, name: str, default: str | None = None) -> str:
    """A bucket name; required without a `default`."""
    return fields.text(name, default, pattern=_BUCKET, rule=_BUCKET_RULE)


def key_of(key: str) -> str:
    """`key`, if S3 can hold it. Raises JobRefusedError (400)."""
    try:
        return check_key(key)
    except KeySpellingError as exc:
        raise JobRefusedError(str(exc), BAD_REQUEST) from exc


def prefix_of(fields: Fields, name: str) -> str:
    """The beginning of a key; "" where the field is absent."""
    prefix = fields.text(name, "")
    return key_of(prefix) if prefix else ""


def selection_of(fields: Fields) -> Selection:
    """The objects that the fields choose."""
    return Selection(
        prefix=prefix_of(fields, "prefix"),
        storage_classes=fields.choices("storage_classes", RESTORABLE),
        min_size_bytes=fields.number("min_size_bytes", 0),
        max_size_bytes=fields.number("max_size_bytes", 0),
        modified_from=fields.moment("modified_from"),
        modified_before=fields.moment("modified_before"),
    )


def copy_of(fields: Fields) -> CopyRequest | None:
    """What is to be made of each object; None where nothing is."""
    if "copy" not in fields:
        return None
    copy = Fields(fields.required("copy"), "copy", COPY_FIELDS)
    usual = CopyRequest()
    return CopyRequest(
        storage_class=copy.choice("storage_class", COPY_CLASSES, usual.storage_class),
        destination_bucket=bucket_of(copy, "destination_bucket", ""),
        destination_prefix=prefix_of(copy, "destination_prefix"),
        keep_metadata=copy.flag("keep_metadata", default=usual.keep_metadata),
        keep_tags=copy.flag("keep_tags", default=usual.keep_tags),
        keep_acl=copy.flag("keep_acl", default=usual.keep_acl),
        keep_encryption=copy.flag("keep_encryption", default=usual.keep_encryption),
        delete_source=copy.flag("delete_source", default=usual.delete_source),
    )


def client_tag_of(fields: Fields) -> str:
    """A text of the caller's own, "" for none."""
    return fields.text("client_tag", "", pattern=_CLIENT_TAG, rule=_CLIENT_TAG_RULE)


def job_id_of(fields: Fields) -> str:
    """The id that the job is to have, "" for any."""
    return fields.text("job_id", "", pattern=JOB_ID, rule=JOB_ID_RULE)
