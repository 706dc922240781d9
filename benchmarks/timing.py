"""Times of things that are compared: taken in turns, so that whatever else the machine does meets all."""

import gc
import time
from collections.abc import Callable, Mapping

Times = Mapping[str, list[float]]
"""Seconds of every round, by name."""


def timed(act: Callable[[], object]) -> float:
    """Seconds that `act` takes, without pauses of the garbage collector."""
    gc.disable()
    try:
        start = time.perf_counter()
        act()
        return time.perf_counter() - start
    finally:
        gc.enable()


def in_turns(sides: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """Every side once a round, forwards and backwards in turn, so that none always comes first."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        names = list(sides) if number % 2 else list(sides)[::-1]
        for name in names:
            times[name].append(timed(sides[name]))
    return times


def ratio(times: Times, above: str, below: str) -> float:
    """How many times longer `above` took than `below`, the fastest round of each: others only add to it."""
    return min(times[above]) / min(times[below])
