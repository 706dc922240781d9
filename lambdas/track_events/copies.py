"""Hands objects that have become readable to the copier, where their job copies."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from thaw.core.copy_messages import CopyMessage
from thaw.core.history import History, Status, merge, news_since, status
from thaw.core.job_states import JobState, JobStatus
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.copy_queue import CopyQueue, message_of
from thaw.store.job_states import JobStates
from thaw.store.reader import SERVICE_ERRORS

REMEMBERED_SECONDS = 60
"""So long a job is taken to copy, or not to, before its state is read again."""

_GIVEN_UP = (JobStatus.CANCELLED, JobStatus.FAILED)


class HandedOver(NamedTuple):
    """How many copy messages were sent, and why something of a target could not be."""

    sent: int
    failed: dict[Target, str]


class Copies:
    """The way to the copier. `clock()` tells seconds, from any time on."""

    def __init__(self, states: JobStates, queue: CopyQueue, clock: Callable[[], float]) -> None:
        self._states = states
        self._queue = queue
        self._clock = clock
        self._jobs: dict[str, tuple[float, bool]] = {}

    def hand_over(self, records: Mapping[Target, ObjectRecord], news: Mapping[Target, History]) -> HandedOver:
        """Sends a message for each of `records` that is readable with its `news`, and whose job copies.

        A message is sent again when the news come again: the copier does nothing twice.
        """
        failed: dict[Target, str] = {}
        messages: defaultdict[CopyMessage, list[Target]] = defaultdict(list)
        for job_id, targets in _readable(records, news).items():
            try:
                if self._job_copies(job_id):
                    for target in targets:
                        messages[message_of(records[target])].append(target)
            except SERVICE_ERRORS as exc:
                failed.update(dict.fromkeys(targets, f"{type(exc).__name__}: {exc}"))
        refused = self._queue.send(messages)
        for message, reason in refused.items():
            failed.update(dict.fromkeys(messages[message], f"Not handed to the copier: {reason}"))
        return HandedOver(len(messages) - len(refused), failed)

    def _job_copies(self, job_id: str) -> bool:
        now = self._clock()
        until, copies = self._jobs.get(job_id, (now, False))
        if until <= now:
            copies = _copies(self._states.find(job_id))
            self._jobs[job_id] = now + REMEMBERED_SECONDS, copies
        return copies


def _copies(state: JobState | None) -> bool:
    return state is not None and state.request.copy is not None and state.status not in _GIVEN_UP


def _readable(
    records: Mapping[Target, ObjectRecord], news: Mapping[Target, History]
) -> Mapping[str, list[Target]]:
    """Those that are readable with their news, by job."""
    jobs: defaultdict[str, list[Target]] = defaultdict(list)
    for target, record in records.items():
        if status(merge(record.history, news_since(news[target], record.since))) is Status.RESTORED:
            jobs[record.entry.job_id].append(target)
    return jobs
