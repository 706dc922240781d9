"""What is made to go wrong, and how often."""

from dataclasses import dataclass, field, fields
from typing import Any

from .errors import GlacierError

ERROR, LOST_ANSWER, FAILED_JOB = "error", "lost-answer", "failed-job"
LOST, DOUBLED, EARLY = "lost-notification", "doubled-notification", "early-notification"
CORRUPT, SHORT, EXPIRED = "corrupt-output", "short-output", "expired-output"
KINDS = frozenset({ERROR, LOST_ANSWER, FAILED_JOB, LOST, DOUBLED, EARLY, CORRUPT, SHORT, EXPIRED})


@dataclass
class Fault:
    """`times`: how often it happens, 0 for always; `every`: at each so many-th occasion only.

    error: `operation` ("" for each) is refused with `code` and `message`. lost-answer: `operation` is carried
    out, and answered with 500. failed-job: a retrieval ends Failed, `message` says why. lost-, doubled-,
    early-notification: of a job; an early one comes when the job begins. corrupt-, short-output: the bytes of
    GetJobOutput, under true headers. expired-output: a job's output cannot be read any more when asked for.
    `archive_id` and `vault` narrow it to one; "" for all. An inventory has the archive id "inventory".
    """

    kind: str
    operation: str = ""
    code: str = "ThrottlingException"
    message: str = "Rate exceeded"
    archive_id: str = ""
    vault: str = ""
    times: int = 1
    every: int = 1
    met: int = 0
    happened: int = 0

    def happens(self, operation: str, vault: str, archive_id: str) -> bool:
        """Whether it does on this occasion, which is counted."""
        wanted = ((self.operation, operation), (self.vault, vault), (self.archive_id, archive_id))
        if any(own and own != given for own, given in wanted) or 0 < self.times <= self.happened:
            return False
        self.met += 1
        hit = self.met % self.every == 0
        self.happened += hit
        return hit


@dataclass
class Faults:
    """All that is made to go wrong, in the order in which it was asked for."""

    planned: list[Fault] = field(default_factory=list[Fault])

    def add(self, fault: Fault) -> Fault:
        """Makes it go wrong from now on. Raises ValueError for a kind that there is not."""
        if fault.kind not in KINDS:
            raise ValueError(f"There is no fault {fault.kind!r}: take one of {', '.join(sorted(KINDS))}")
        self.planned.append(fault)
        return fault

    def clear(self) -> None:
        """Lets all be well."""
        self.planned.clear()

    def find(self, kind: str, operation: str, vault: str = "", archive_id: str = "") -> Fault | None:
        """The first fault of a kind that happens now."""
        of_kind = (fault for fault in self.planned if fault.kind == kind)
        return next((fault for fault in of_kind if fault.happens(operation, vault, archive_id)), None)

    def refuse(self, kind: str, operation: str, vault: str = "", archive_id: str = "") -> None:
        """Raises the GlacierError of a fault that happens now."""
        found = self.find(kind, operation, vault, archive_id)
        if found is not None and kind == LOST_ANSWER:
            raise GlacierError("ServiceUnavailableException", "The answer was lost on its way")
        if found is not None:
            raise GlacierError(found.code, found.message)


def fault_of(document: dict[str, Any]) -> Fault:
    """A fault from its JSON. Raises ValueError for names that it does not have."""
    known = {item.name for item in fields(Fault)} - {"met", "happened"}
    if "kind" not in document or not known.issuperset(document):
        raise ValueError(f"A fault has a kind and perhaps {sorted(known - {'kind'})}, got {sorted(document)}")
    return Fault(**document)
