"""What the values of an object record must be, whatever file they come from; as SQL over typed columns."""

from typing import NamedTuple

from analytics.sources.sql_text import literals
from thaw.core.history import Status
from thaw.manifests.settings import TIERS


class Rule(NamedTuple):
    """A row for which `broken` (SQL) is true is refused because of its `column`: `wanted` tells why."""

    column: str
    broken: str
    wanted: str


VALUE_RULES = (
    Rule("job_id", "job_id IS NULL", "every record is of a job"),
    Rule("bucket", "bucket IS NULL OR contains(bucket, '/')", "it must be the name of a bucket"),
    Rule("key", "key IS NULL", "every record has a key"),
    Rule("size_bytes", "size_bytes < 0", "it must be 0 or more"),
    Rule(
        "storage_class",
        "NOT regexp_full_match(storage_class, '[A-Z0-9_]{1,64}')",
        "it must be spelled as S3 spells it, like DEEP_ARCHIVE",
    ),
    Rule("tier", f"tier NOT IN ({literals(TIERS)})", f"S3 has {', '.join(TIERS)}"),
    *(
        Rule(column, f"{column} NOT IN ({literals(Status)})", f"Thaw has {', '.join(Status)}")
        for column in ("observed_status", "status")
    ),
)
"""In the order in which they are reported; a null breaks only those that say so."""
