"""Parsing events and merging them into stored histories, against json.loads alone on the same bodies."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import fmean

from benchmarks.bodies import mixed_bodies
from benchmarks.lives import BUCKET, BUSY, lives
from benchmarks.timing import in_turns, ratio
from thaw.core.events import parse_message
from thaw.core.history import NOTHING, History, merge
from thaw.core.keys import ObjectId, object_path
from thaw.core.targets import Target, target_of

_BATCH = 1000
_FLOOR = "json.loads alone"


class _Parsing:
    """A third of the events each: requests of objects without history, completions of requested ones,
    copies (in place) of restored ones."""

    def __init__(self, objects: int) -> None:
        asked, restoring, restored = (list(lives(objects, BUSY, prefix=name)) for name in ("a", "b", "c"))
        self.stored: dict[ObjectId, History] = {
            **{life.id: NOTHING for life in asked},
            **{life.id: History(restore_requested_at=life.requested_at) for life in restoring},
            **{life.id: life.history._replace(copied_at="") for life in restored},
        }
        self.bodies = mixed_bodies(
            happening
            for first, second, third in zip(asked, restoring, restored, strict=True)
            for happening in (first.requested(), second.completed(), third.copied(BUCKET))
        )
        self.batches = [self.bodies[at : at + _BATCH] for at in range(0, len(self.bodies), _BATCH)]

    def merge_by_object(self, bodies: Sequence[str]) -> None:
        news: dict[ObjectId, History] = {}
        for body in bodies:
            for event in parse_message(body).events:
                object_id = ObjectId(object_path(event.bucket, event.key), event.version_id)
                known = news.get(object_id)
                news[object_id] = event.history if known is None else merge(known, event.history)
        for object_id, history in news.items():
            merge(self.stored[object_id], history)

    def merge_by_target(self, bodies: Sequence[str]) -> None:
        news: dict[Target, History] = {}
        for body in bodies:
            for event in parse_message(body).events:
                target = target_of(event, ())
                known = news.get(target)
                news[target] = event.history if known is None else merge(known, event.history)
        for target, history in news.items():
            merge(self.stored[target.ids[0]], history)


def _load(bodies: Sequence[str]) -> None:
    for body in bodies:
        json.loads(body)


def _parse(bodies: Sequence[str]) -> None:
    for body in bodies:
        parse_message(body)


def main(objects: int = 2_000, rounds: int = 51) -> None:
    """Prints speeds as shares of the speed of json.loads."""
    parsing = _Parsing(objects)
    sides: dict[str, Callable[[Sequence[str]], None]] = {
        _FLOOR: _load,
        "parse": _parse,
        "parse and merge": parsing.merge_by_object,
        "parse, find target, merge": parsing.merge_by_target,
    }
    shares = [_shares(sides, batch, rounds) for batch in parsing.batches]
    size = sum(map(len, parsing.bodies)) / len(parsing.bodies)
    print(
        f"{len(parsing.bodies)} messages of {size:.0f} characters in batches of {_BATCH}, S3 notifications"
        " and EventBridge events, requested, completed and copied in place, a quarter of the keys encoded;"
        f" fastest of {rounds} rounds"
    )
    for name in list(sides)[1:]:
        expected = " (expected: at least 0.5)" if name == "parse and merge" else ""
        print(f"{name:<28} {fmean(share[name] for share in shares):.2f} x the speed of {_FLOOR}{expected}")


def _shares(
    sides: Mapping[str, Callable[[Sequence[str]], None]], bodies: Sequence[str], rounds: int
) -> dict[str, float]:
    times = in_turns({name: partial(act, bodies) for name, act in sides.items()}, rounds)
    return {name: ratio(times, _FLOOR, name) for name in sides}
