"""Processes that die before or after any call to AWS: every call of every client of a session is one."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import botocore.session


class Killed(BaseException):
    """The process is gone: nothing catches this but whoever started it."""


class Strike(NamedTuple):
    """At which call the process dies, counted from 0 since the last `arm`; `after` it had its effect."""

    number: int
    after: bool


class Place(NamedTuple):
    """A call of a function, by their names: the process dies at the first one."""

    function: str
    call: str
    after: bool = False


class Crashes:
    """Counts the calls of functions, and kills their process at one of them.

    `calls` are the names of the calls since the last `arm`, as `s3:PutObject`, `asked` the same with what was
    given to each. Once dead, every further call
    of the process dies too, those of its other threads included, until `revive`.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.struck = ""
        self._strike: Strike | Place | None = None
        self._function = ""
        self._dead = False
        self._watched = False
        self._lock = threading.Lock()
        self._mine = threading.local()

    def watch(self, session: botocore.session.Session, answered: Iterable[str]) -> None:
        """Clients made of this session from now on are watched. `answered` are services that are answered
        before a request is made, by whom nobody else is asked any more."""
        events: Any = session.get_component("event_emitter")
        events.register_first("before-parameter-build", self._ask)
        events.register_first("before-call", self._before)
        for service in answered:
            events.register_first(f"before-call.{service}", self._before)
        events.register_last("after-call", self._after)

    def arm(self, strike: Strike | Place | None = None) -> None:
        """Forgets what was called, and waits for the call to die at; None for none."""
        self.calls, self.asked, self.struck, self._strike = [], [], "", strike
        self._dead = False

    def begin(self, function: str) -> None:
        """From here on it is this function that calls."""
        self._watched, self._function = True, function

    def end(self) -> bool:
        """From here on it is the test that calls. Whether the process died, whatever its threads made of it;
        what is called next is alive again, as another one."""
        died, self._watched, self._dead = self._dead, False, False
        return died

    def _ask(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        if self._watched:
            self.asked.append((f"{model.service_model.service_name}:{model.name}", dict(params)))

    def _before(self, model: Any, **_: object) -> None:
        if not self._watched:
            return
        with self._lock:
            if self._dead:
                raise Killed
            number, name = len(self.calls), f"{model.service_model.service_name}:{model.name}"
            self.calls.append(name)
            self._mine.number = number
            self._die_at(number, name, after=False)

    def _after(self, model: Any, **_: object) -> None:
        if not self._watched:
            return
        with self._lock:
            if self._dead:
                raise Killed
            name = f"{model.service_model.service_name}:{model.name}"
            self._die_at(getattr(self._mine, "number", -1), name, after=True)

    def _die_at(self, number: int, name: str, *, after: bool) -> None:
        if self._strike in (Strike(number, after), Place(self._function, name, after)):
            self._dead, self._strike = True, None
            self.struck = f"{'after' if after else 'before'} call {number}, {name} of {self._function}"
            raise Killed


def tally(calls: list[str]) -> Mapping[str, int]:
    """How often each was called."""
    return {name: calls.count(name) for name in sorted(set(calls))}
