"""How a job is cut into waves, so that what is restored and not yet copied stays within a bound."""

from collections.abc import Iterable, Iterator, Sequence

from thaw.core.history import Status
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import JobRules
from thaw.core.job_states import Wave
from thaw.core.jobs import Progress

NO_LIMIT = 0

MAX_WAVES = 500
"""A job's state names each wave in some 350 bytes, and is one item of DynamoDB, of at most 400 KB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

_UNCOPIED = (Status.RESTORING, Status.RESTORED)
"""What takes temporary storage, or is about to."""


def pacing_limit(request: JobRequest, rules: JobRules) -> int:
    """The bytes of a job that may be restored or being restored and not yet copied; NO_LIMIT where nothing
    is copied: such a job would never go on."""
    if request.copy is None:
        return NO_LIMIT
    return rules.max_uncopied_bytes if request.max_uncopied_bytes is None else request.max_uncopied_bytes


def wave_numbers(sizes: Iterable[int | None], limit: int) -> Iterator[int]:
    """The wave of each object, from 1, in the order of `sizes` (bytes; None, unknown, counts as 0).

    A wave has at most `limit` bytes, or a single object that is larger; each is as long as can be.
    """
    number, held, empty = 1, 0, True
    for size in sizes:
        known = size or 0
        if not empty and limit != NO_LIMIT and held + known > limit:
            number, held = number + 1, 0
        held += known
        empty = False
        yield number


def has_room(size_bytes: int, uncopied: int, limit: int) -> bool:
    """Whether `size_bytes` more may be requested; what is larger than the limit waits until all is copied."""
    return limit == NO_LIMIT or uncopied == 0 or uncopied + size_bytes <= limit


def uncopied_bytes(progress: Progress, waves: Sequence[Wave]) -> int:
    """The bytes of a job that are restored or being restored and not copied, or will be any moment: what is
    pending of waves that S3 works on. Once their reports are read, nothing of them is requested any more."""
    uncopied = sum(progress.by_status[status].size_bytes for status in _UNCOPIED)
    if not any(wave.batch_job_id and not wave.reported for wave in waves):
        return uncopied
    waiting = sum(wave.size_bytes for wave in waves if not wave.batch_job_id)
    return uncopied + max(0, progress.by_status[Status.PENDING].size_bytes - waiting)
