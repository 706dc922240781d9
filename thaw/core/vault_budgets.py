"""How much may be asked of Glacier now.

What was retrieved and is not transferred in time has to be retrieved again; so never more is under way than
can be transferred while the output of its retrieval can be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from thaw.core.archives import WINDOW_HOURS
from thaw.core.history import Status
from thaw.core.jobs import Progress, Totals
from thaw.core.rollups import HOUR, SEPARATOR
from thaw.core.watch_figures import HOUR_MILLIS, JobCounters, hours_before

SAFETY = 0.5
"""Of what could be transferred within the window at the measured rate."""

UNMEASURED = Totals(200_000, 2 * 1024**4)
"""May be under way whatever was measured: what fifty transfers at a time do in a few hours."""

UNLIMITED = Totals(2**62, 2**62)

_MEASURED_HOURS = 24
_HOUR_WIDTH = len("2026-11-21T03")
_MINUTES = slice(len("2026-11-21T03:"), len("2026-11-21T03:04"))


class Backlog(NamedTuple):
    """What all vault transfers together have `staged`: requested and not transferred yet, retrieved or not;
    and how much they transfer in an hour."""

    staged: Totals
    per_hour: Totals


@dataclass
class Room:
    """How much more may be asked for before the `limit` of what is staged is reached. The first archive may
    be, however large: else one that is larger than the limit would wait for ever."""

    limit: Totals
    staged: Totals

    def fits(self, sizes: Sequence[int]) -> int:
        """How many of archives of these sizes, in their order, may be asked for."""
        objects, size_bytes = self.staged
        for number, size in enumerate(sizes):
            over = objects + 1 > self.limit.objects or size_bytes + size > self.limit.size_bytes
            if over and objects:
                return number
            objects, size_bytes = objects + 1, size_bytes + size
        return len(sizes)

    def take(self, sizes: Iterable[int]) -> None:
        """Counts archives that were asked for."""
        for size in sizes:
            self.staged = Totals(self.staged.objects + 1, self.staged.size_bytes + size)

    def give_back(self, sizes: Iterable[int]) -> None:
        """Takes off what was counted and not asked for."""
        for size in sizes:
            self.staged = Totals(self.staged.objects - 1, self.staged.size_bytes - size)


def backlog(looks: Iterable[tuple[Progress, JobCounters]], now: str) -> Backlog:
    """Of the transfers whose progress and counters `looks` are; `now` is fixed-width ISO-8601."""
    looks = list(looks)
    under_way = (Status.RESTORING, Status.RESTORED)
    staged = _sum(progress.by_status[status] for progress, _ in looks for status in under_way)
    transferred = _by_hour([counters for _, counters in looks], "copied")
    waits = _waits(looks, now)
    return Backlog(staged, _recent(transferred, now) if waits else _best(transferred, looks, now))


def staged_limit(per_hour: Totals, configured_bytes: int) -> Totals:
    """How much may be staged: what the stack says (0 for nothing said), or what the rate allows."""
    if configured_bytes:
        return Totals(UNLIMITED.objects, configured_bytes)
    hours = WINDOW_HOURS * SAFETY
    return Totals(
        max(UNMEASURED.objects, int(per_hour.objects * hours)),
        max(UNMEASURED.size_bytes, int(per_hour.size_bytes * hours)),
    )


def rate(counters: JobCounters, now: str) -> float:
    """Bytes a second that a transfer moved in the last two hours."""
    return _recent(_by_hour([counters], "copied"), now).size_bytes * 1000 / HOUR_MILLIS


def _best(
    transferred: Mapping[str, Totals], looks: Iterable[tuple[Progress, JobCounters]], now: str
) -> Totals:
    """The most of an hour of the last day, yet no more than was retrieved in two days: what was found to be
    there already counts as copied, and says nothing of how fast transfers are."""
    completed = _by_hour([counters for _, counters in looks], "completed")
    retrieved = _sum(part for hour, part in completed.items() if hour >= _hour(now, 2 * _MEASURED_HOURS))
    hours = [transferred.get(_hour(now, hours), Totals(0, 0)) for hours in range(_MEASURED_HOURS)]
    return Totals(
        min(retrieved.objects, max(part.objects for part in hours)),
        min(retrieved.size_bytes, max(part.size_bytes for part in hours)),
    )


def _waits(looks: Sequence[tuple[Progress, JobCounters]], now: str) -> bool:
    """Whether something that was retrieved before the last hour began is not transferred: then the rate is
    what transfers can do, and else it may be what there was to do."""
    retrieved = _sum(progress.by_status[Status.RESTORED] for progress, _ in looks)
    completed = _by_hour([counters for _, counters in looks], "completed")
    fresh = _sum(part for hour, part in completed.items() if hour >= _hour(now, 1))
    return retrieved.objects > fresh.objects


def _recent(by_hour: Mapping[str, Totals], now: str) -> Totals:
    """An hour's worth, of the hour that is not over and the one before."""
    objects, size_bytes = _sum(by_hour.get(_hour(now, hours), Totals(0, 0)) for hours in (0, 1))
    minutes = 60 + int(now[_MINUTES])
    return Totals(objects * 60 // minutes, size_bytes * 60 // minutes)


def _by_hour(looks: Iterable[JobCounters], kind: str) -> dict[str, Totals]:
    """Objects and bytes to which that happened, by the hour."""
    found: dict[str, Totals] = {}
    for counters in looks:
        for (metric, attribute), amount in counters.items():
            if metric.startswith(HOUR + SEPARATOR) and attribute.startswith(kind + "_"):
                hour = metric.removeprefix(HOUR + SEPARATOR)
                added = Totals(amount, 0) if attribute.endswith("objects") else Totals(0, amount)
                found[hour] = _sum((found.get(hour, Totals(0, 0)), added))
    return found


def _hour(now: str, hours: int) -> str:
    return hours_before(now, hours)[:_HOUR_WIDTH]


def _sum(parts: Iterable[Totals]) -> Totals:
    parts = list(parts)
    return Totals(sum(part.objects for part in parts), sum(part.size_bytes for part in parts))
