"""What becomes of a message of the copies queue."""

from dataclasses import dataclass

from thaw.copying.work import Work
from thaw.core.history import Failure, History


@dataclass(frozen=True)
class Copied:
    """The copy is there, and checked. `work` is what it was made of; `again`: it was there already; `proven`:
    we made it now, or its content is the source's by more than its size."""

    at: str
    work: Work
    again: bool = False
    proven: bool = True

    @property
    def news(self) -> History:
        return History(copied_at=self.at)


@dataclass(frozen=True)
class Failed:
    """The copy is not made, however often it is tried."""

    at: str
    error_code: str
    error_message: str

    @property
    def news(self) -> History:
        return History(failure=Failure(self.at, self.error_code, self.error_message))


@dataclass(frozen=True)
class Left:
    """Nothing is to be done about it here, for this reason: another message or execution does it."""

    reason: str


@dataclass(frozen=True)
class Again:
    """It could not be done this time; `error_code` as S3 spells it, or our own."""

    error_code: str
    error_message: str

    def failed(self, at: str) -> Failed:
        """What it comes to when no time is left to try."""
        return Failed(at, self.error_code, self.error_message)


Outcome = Copied | Failed | Left | Again
