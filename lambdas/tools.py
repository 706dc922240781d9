"""What several functions are made of: the limits of their clients, their clocks, their writer of records."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from thaw.core.errors import ThawError
from thaw.core.times import to_iso
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=60
)
"""Of functions that nobody waits for and that read large files."""


class UnknownActionError(ThawError):
    """A function is called with an action that it does not have."""


def now_iso() -> str:
    """The UTC clock."""
    return to_iso(datetime.now(UTC))


def seconds_left(context: LambdaContext, spare: float = 0.0) -> Callable[[], float]:
    """Of the call's time, at each moment, without its `spare` last seconds."""
    return lambda: context.get_remaining_time_in_millis() / 1000 - spare


def record_writer(
    dynamodb: "DynamoDBClient",
    objects_table: str,
    rollups_table: str,
    slots: int,
    pause: Callable[[float], None] = time.sleep,
) -> RecordWriter:
    """It adds to one of the counter slots by chance."""
    return RecordWriter(
        dynamodb, objects_table, rollups_table, slot=partial(random.randrange, slots), pause=pause
    )
