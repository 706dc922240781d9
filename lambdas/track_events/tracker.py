"""From a batch of queue messages to changed records: parse all, fold by object, apply, answer each."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lambdas.track_events.copies import Copies
from thaw.core.copies import CopyRule
from thaw.core.errors import ThawError
from thaw.core.events import EventKind, ObjectEvent, parse_message
from thaw.core.history import History, merge
from thaw.core.targets import Target, target_of
from thaw.store.writer import Applied, Outcome, RecordWriter

COPY_MESSAGES = "CopyMessages"
"""Counted only where there is a copier."""

_IGNORED = "IgnoredEvents"

_METRICS = {
    Outcome.APPLIED: "AppliedEvents",
    Outcome.UNCHANGED: "UnchangedEvents",
    Outcome.UNTRACKED: "UntrackedEvents",
}


class Message(NamedTuple):
    """A queue message: its id and body."""

    message_id: str
    body: str


class Tracked(NamedTuple):
    """What became of a batch.

    `poison` holds, by message id, why a message can never be applied as a whole; `failed` why one could
    not be applied this time. `counts` are numbers of events by their outcome.
    """

    poison: dict[str, str]
    failed: dict[str, str]
    counts: Counter[str]


def track(
    messages: Iterable[Message],
    rules: Sequence[CopyRule],
    writer: RecordWriter,
    copies: Copies | None = None,
) -> Tracked:
    """Applies all events of `messages`; what is good in a message is applied even if the rest is not.

    Objects that have become readable are handed to `copies`; a message of one that could not be fails.
    """
    tracked = Tracked({}, {}, Counter(dict.fromkeys((_IGNORED, *_METRICS.values()), 0)))
    news: dict[Target, History] = {}
    senders: defaultdict[Target, list[str]] = defaultdict(list)
    for message in messages:
        parsed = parse_message(message.body)
        problems = [str(error) for error in parsed.errors]
        for event in parsed.events:
            try:
                _fold(event, message.message_id, rules, news, senders)
            except ThawError as exc:
                problems.append(str(exc))
        tracked.counts[_IGNORED] += sum(event.kind is EventKind.CREATED for event in parsed.events)
        if problems:
            tracked.poison[message.message_id] = " ".join(problems)
    applied = _apply(news, senders, writer, tracked)
    if copies is not None:
        _hand_over(news, applied, senders, copies, tracked)
    return tracked


def _fold(
    event: ObjectEvent,
    message_id: str,
    rules: Sequence[CopyRule],
    news: dict[Target, History],
    senders: defaultdict[Target, list[str]],
) -> None:
    if event.kind is EventKind.CREATED:
        return
    target = target_of(event, rules)
    known = news.get(target)
    news[target] = event.history if known is None else merge(known, event.history)
    senders[target].append(message_id)


def _apply(
    news: dict[Target, History],
    senders: defaultdict[Target, list[str]],
    writer: RecordWriter,
    tracked: Tracked,
) -> Applied:
    applied = writer.apply_telling(news)
    for target, result in applied.results.items():
        if isinstance(result, Outcome):
            tracked.counts[_METRICS[result]] += len(senders[target])
        else:
            tracked.failed.update(dict.fromkeys(senders[target], f"{type(result).__name__}: {result}"))
    return applied


def _hand_over(
    news: Mapping[Target, History],
    applied: Applied,
    senders: Mapping[Target, list[str]],
    copies: Copies,
    tracked: Tracked,
) -> None:
    """Sends copy messages also for what was known already: the first try to send one may have failed."""
    restored = {
        target: record
        for target, record in applied.records.items()
        if news[target].restore_completed_at and isinstance(applied.results[target], Outcome)
    }
    handed = copies.hand_over(restored, news)
    tracked.counts[COPY_MESSAGES] += handed.sent
    for target, reason in handed.failed.items():
        tracked.failed.update(dict.fromkeys(senders[target], reason))
