"""Holds a rate of requests, however many threads send them."""

import threading
from collections.abc import Callable


class Pacer:
    """Lets `per_second` callers a second through.

    `monotonic()` is a clock in seconds, `pause(seconds)` waits.
    """

    def __init__(
        self, per_second: float, monotonic: Callable[[], float], pause: Callable[[float], None]
    ) -> None:
        self._gap = 1 / per_second
        self._monotonic = monotonic
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Returns when it is the caller's turn."""
        with self._lock:
            now = self._monotonic()
            turn = max(self._next, now)
            self._next = turn + self._gap
        if turn > now:
            self._pause(turn - now)

    def hold_back(self, seconds: float) -> None:
        """Lets nobody through for so long."""
        with self._lock:
            self._next = max(self._next, self._monotonic() + seconds)
