"""S3 clients by Region: a copy is asked for where it goes to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_CONCURRENCY = 16
"""Parts of large objects copied at a time by one function."""

COPY_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=5,
    read_timeout=300,
    max_pool_connections=64,
)
"""A copy of 5 GB is answered when it is made. Parameters are validated, so that a runtime whose boto3 does
not know a condition of ours fails, and does not copy without it."""


class Clients:
    """Makes a client once for each Region; `make(region)` is called for "", the stack's own, too."""

    def __init__(self, make: "Callable[[str], S3Client]") -> None:
        self._make = make
        self._made: dict[str, S3Client] = {}

    def __call__(self, region: str) -> "S3Client":
        if region not in self._made:
            self._made[region] = self._make(region)
        return self._made[region]
