"""From a batch of messages to objects: small archives side by side, then larger ones in parts."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from thaw.copying.errors import NoTimeLeftError
from thaw.copying.making import SERVICE_ERRORS
from thaw.copying.outcomes import Again, Left
from thaw.copying.tasks import Delivery
from thaw.core.archive_parts import ONE_PART
from thaw.core.vault_watching import given_up
from thaw.vaults.archives import Archives
from thaw.vaults.errors import OutputGoneError
from thaw.vaults.handing_over import HandingOver
from thaw.vaults.judging import Judge, outcome_of, staged
from thaw.vaults.outcomes import Noted, Outcome
from thaw.vaults.parts import CONCURRENCY, Parts
from thaw.vaults.recording import Recorder
from thaw.vaults.tasks import Task, Tasks
from thaw.vaults.waiting import Waits

SPARE_SECONDS = 60.0
"""Of the function's time, not counted on."""

BYTES_PER_SECOND = 10 * 2**20
"""What one function is taken to transfer: less than it usually does, so that what begins also ends."""

IN_PARTS_BYTES = 4 * 2**30
"""Of larger archives that one call transfers itself, together, in about half of its time. The functions that
the queue calls at a time are bounded; so larger ones alone need executions."""

Act = Callable[[Task], Outcome]


@dataclass(frozen=True)
class Batch:
    """What became of each message, by its id; `inventories` are the jobs whose inventories are there."""

    outcomes: Mapping[str, Outcome]
    inventories: Mapping[str, str]


@dataclass(frozen=True)
class Transferrer:
    """Transfers the archives that messages name. Nobody tries again after `max_receives` deliveries;
    `resend(body)` sends a message anew, for later."""

    tasks: Tasks
    judge: Judge
    archives: Archives
    recorder: Recorder
    handing_over: HandingOver
    max_receives: int
    resend: Callable[[str], None]

    def transfer(self, deliveries: Sequence[Delivery], seconds_left: Callable[[], float]) -> Batch:
        """Transfers, checks, records; `seconds_left()` is the function's time.

        Every message but those of inventories gets its outcome. One that is `Again` is to be delivered again.
        """
        asked = self.tasks.of(deliveries)
        last = {one.message_id for one in deliveries if one.receives >= self.max_receives}
        bodies = {one.message_id: one.body for one in deliveries}
        call = _Call(self, asked.tasks, bodies, last, lambda: seconds_left() - SPARE_SECONDS)
        recorded = call.run() if asked.tasks else {}
        outcomes = {**asked.settled, **recorded}
        outcomes |= {name: outcomes[other] for name, other in asked.repeats.items()}
        return Batch(outcomes, asked.inventories)


@dataclass(frozen=True)
class _Call:
    """One call of the function: at most CONCURRENCY archives or parts are in memory at a time."""

    made_of: Transferrer
    tasks: Mapping[str, Task]
    bodies: Mapping[str, str]
    last: set[str]
    seconds_left: Callable[[], float]

    def run(self) -> dict[str, Outcome]:
        """Small archives first: they are recorded before a large one takes its time."""
        large = {name: task for name, task in self.tasks.items() if task.place.archive.size_bytes > ONE_PART}
        small = {name: task for name, task in self.tasks.items() if name not in large}
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            futures = {name: pool.submit(self._attempt, task, self._at_once) for name, task in small.items()}
            staged_only = {name: self._attempt(task, self._confirmed) for name, task in large.items()}
            done = {name: future.result() for name, future in futures.items()}
            recorded = self._record({**done, **staged_only})
            wanted = {name: large[name] for name, one in staged_only.items() if one is _STAGED}
            wanted = {name: task for name, task in wanted.items() if recorded[name] is _STAGED}
            in_parts = self._in_parts(wanted, Parts(self.made_of.archives.uploads, pool, self.seconds_left))
        return {**recorded, **(self._record(in_parts) if in_parts else {})}

    def _in_parts(self, tasks: Mapping[str, Task], through: Parts) -> dict[str, Outcome]:
        """One after the other, each with all threads; what is too much for this call goes elsewhere."""
        archives, outcomes, left = self.made_of.archives, dict[str, Outcome](), IN_PARTS_BYTES

        def here(task: Task) -> Outcome:
            return archives.in_parts(task.place, task.retrieval.job_id, through)

        def apart(task: Task) -> Outcome:
            return archives.apart(task.place, task.retrieval.job_id, self.made_of.handing_over)

        for name, task in sorted(tasks.items(), key=lambda each: each[1].place.archive.size_bytes):
            size = task.place.archive.size_bytes
            fits = size <= left and size / BYTES_PER_SECOND <= self.seconds_left()
            outcomes[name] = self._attempt(task, here if fits else apart)
            left -= size if fits else 0
        return outcomes

    def _at_once(self, task: Task) -> Outcome:
        size = task.place.archive.size_bytes
        if size / BYTES_PER_SECOND > self.seconds_left():
            raise NoTimeLeftError(f"{size} bytes may take longer than the function's time left.")
        return self.made_of.archives.at_once(task.place, task.retrieval.job_id)

    def _confirmed(self, task: Task) -> Outcome:
        """A large archive is said to be staged before its bytes prove it, so Glacier itself is asked."""
        if task.retrieval.completed_at < task.place.record.history.restore_completed_at:
            return Left("a later retrieval of the archive is transferred")
        known = self.made_of.judge.knows(task)
        return _STAGED if known else Left(f"Glacier has completed no retrieval job {task.retrieval.job_id}")

    def _attempt(self, task: Task, act: Act) -> Outcome:
        """What becomes of one archive: its retrieval is judged, its job may be over, its output too."""
        place, now = task.place, self.made_of.archives.now()
        judge = self.made_of.judge
        try:
            judged = judge.ended(task, now)
            if judged is not None:
                return judged
            state = self.made_of.tasks.jobs.find(place.pointer.job_id) or place.state
            if given_up(state, now):
                return Noted(f"job {place.pointer.job_id} was stopped")
            return act(task)
        except SERVICE_ERRORS as exc:
            return self._error(task, exc, now)

    def _error(self, task: Task, error: Exception, now: str) -> Outcome:
        retrieval = task.retrieval
        if not isinstance(error, OutputGoneError):
            return outcome_of(error, task.place, now)
        try:
            return self.made_of.judge.lapsed(task.place, retrieval.job_id, retrieval.completed_at, now)
        except SERVICE_ERRORS as exc:
            return outcome_of(exc, task.place, now)

    def _record(self, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
        now = self.made_of.archives.now()
        places = {name: self.tasks[name].place for name in outcomes}
        waits = Waits(self.made_of.recorder, self.made_of.resend)
        waits.note_refusals(places, outcomes)
        final = {
            name: waits.final(places[name], self.bodies[name], one, now, last=name in self.last)
            for name, one in outcomes.items()
        }
        news = {
            name: staged(self.tasks[name].retrieval)
            for name, one in final.items()
            if not isinstance(one, Left | Again)
        }
        return self.made_of.recorder.record(places, final, news)


_STAGED = Noted("it is staged")
"""Of a large archive, before it is transferred."""
