"""What a preparation is asked for: the job, what to keep, and how much memory it may use."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from thaw.manifests.errors import SettingsError

TIERS = ("Expedited", "Standard", "Bulk")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html"""

STORAGE_CLASSES = (
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "REDUCED_REDUNDANCY",
    "STANDARD",
    "STANDARD_IA",
)
"""Those that an inventory of a general purpose bucket shows.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html"""

ANY_STORAGE_CLASS: frozenset[str] = frozenset()
"""As `Filters.storage_classes`: keep every object, whatever its class."""

MIN_MEMORY_BYTES = 500_000_000

_BASE_BYTES = 250_000_000
"""What the interpreter and its engines take with their caches, whatever the input (measured)."""

_JOB_ID = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


@dataclass(frozen=True)
class Filters:
    """Which objects to keep; an object must pass all of them. Delete markers never pass.

    `prefixes` are of decoded keys, one must fit. `storage_classes` None keeps `ARCHIVED` objects and
    those of which the source does not tell the class. Sizes are in bytes, both ends included;
    `modified_from` is included, `modified_before` is not, both need a time zone.
    """

    prefixes: tuple[str, ...] = ()
    storage_classes: frozenset[str] | None = None
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    modified_from: datetime | None = None
    modified_before: datetime | None = None

    def __post_init__(self) -> None:
        for name in sorted(self.storage_classes or ()):
            check_storage_class(name)
        for moment in (self.modified_from, self.modified_before):
            if moment is not None and moment.tzinfo is None:
                raise SettingsError(f"Filter date {moment} has no time zone; write UTC times with Z.")
        if self.modified_from and self.modified_before and self.modified_from > self.modified_before:
            raise SettingsError(
                f"No object is modified from {self.modified_from} on and before {self.modified_before}:"
                " swap the two."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """What a source must tell for these filters to mean anything."""
        size = self.min_size_bytes is not None or self.max_size_bytes is not None
        date = self.modified_from is not None or self.modified_before is not None
        asked = {"storage_class": bool(self.storage_classes), "size": size, "last_modified_date": date}
        return tuple(column for column, needed in asked.items() if needed)


@dataclass(frozen=True)
class PrepareSettings:
    """One preparation: the job and its retrieval tier, the filters, and the shape of the output.

    `default_storage_class` is taken for objects whose class the source does not tell. `rows_per_part`
    is the number of items in each import file. `memory_limit_bytes` bounds the whole process; what
    does not fit goes to disk. `overwrite` replaces an earlier output of Thaw, never anything else. `sort`
    puts the objects in S3's order, of bucket, key and version, instead of that of the sources.
    `last_modified` has the import files tell when objects were last written, where the source does.
    """

    job_id: str
    tier: str
    filters: Filters = field(default_factory=Filters)
    default_storage_class: str = ""
    rows_per_part: int = 500_000
    memory_limit_bytes: int = 1_500_000_000
    overwrite: bool = False
    sort: bool = False
    last_modified: bool = False

    @property
    def chunk_bytes(self) -> int:
        """How much of a CSV file is taken at a time; a few chunks, in several forms, are held at once."""
        return min((self.memory_limit_bytes - _BASE_BYTES) // 80, 16_000_000)

    @property
    def engine_memory_bytes(self) -> int:
        """What the SQL engine may take for what it cannot stream: finding duplicates."""
        return self.memory_limit_bytes // 5

    def __post_init__(self) -> None:
        if not _JOB_ID.fullmatch(self.job_id):
            raise SettingsError(
                f"Job id {self.job_id!r} must be 1 to 64 characters out of A-Z a-z 0-9 _ . and -."
            )
        if self.tier not in TIERS:
            raise SettingsError(f"Tier {self.tier!r} does not exist; S3 has {', '.join(TIERS)}.")
        if self.default_storage_class:
            check_storage_class(self.default_storage_class)
        if self.rows_per_part < 1:
            raise SettingsError(f"rows_per_part is {self.rows_per_part}; a part needs at least 1 row.")
        if self.memory_limit_bytes < MIN_MEMORY_BYTES:
            raise SettingsError(
                f"memory_limit_bytes is {self.memory_limit_bytes:,}; it must be {MIN_MEMORY_BYTES:,} or more."
            )


def check_storage_class(name: str) -> None:
    """Raises SettingsError for what is no storage class of S3."""
    if name not in STORAGE_CLASSES:
        raise SettingsError(f"Storage class {name!r} does not exist; S3 has {', '.join(STORAGE_CLASSES)}.")
