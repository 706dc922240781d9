"""A clock that goes on when it is told to, and when somebody waits."""

import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from thaw.core.times import to_iso

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


class Clock:
    """Wall clock and monotonic clock in one. Whoever sleeps moves it."""

    def __init__(self, start: datetime = START) -> None:
        self._start = self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def of_zone(self, zone: tzinfo) -> datetime:
        return self._now.astimezone(zone)

    def iso(self) -> str:
        return to_iso(self._now)

    def timestamp(self) -> float:
        return self._now.timestamp()

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


@contextmanager
def told_by(clock: Clock) -> Generator[None]:
    """The functions that are imported read this clock; nobody in this process sleeps, it goes on instead."""
    told = SimpleNamespace(now=clock.of_zone)
    instead: Mapping[Any, Any] = {time.sleep: clock.advance, time.monotonic: clock.monotonic}
    with ExitStack() as stack:
        for module in _ours():
            if module.__name__.startswith("lambdas.") and hasattr(module, "datetime"):
                stack.enter_context(patch.object(module, "datetime", told))
            for function in _functions_of(module):
                defaults = function.__defaults__ or ()
                if any(each in instead for each in _hashable(defaults)):
                    changed = tuple(_instead_of(each, instead) for each in defaults)
                    stack.enter_context(patch.object(function, "__defaults__", changed))
        stack.enter_context(patch.object(time, "sleep", clock.advance))
        yield


def _ours() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(("lambdas.", "thaw."))]


def _functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """Those that are defined in it, those of its classes included."""
    for value in list(vars(module).values()):
        if getattr(value, "__module__", "") == module.__name__:
            inner = list(vars(value).values()) if isinstance(value, type) else [value]
            yield from (each for each in inner if isinstance(each, FunctionType))


def _hashable(values: tuple[Any, ...]) -> Iterator[Callable[..., Any]]:
    return (each for each in values if callable(each))


def _instead_of(value: Any, instead: Mapping[Any, Any]) -> Any:
    return instead.get(value, value) if callable(value) else value
