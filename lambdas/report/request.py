"""What an event asks for: which reports, from what, and for which time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from analytics.schema import REPORTS, Origin
from lambdas.report.errors import RequestError
from thaw.core.errors import TimestampError
from thaw.core.times import parse

_KEYS = frozenset(("reports", "origin", "as_of"))


class Wanted(NamedTuple):
    """A report, and what it is to be computed from."""

    report: str
    origin: Origin


class Request(NamedTuple):
    """One run: its reports in the order of the schema, and the time that it is for.

    `kind` is `rollups` or `objects` for the reports that are taken from there, `chosen` for any others.
    """

    kind: str
    wanted: tuple[Wanted, ...]
    at: datetime

    def names(self, origin: Origin) -> list[str]:
        """The reports that are to be computed from `origin`."""
        return [each.report for each in self.wanted if each.origin is origin]


def parse_request(event: Mapping[str, Any], now: datetime) -> Request:
    """The run that `{"reports": ..., "origin": ..., "as_of": ...}` asks for.

    `reports` is `rollups` or `objects`, for the reports that are best taken from there, or a list of names;
    `origin` (with names only) says what to compute them from, else each is computed from what is best.
    `as_of` is the time of the schedule, ISO-8601; without it the run is for `now`. Raises RequestError.
    """
    if unknown := sorted(set(event) - _KEYS):
        raise RequestError(
            f"The event has {unknown[0]!r}, which is not known; it takes reports, origin, as_of."
        )
    reports, origin = event.get("reports"), event.get("origin")
    at = _time(event.get("as_of"), now)
    if isinstance(reports, str):
        if reports not in tuple(Origin) or origin is not None:
            raise RequestError(
                f"The event asks for the reports {reports!r} from {origin!r}; `reports` is {_either()},"
                " without an origin, or a list of names."
            )
        return Request(reports, _best_from(Origin(reports)), at)
    return Request("chosen", _named(reports, origin), at)


def _best_from(origin: Origin) -> tuple[Wanted, ...]:
    return tuple(Wanted(name, origin) for name, each in REPORTS.items() if each.origins[0] is origin)


def _named(names: object, origin: object) -> tuple[Wanted, ...]:
    if not isinstance(names, list) or not names:
        raise RequestError(
            f"The event asks for the reports {names!r}; `reports` is {_either()}, or a list of names."
        )
    if origin is not None and origin not in tuple(Origin):
        raise RequestError(f"The event has the origin {origin!r}; it is {_either()}.")
    chosen = frozenset(map(str, cast("list[object]", names)))
    _refuse(chosen - set(REPORTS), f"there are {', '.join(REPORTS)}")
    wanted = {
        name: Origin(str(origin)) if origin else REPORTS[name].origins[0]
        for name in REPORTS
        if name in chosen
    }
    _refuse(
        (name for name, each in wanted.items() if each not in REPORTS[name].origins),
        f"it cannot be computed from {origin}",
    )
    return tuple(Wanted(*each) for each in wanted.items())


def _refuse(names: Iterable[str], reason: str) -> None:
    for name in sorted(names):
        raise RequestError(f"The event asks for the report {name!r}, but {reason}.")


def _either() -> str:
    return " or ".join(Origin)


def _time(text: object, now: datetime) -> datetime:
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(parse(text))
    except TimestampError as exc:
        raise RequestError(f"The event has the as_of {text!r}: {exc}") from exc
    if at > now:
        raise RequestError(f"The event has the as_of {text!r}, which is still to come: ask for it then.")
    return at
