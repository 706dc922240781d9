"""What the page says about itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Heading:
    """When (UTC) and from what the reports were made, the job they are limited to, and how many objects
    need attention, however many of them are listed."""

    as_of: datetime
    source: str
    job_id: str | None
    attention_total: int
