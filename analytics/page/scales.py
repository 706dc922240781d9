"""Where the marks of an axis go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log, log10

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_TICK_STEPS = (HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY)
_MAX_TIME_TICKS = 8
_DURATIONS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200),
    *(1800, 3600, 7200, 10800, 18000, 28800, 43200, 86400, 172800, 345600, 604800, 1209600, 2592000),
    *(5184000, 10368000, 20736000, 31536000, 63072000, 157680000, 315360000, 1e9, 1e10),
)
"""Seconds at which a logarithmic axis of durations may have a tick."""

_LEAST_GAP = 0.09
"""Of the axis' width, between two ticks of durations."""

_LEAST_RATIO = 4.0
"""Of the end of an axis of durations to its start: a narrower one would have no tick."""

SHORTEST = 0.001
"""Seconds; a logarithmic axis has no zero, and times are in milliseconds."""


def upper_ticks(top: float, *, whole: bool) -> list[float]:
    """Round numbers from 0 to the first that is at least `top`, in at most five steps."""
    if not top:
        return [0, 1]
    raw = top / 4
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * (1 - 1e-9))
    step = max(ceil(step), 1) if whole else step
    return [step * index for index in range(ceil(top / step * (1 - 1e-9)) + 1)]


@dataclass(frozen=True)
class Grid:
    """Equal steps of time from `start` on."""

    start: datetime
    step: timedelta
    count: int

    @classmethod
    def over(cls, first: datetime, last: datetime, steps: Sequence[timedelta], limit: int) -> "Grid":
        """The finest of `steps` that leads from `first` into `last` in at most `limit` steps (else the last
        of them). Steps of a day or more start at midnight UTC."""
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        starts = [(midnight if step >= DAY else first, step) for step in steps]
        grids = [cls(start, step, (last - start) // step + 1) for start, step in starts]
        return next((grid for grid in grids if grid.count <= limit), grids[-1])

    def index(self, at: datetime) -> int:
        return (at - self.start) // self.step

    def at(self, index: int) -> datetime:
        return self.start + index * self.step

    def ticks(self) -> Iterator[tuple[float, datetime]]:
        """Round times and where they are (0..1 of the width), at most eight or so."""
        whole_width = self.step * self.count
        step = next((step for step in _TICK_STEPS if whole_width <= step * _MAX_TIME_TICKS), None)
        step = step or DAY * ceil(whole_width / DAY / _MAX_TIME_TICKS)
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        first = ceil((self.start - midnight) / step)
        at = midnight + first * step
        while at <= self.start + whole_width:
            yield (at - self.start) / whole_width, at
            at += step


@dataclass(frozen=True)
class LogAxis:
    """A logarithmic axis of durations, `low` to `high` seconds."""

    low: float
    high: float

    @classmethod
    def around(cls, low: float, high: float) -> "LogAxis":
        low, high = max(low, SHORTEST), max(high, SHORTEST)
        spare = max((_LEAST_RATIO * low / high) ** 0.5, 1.03)
        return cls(low / spare, high * spare)

    def place(self, seconds: float) -> float:
        """0..1 of the width; what lies outside is at the edge."""
        share = log(max(seconds, SHORTEST) / self.low) / log(self.high / self.low)
        return min(max(share, 0.0), 1.0)

    def ticks(self) -> Iterator[tuple[float, float]]:
        """Places and round durations, not too close to each other."""
        last = -_LEAST_GAP
        for seconds in _DURATIONS:
            place = self.place(seconds)
            if self.low <= seconds <= self.high and place - last >= _LEAST_GAP:
                last = place
                yield place, seconds
