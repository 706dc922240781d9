"""The lives of an object version in jobs that it has left, kept in its record: for a job that gets it back.

A job that loads an object for the second time, after another job had it, counts it once: what its former life
there had added to the counters is taken off again.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from thaw.core.history import Failure, History, Observation
from thaw.core.records import ObjectRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = Mapping[str, AttributeValueTypeDef]

FORMER = "former"
MOST_LIVES = 10
"""Lives that a record keeps, the latest ones; some 300 bytes each."""

Lives = dict[str, list[Any]]
"""By the job's id, the oldest life first."""


def lives_of(item: "Item") -> Lives:
    """The former lives of the record that `item` holds."""
    return json.loads(item.get(FORMER, {}).get("S", "{}"))


def lives_attribute(lives: Lives) -> "dict[str, AttributeValueTypeDef]":
    """The attribute that keeps the latest of `lives`; none for none."""
    kept = dict(list(lives.items())[-MOST_LIVES:])
    return {FORMER: {"S": json.dumps(kept, separators=(",", ":"))}} if kept else {}


def ended(lives: Lives, record: ObjectRecord) -> Lives:
    """`lives` with that which `record` has had until now."""
    entry = record.entry
    life = [entry.size_bytes, entry.storage_class, entry.tier, record.history]
    return {**{job_id: each for job_id, each in lives.items() if job_id != entry.job_id}, entry.job_id: life}


def returning(lives: Lives, record: ObjectRecord) -> ObjectRecord | None:
    """`record` as it was when it left the job that it now comes back to, if it was there."""
    life = lives.get(record.entry.job_id)
    if life is None:
        return None
    size_bytes, storage_class, tier, times = life
    entry = record.entry._replace(size_bytes=size_bytes, storage_class=storage_class, tier=tier)
    history = History(*times)
    failure, seen = Failure(*history.failure), Observation(*history.observation)
    return record._replace(entry=entry, history=history._replace(failure=failure, observation=seen))
