"""How many refusals a job bears before it stops asking."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from thaw.jobs.errors import TooManyRefusedError
from thaw.jobs.refused_requests import RefusedRequest

ENOUGH_TO_JUDGE = 30
"""Requests after which a share of refusals says something."""


@dataclass
class Tolerance:
    """The restore requests of a part sent so far, and those refused: at most so many percent of enough."""

    part: str
    percent: int
    asked: int = 0
    refused: list[RefusedRequest] = field(default_factory=list[RefusedRequest])

    def add(self, asked: int, refused: Sequence[RefusedRequest]) -> None:
        """Counts some more. Raises TooManyRefusedError when that is too much."""
        self.asked += asked
        self.refused += refused
        count = len(self.refused)
        if self.asked < ENOUGH_TO_JUDGE or 100 * count <= self.asked * self.percent:
            return
        first = self.refused[0]
        raise TooManyRefusedError(
            f"S3 refused {count} of {self.asked} restore requests of {self.part}, more than the"
            f" {self.percent} % tolerated; the first, for {first.key!r}, with {first.error_code}:"
            f" {first.error_message}"
        )
