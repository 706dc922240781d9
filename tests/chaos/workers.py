"""Workers that take turns at every call to the tables, and calls that fail: drawn from a seed."""

import random
import threading
from collections.abc import Callable, Sequence

from botocore.exceptions import ReadTimeoutError

from tests.fakes.dynamodb import Call, Fault, client_error

REASONS = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")


class Killed(BaseException):
    """The worker's process is gone: nothing catches this but the queue."""


class Turns:
    """Runs jobs in threads of which one runs at a time; who goes on at a `switch` is drawn.

    `between()` is called while all of them stand still.
    """

    def __init__(self, rng: random.Random, between: Callable[[], None]) -> None:
        self._rng = rng
        self._between = between
        self._control = threading.Semaphore(0)
        self._mine = threading.local()

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Runs all jobs to their end; raises what the first of them raised."""
        errors: list[BaseException] = []
        turns = [threading.Semaphore(0) for _ in jobs]
        threads = [
            threading.Thread(target=self._work, args=(job, turn, errors), daemon=True)
            for job, turn in zip(jobs, turns, strict=True)
        ]
        for thread in threads:
            thread.start()
        waiting = list(zip(turns, threads, strict=True))
        while waiting:
            turn, thread = self._rng.choice(waiting)
            turn.release()
            self._control.acquire()
            if getattr(thread, "finished", False):
                waiting.remove((turn, thread))
            self._between()
        if errors:
            raise errors[0]

    def switch(self) -> None:
        """Lets another worker go on; called in a worker, where it may lose the processor."""
        self._control.release()
        self._mine.turn.acquire()

    def _work(self, job: Callable[[], None], turn: threading.Semaphore, errors: list[BaseException]) -> None:
        self._mine.turn = turn
        turn.acquire()
        try:
            job()
        except BaseException as exc:  # noqa: BLE001 - raised again by run
            errors.append(exc)
        finally:
            threading.current_thread().finished = True  # pyright: ignore[reportAttributeAccessIssue] - our own mark
            self._control.release()


def drawn_faults(rng: random.Random, budget: int, calm: float) -> Callable[[Call], Fault | None]:
    """Up to `budget` calls go wrong, each in one of the ways in which calls do; the share `calm` does not."""
    left = budget

    def on_call(call: Call) -> Fault | None:
        nonlocal left
        if left <= 0 or rng.random() < calm:
            return None
        left -= 1
        size = len(call.request.get("TransactItems", "."))
        return rng.choice(
            [
                Fault(before=Killed()),
                Fault(after=Killed()),
                Fault(before=client_error(call.operation, "ThrottlingException")),
                Fault(after=ReadTimeoutError(endpoint_url="https://dynamodb")),
                Fault(reasons={rng.randrange(size): rng.choice(REASONS)}, unprocessed=1),
            ]
        )

    return on_call
