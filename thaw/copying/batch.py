"""From a batch of messages to copies: one read and one write of records, the copies at the same time."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, ParamSpec, TypeVar

from thaw.copying.clients import PART_CONCURRENCY
from thaw.copying.errors import NoTimeLeftError
from thaw.copying.handing_over import HandingOver
from thaw.copying.making import SERVICE_ERRORS, Maker, outcome_of
from thaw.copying.outcomes import Again, Left, Outcome
from thaw.copying.preparing import Preparer, Task
from thaw.copying.recording import Recorder
from thaw.copying.tasks import Delivery, Tasks
from thaw.copying.work import Work
from thaw.core.copy_plan import Way, ways
from thaw.core.history import restored_at

SPARE_SECONDS = 60.0
"""Of the function's time, not counted on."""

T = TypeVar("T")
P = ParamSpec("P")


class Batch(NamedTuple):
    """What became of each message, by its id; and of sources that are deleted: why one was not, if so."""

    outcomes: dict[str, Outcome]
    deletions: dict[str, Exception | None]


@dataclass(frozen=True)
class Copier:
    """Copies what a batch of messages names. `max_receives`: the delivery after which nobody tries again."""

    tasks: Tasks
    preparer: Preparer
    recorder: Recorder
    handing_over: HandingOver
    max_receives: int

    def copy(self, deliveries: Sequence[Delivery], seconds_left: Callable[[], float]) -> Batch:
        """Copies, checks, records; `seconds_left()` is the function's time.

        Every message gets its outcome. One that is `Again` is to be delivered again.
        """
        asked = self.tasks.of(deliveries)
        made = self._make(asked.tasks, seconds_left) if asked.tasks else {}
        last = {one.message_id for one in deliveries if one.receives >= self.max_receives}
        final = {name: self._given_up(one) if name in last else one for name, one in made.items()}
        recorded, deletions = self.recorder.record(asked.tasks, final)
        outcomes = {**asked.settled, **recorded}
        outcomes |= {name: outcomes[other] for name, other in asked.repeats.items()}
        return Batch(outcomes, deletions)

    def _given_up(self, outcome: Outcome) -> Outcome:
        return outcome.failed(self.preparer.now()) if isinstance(outcome, Again) else outcome

    def _make(self, tasks: Mapping[str, Task], seconds_left: Callable[[], float]) -> dict[str, Outcome]:
        """One thread an object; large ones one after the other, each with all threads for parts."""
        with (
            ThreadPoolExecutor(len(tasks)) as pool,
            ThreadPoolExecutor(1) as lane,
            ThreadPoolExecutor(PART_CONCURRENCY) as parts,
        ):
            prepare = self.preparer.prepare
            prepared = _results({n: pool.submit(self._attempt, prepare, task) for n, task in tasks.items()})
            works = {name: one for name, one in prepared.items() if isinstance(one, Work)}
            sizes = {name: work.size_bytes for name, work in works.items()}
            seconds = seconds_left() - SPARE_SECONDS
            plan = ways(sizes, seconds, PART_CONCURRENCY, self.preparer.single_bytes)
            maker = Maker(self.preparer.clients, parts, self.preparer.now, seconds_left)
            copies = {
                name: (lane if way is Way.IN_PARTS else pool).submit(
                    self._attempt, self._copy, maker, way, tasks[name], works[name]
                )
                for name, way in plan.items()
            }
            made = _results(copies)
        return {name: made[name] if isinstance(one, Work) else one for name, one in prepared.items()}

    def _copy(self, maker: Maker, way: Way, task: Task, work: Work) -> Outcome:
        since = restored_at(task.record.history)
        if way is Way.AT_ONCE:
            return maker.at_once(work, since)
        if way is Way.IN_PARTS:
            return maker.in_parts(work, since)
        if way is Way.LATER:
            raise NoTimeLeftError(f"{work.size_bytes} bytes may take longer than the function's time left.")
        name = self.handing_over.start(task.message, task.record, work.source.head.readable_until)
        return Left(f"execution {name} copies the object")

    def _attempt(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Outcome:
        try:
            return act(*args, **kwargs)
        except SERVICE_ERRORS as exc:
            return outcome_of(exc, self.preparer.now())


def _results(futures: Mapping[str, "Future[T]"]) -> dict[str, T]:
    return {name: future.result() for name, future in futures.items()}
