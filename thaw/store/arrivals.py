"""What is written when an object arrives in a job: its record as it will be, and all counters it changes."""

from typing import TYPE_CHECKING, NamedTuple

from thaw.core.archives import VAULT_CLASS
from thaw.core.history import NOTHING, History, merge, news_since
from thaw.core.lives import new_life
from thaw.core.records import ObjectRecord
from thaw.core.times import from_millis, to_millis
from thaw.store.former_lives import FORMER, ended, lives_attribute, lives_of, returning
from thaw.store.items import REVISION, RUN, SINCE, described, history_attributes
from thaw.store.ledgers import Amounts, Tables, counted, left, loaded
from thaw.store.moves import Move, Stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_SECOND_MILLIS = 1000


class Arrival(NamedTuple):
    """A record as it will be, and the move that makes it so; None where it is so already."""

    record: ObjectRecord
    move: Move | None


def created(tables: Tables, asked: ObjectRecord, run: int, now: str) -> Arrival:
    """A new record. Its revisions begin with the time, so that none is ever that of an earlier record."""
    record = asked._replace(revision=to_millis(now), modified_at="")
    amounts = _present(tables, record)
    return Arrival(record, Move(record.id, None, _item(record, run), amounts))


def taken(tables: Tables, asked: ObjectRecord, stored: Stored, run: int, now: str) -> Arrival:
    """A record that leaves its job for the one that asks, `since` now.

    Its old job's counters stay, and what it had added to them is written down as left; a job that gets it
    back counts it once.
    """
    old = stored.record
    record = _anew(asked, old, now)
    lives = lives_of(stored.item)
    amounts = _present(tables, record)
    amounts.update(left(tables, old))
    back = returning(lives, record)
    if back is not None:
        amounts.subtract(_present(tables, back))
        amounts.subtract(left(tables, back))
    item = {**_item(record, run), **lives_attribute(ended(lives, old))}
    return Arrival(record, Move(record.id, stored, item, amounts))


def listed(tables: Tables, shown: History, stored: Stored) -> Arrival:
    """A record that its own job asks for again, and what a listing has `shown` of its object meanwhile."""
    old = stored.record
    history = merge(old.history, shown)
    if history == old.history or old.history.copied_at:
        return Arrival(old, None)
    record = old._replace(history=history, revision=old.revision + 1)
    amounts = counted(tables, record)
    amounts.subtract(counted(tables, old))
    return Arrival(record, Move(record.id, stored, {**stored.item, **_changing(record)}, amounts))


def tried_again(tables: Tables, asked: ObjectRecord, stored: Stored, now: str) -> Arrival:
    """A record that failed or lapsed in an earlier run of its own job, or whose object was written over since
    it was copied: the job tries it again, `since` now."""
    old = stored.record
    record = _anew(asked, old, now)
    if asked.entry.size_bytes is None and not asked.modified_at:
        record = record._replace(entry=old.entry)
    amounts = _present(tables, record)
    amounts.subtract(_present(tables, old))
    kept = {name: stored.item[name] for name in (RUN, FORMER) if name in stored.item}
    return Arrival(record, Move(record.id, stored, {**_described(record), **kept}, amounts))


def removed(tables: Tables, stored: Stored) -> Move:
    """A record that is taken out of the tables, as if it had never been loaded."""
    amounts: Amounts = Amounts()
    amounts.subtract(_present(tables, stored.record))
    return Move(stored.record.id, stored, None, amounts)


def _anew(asked: ObjectRecord, old: ObjectRecord, now: str) -> ObjectRecord:
    """`asked` as its life begins at `now`: with what is known of the object as it was last written.

    Nothing is of an archive: a retrieval of it points to the plan that it was requested by, which is another
    one now, and what Glacier still has staged is had again for nothing.
    """
    known = merge(news_since(old.history, asked.modified_at), asked.history)
    if asked.entry.storage_class == VAULT_CLASS:
        known = NOTHING
    return asked._replace(
        history=new_life(known, now), revision=old.revision + 1, since=_second_of(now), modified_at=""
    )


def _present(tables: Tables, record: ObjectRecord) -> Amounts:
    amounts = counted(tables, record)
    amounts.update(loaded(tables, record))
    return amounts


def _second_of(now: str) -> str:
    """The whole second: EventBridge tells no more, and a request of this very second is news."""
    return from_millis(to_millis(now) // _SECOND_MILLIS * _SECOND_MILLIS)


def _item(record: ObjectRecord, run: int) -> "dict[str, AttributeValueTypeDef]":
    return {**_described(record), RUN: {"N": str(run)}}


def _described(record: ObjectRecord) -> "dict[str, AttributeValueTypeDef]":
    return {
        **described(record),
        REVISION: {"N": str(record.revision)},
        **({SINCE: {"S": record.since}} if record.since else {}),
    }


def _changing(record: ObjectRecord) -> "dict[str, AttributeValueTypeDef]":
    return {**history_attributes(record.history), REVISION: {"N": str(record.revision)}}
