"""What S3 and Thaw's own services charge in one Region: list prices in USD, exact decimals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from thaw.core.errors import PriceError

TEMPORARY_CLASS = "STANDARD"
"""What a temporary copy is billed as: https://aws.amazon.com/s3/pricing/"""

GB_BYTES = 2**30
"""A GB as S3 bills it: https://aws.amazon.com/s3/pricing/"""

HOURS_PER_MONTH = 730
"""Hours in the month of a price per GB-month: a twelfth of 365 days."""

ARCHIVE_CLASSES = ("GLACIER", "DEEP_ARCHIVE")
TIERS = ("Expedited", "Standard", "Bulk")
MONITORED_CLASS = "INTELLIGENT_TIERING"
DESTINATION_CLASSES = (
    "STANDARD",
    MONITORED_CLASS,
    "STANDARD_IA",
    "ONEZONE_IA",
    "GLACIER_IR",
    *ARCHIVE_CLASSES,
)


class Rate(StrEnum):
    """A single price, by its name in the price file."""

    BATCH_PER_JOB = "batch_per_job"
    BATCH_PER_MILLION_OBJECTS = "batch_per_million_objects"
    MONITORING_PER_1000_OBJECTS = "monitoring_per_1000_objects"
    DYNAMODB_WRITE_PER_MILLION = "dynamodb_write_per_million"
    DYNAMODB_READ_PER_MILLION = "dynamodb_read_per_million"
    DYNAMODB_IMPORT_PER_GB = "dynamodb_import_per_gb"
    SQS_PER_MILLION = "sqs_per_million"
    LAMBDA_PER_MILLION = "lambda_per_million"
    LAMBDA_PER_GB_SECOND = "lambda_per_gb_second"


@dataclass(frozen=True)
class RegionPrices:
    """Prices of one Region. What is not in it is not known.

    `storage` is per GB-month and `put` per 1,000 requests, both by storage class; `restore` is per 1,000
    requests and `retrieval` per GB, both by (storage class, tier); `transfer` per GB by destination Region.
    """

    region: str
    storage: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    put: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    restore: Mapping[tuple[str, str], Decimal] = field(default_factory=dict[tuple[str, str], Decimal])
    retrieval: Mapping[tuple[str, str], Decimal] = field(default_factory=dict[tuple[str, str], Decimal])
    transfer: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    rates: Mapping[Rate, Decimal] = field(default_factory=dict[Rate, Decimal])

    @property
    def temporary_storage_usd_per_gb_month(self) -> Decimal:
        """What a temporary copy costs, first usage tier. Raises PriceError when it is not known."""
        try:
            return self.storage[TEMPORARY_CLASS]
        except KeyError:
            raise PriceError(
                f"The prices of {self.region} lack storage_per_gb_month of {TEMPORARY_CLASS}:"
                " add it to the price file."
            ) from None
