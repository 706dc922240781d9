"""The counter rows of a job under way, as many records would have left them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from benchmarks.lives import Life
from thaw.core.jobs import Job, Totals
from thaw.core.records import ObjectRecord
from thaw.core.rollups import Counters, contributions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Row = dict[str, AttributeValueTypeDef]

SLOTS = 8
"""As in the stack's default settings."""


def totals_of(lives: Iterable[Life]) -> tuple[Job, list[Counters]]:
    """The job that `lives` make up, and its counters by slot; records change slots in turns."""
    slots: list[Counters] = [Counter() for _ in range(SLOTS)]
    by_class: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    entry = None
    for number, life in enumerate(lives):
        entry = life.entry
        slots[number % SLOTS].update(contributions(ObjectRecord(life.id, entry, life.history, 1)))
        by_class[entry.storage_class][0] += 1
        by_class[entry.storage_class][1] += entry.size_bytes or 0
    assert entry is not None, "a job has objects"
    classes = {name: Totals(*amounts) for name, amounts in by_class.items()}
    total = Totals(*map(sum, zip(*classes.values(), strict=True)))
    job = Job(entry.job_id, "2026-11-21T03:00:00.000Z", entry.tier, total, classes, (entry.bucket,))
    return job, slots


def rows_of(slots: list[Counters]) -> "Iterator[Row]":
    """The items of the rollups table."""
    for slot, counters in enumerate(slots):
        rows: dict[tuple[str, str], Row] = {}
        for (job_id, metric, attribute), amount in counters.items():
            key: Row = {"job_id": {"S": job_id}, "metric": {"S": f"{metric}#{slot}"}}
            rows.setdefault((job_id, metric), key)[attribute] = {"N": str(amount)}
        yield from rows.values()
