"""What a preparation found: the counts that must add up, and the totals a job is registered from."""

import json
from dataclasses import asdict, dataclass

from thaw.core.jobs import SUMMARY_SCHEMA, Totals
from thaw.manifests.errors import CountError


@dataclass(frozen=True)
class Summary:
    """summary.json. Raises CountError unless `rows_in == objects + duplicates + filtered + rejects`.

    `size_bytes` leaves out the `objects_of_unknown_size`. `import_prefix` and the file names in
    `manifests` (by bucket) are relative to the output.
    """

    job_id: str
    tier: str
    created_at: str
    sources: tuple[str, ...]
    rows_in: int
    duplicates: int
    filtered: int
    rejects: int
    objects: int
    size_bytes: int
    objects_of_unknown_size: int
    by_storage_class: dict[str, Totals]
    by_bucket: dict[str, Totals]
    import_prefix: str
    manifests: dict[str, str]
    schema: int = SUMMARY_SCHEMA

    def __post_init__(self) -> None:
        classified = sum(part.objects for part in self.by_storage_class.values())
        parts = (self.objects, self.duplicates, self.filtered, self.rejects)
        if self.rows_in != sum(parts) or self.objects != classified:
            raise CountError(
                f"{self.rows_in} rows came in, but objects, duplicates, filtered and rejects are {parts},"
                f" and {classified} objects have a storage class: nothing was published; please report this."
            )

    def to_json(self) -> str:
        """The text of summary.json."""
        by_storage_class = {name: part._asdict() for name, part in self.by_storage_class.items()}
        by_bucket = {name: part._asdict() for name, part in self.by_bucket.items()}
        groups = {"by_storage_class": by_storage_class, "by_bucket": by_bucket}
        fields = {"schema": self.schema, **asdict(self), **groups}
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
