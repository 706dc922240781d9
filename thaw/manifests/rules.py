"""The rules, as SQL that DuckDB runs over some rows at a time: decode, reject, filter, spell out.

`judge_sql` must say of a key what `thaw.core.keys.decode_key` says; a property test holds it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from string import ascii_letters, digits

import pyarrow as pa

from thaw.core.keys import MAX_KEY_BYTES, NO_VERSION
from thaw.core.listing import ARCHIVED
from thaw.core.records import UNKNOWN
from thaw.manifests.arrow import holds_only
from thaw.manifests.settings import Filters, PrepareSettings
from thaw.manifests.sources import COLUMNS

FILTERED = ""
"""The `reason` of a row that is fine but not asked for; a kept row has none (null)."""

MAX_VERSION_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html"""

MAX_BUCKET_BYTES = 255
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (before 2018)"""

_BUCKET_REASON = "'the bucket has a name that S3 does not allow'"
_VERSION_REASON = f"'the version id is not URL-ready text of at most {MAX_VERSION_BYTES:,} bytes'"
_BAD_ESCAPE = "%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)"
_NAME_CHARACTERS = ascii_letters + digits + "._-"
_BUCKET = "[A-Za-z0-9._-]*"

_DECODED_KEY = f"""
    CASE WHEN NOT (contains(key, '%') OR contains(key, '+')) THEN key
         WHEN regexp_matches(key, '{_BAD_ESCAPE}', 's') THEN NULL
         ELSE TRY(url_decode(replace(key, '+', '%20'))) END"""

_ISO_MILLIS = "%Y-%m-%dT%H:%M:%S.%gZ"
_MODIFIED_ITEM = """CASE WHEN last_modified IS NULL THEN ''
                ELSE '},"last_modified":{"S":"' || last_modified || '"' END,"""

_ODD_NAME_CASES = f"""
    WHEN NOT regexp_full_match(bucket, '{_BUCKET}') THEN {_BUCKET_REASON}
    WHEN url_encode(version_id) <> version_id THEN {_VERSION_REASON}"""
"""Dear to check row by row; `judge_sql` leaves them out of a batch in which they cannot apply."""

_REJECT_CASES = f"""
    WHEN lower(bucket) = 'bucket' AND lower(key) = 'key' THEN 'a header line, which such files do not have'
    WHEN bucket = '' THEN 'the bucket is empty'
    WHEN strlen(bucket) > {MAX_BUCKET_BYTES} THEN {_BUCKET_REASON}
    WHEN decoded IS NULL THEN 'the key is not URL-encoded UTF-8'
    WHEN decoded = '' THEN 'the key is empty'
    WHEN strlen(decoded) > {MAX_KEY_BYTES} THEN 'the key has more than {MAX_KEY_BYTES:,} bytes'
    WHEN strlen(version_id) > {MAX_VERSION_BYTES} THEN {_VERSION_REASON}
    WHEN size <> '' AND (bytes IS NULL OR bytes < 0 OR bytes::VARCHAR <> size)
        THEN 'the size is not a whole number of bytes'
    WHEN is_delete_marker NOT IN ('', 'true', 'false') THEN 'is_delete_marker is not true or false'
    WHEN class IS NOT NULL AND class NOT IN ('GLACIER', 'DEEP_ARCHIVE', 'STANDARD')
        AND NOT regexp_full_match(class, '[A-Z0-9_]{{1,64}}')
        THEN 'the storage class is not spelled as S3 spells them'"""


def text(value: str) -> str:
    """`value` as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def has_odd_names(batch: pa.Table) -> bool:
    """Whether a bucket or version in `batch` may have a character that needs the full check."""
    return not all(
        holds_only(batch, name, _NAME_CHARACTERS)
        for name in ("bucket", "version_id")
        if name in batch.column_names
    )


def judge_sql(batch: pa.Table, settings: PrepareSettings, *, url_encoded: bool) -> str:
    """What becomes of each row of the view `batch`: columns of `COLUMNS` (text) and `index`.

    Yields index, reason, bucket, key (decoded), version_id, size_bytes, storage_class, last_modified (where
    the settings ask for it), names_version (whether the row tells of one version, not of whichever is the
    latest) and identity (a 64-bit hash of bucket, key and version), for every row, in the order of the batch.
    """
    columns = frozenset(batch.column_names)
    odd_names = _ODD_NAME_CASES if has_odd_names(batch) else ""
    source = ", ".join(name if name in columns else f"'' AS {name}" for name in COLUMNS)
    default = text(settings.default_storage_class)
    return f"""
        WITH source AS (SELECT index, {source} FROM batch),
        typed AS (
            SELECT *, {_DECODED_KEY if url_encoded else "key"} AS decoded, TRY_CAST(size AS BIGINT) AS bytes,
                coalesce(nullif(storage_class, ''), nullif({default}, '')) AS class,
                {_modified(settings)} AS modified
            FROM source),
        judged AS (
            SELECT *, CASE {_REJECT_CASES} {odd_names} {_date_case(settings.filters)}
                WHEN is_delete_marker = 'true' OR NOT ({_kept(settings.filters)}) THEN {text(FILTERED)}
                END AS reason,
                CASE version_id WHEN '' THEN {text(NO_VERSION)} ELSE version_id END AS version
            FROM typed)
        SELECT index, reason, bucket, decoded AS key, version AS version_id, bytes AS size_bytes,
            class AS storage_class, strftime(modified, '{_ISO_MILLIS}') AS last_modified,
            version_id <> '' OR is_latest = 'false' AS names_version,
            hash(bucket, decoded, version) AS identity
        FROM judged"""  # noqa: S608 - values are literals made by `text`


def _modified(settings: PrepareSettings) -> str:
    if not settings.last_modified and "last_modified_date" not in settings.filters.columns:
        return "NULL::TIMESTAMP"
    return "TRY_CAST(replace(replace(last_modified_date, 'T', ' '), 'Z', '') AS TIMESTAMP)"


def _date_case(filters: Filters) -> str:
    if "last_modified_date" not in filters.columns:
        return ""
    return "WHEN last_modified_date <> '' AND modified IS NULL THEN 'the last modified date is no UTC time'"


def _kept(filters: Filters) -> str:
    """The condition that all filters make; a value that a row does not tell passes no filter for it."""
    conditions = ["true"]
    if filters.prefixes:
        fits = " OR ".join(f"starts_with(decoded, {text(prefix)})" for prefix in filters.prefixes)
        conditions.append(f"({fits})")
    if filters.storage_classes is None:
        conditions.append(f"(class IS NULL OR class IN ({_texts(ARCHIVED)}))")
    elif filters.storage_classes:
        conditions.append(f"coalesce(class IN ({_texts(filters.storage_classes)}), false)")
    limits = {
        "bytes >=": filters.min_size_bytes,
        "bytes <=": filters.max_size_bytes,
        "modified >=": _timestamp(filters.modified_from),
        "modified <": _timestamp(filters.modified_before),
    }
    conditions += [f"coalesce({what} {limit}, false)" for what, limit in limits.items() if limit is not None]
    return " AND ".join(conditions)


def _texts(values: Iterable[str]) -> str:
    return ", ".join(map(text, sorted(values)))


def _timestamp(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return f"TIMESTAMP {text(moment.astimezone(UTC).replace(tzinfo=None).isoformat(' '))}"


def spell_sql(settings: PrepareSettings, versioned: Iterable[str] = ()) -> str:
    """The lines that the kept rows of the view `batch` become, in its order.

    Yields bucket, item (a line of DynamoDB JSON) and row (a line of a Batch Operations manifest,
    URL-encoded; with the version if the bucket is `versioned`, for a manifest has it in all rows or none:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html).
    """
    job, tier = text(settings.job_id), text(settings.tier)
    named = f"bucket IN ({_texts(versioned)})" if versioned else "false"
    version = f"CASE WHEN {named} THEN ',' || version_id ELSE '' END"
    return f"""
        WITH quoted AS (SELECT *, to_json(key)::VARCHAR AS json_key FROM batch)
        SELECT bucket, concat(
            '{{"Item":{{"object_path":{{"S":"', bucket, '/', substr(json_key, 2),
            '}},"version_id":{{"S":"', version_id, '"}},"job_id":{{"S":"', {job},
            '"}},"bucket":{{"S":"', bucket, '"}},"key":{{"S":', json_key,
            CASE WHEN size_bytes IS NULL THEN '' ELSE '}},"size_bytes":{{"N":"' || size_bytes || '"' END,
            CASE WHEN storage_class IS NULL THEN ''
                ELSE '}},"storage_class":{{"S":"' || storage_class || '"' END,
            {_MODIFIED_ITEM if settings.last_modified else ""}
            '}},"tier":{{"S":"', {tier}, '"}},"status":{{"S":"PENDING"}}}}}}', chr(10)) AS item,
            concat(bucket, ',', replace(url_encode(key), '%2F', '/'), {version}, chr(10)) AS row
        FROM quoted"""  # noqa: S608 - values are literals made by `text`


TOTALS_SQL = f"""
    SELECT bucket, coalesce(storage_class, {text(UNKNOWN)}) AS storage_class, count(*) AS objects,
        coalesce(sum(size_bytes), 0)::VARCHAR AS size_bytes, count(*) - count(size_bytes) AS unknown
    FROM batch GROUP BY ALL"""  # noqa: S608 - a constant
"""Objects, bytes (as text: the sum may have more than 64 bits) and objects of unknown size in the view
`batch`, by bucket and storage class."""
