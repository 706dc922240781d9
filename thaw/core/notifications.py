"""Our entry in a bucket's notification configuration: merged into what others have there, taken out alone.

A configuration is what GetBucketNotificationConfiguration answers and PutBucketNotificationConfiguration
takes (https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html); the functions
here are pure and change nothing that they are given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

from thaw.core.errors import NotificationOverlapError

Configuration = Mapping[str, Any]
Entry = Mapping[str, Any]

ENTRY_LISTS = ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations")
EVENTBRIDGE = "EventBridgeConfiguration"

RESTORE_EVENTS = ("s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete")
"""What is heard of restores:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""

SAFE_CHARACTERS = "/!-_.*'()"
"""What a filter's prefix has unencoded, besides letters and digits; a space is `+`:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"""


@dataclass(frozen=True)
class KeyFilter:
    """The keys that an entry is about, decoded; an empty part lets every key pass."""

    prefix: str
    suffix: str

    def passes(self, key: str) -> bool:
        """Whether events of `key` pass."""
        return key.startswith(self.prefix) and key.endswith(self.suffix)

    def overlaps(self, other: "KeyFilter") -> bool:
        """Whether S3 holds that a key could pass both filters: prefixes overlap and suffixes overlap."""
        prefixes = self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        suffixes = self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix)
        return prefixes and suffixes


def entry_id(name_prefix: str) -> str:
    """The Id of our entry, by which a stack finds it again."""
    return f"thaw-events-of-{name_prefix}"


def queue_entry(entry_id: str, queue_arn: str, events: Sequence[str], prefix: str) -> dict[str, Any]:
    """An entry that sends `events` of the keys under the plain `prefix` to the queue."""
    entry: dict[str, Any] = {"Id": entry_id, "QueueArn": queue_arn, "Events": list(events)}
    if prefix:
        value = quote(prefix, safe=SAFE_CHARACTERS + " ").replace(" ", "+")
        entry["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": value}]}}
    return entry


def with_entry(configuration: Configuration, entry: Entry) -> dict[str, Any]:
    """The configuration with our entry, in the place of the one with its Id, if there is one.

    Raises NotificationOverlapError when S3 would refuse the entry beside one that is there, or when its Id
    sends to another queue.
    """
    _refuse_other_owner(configuration, entry)
    others = without_entry(configuration, entry["Id"])
    refuse_overlap(others, entry)
    return {**others, "QueueConfigurations": [*others.get("QueueConfigurations", []), entry]}


def without_entry(configuration: Configuration, entry_id: str) -> dict[str, Any]:
    """The configuration without the queue entry of this Id; everything else as it was."""
    kept = [entry for entry in configuration.get("QueueConfigurations", []) if entry.get("Id") != entry_id]
    rest = {**configuration, "QueueConfigurations": kept}
    return rest if kept else {key: value for key, value in rest.items() if key != "QueueConfigurations"}


def with_eventbridge(configuration: Configuration) -> dict[str, Any]:
    """The configuration with events going to EventBridge as well."""
    return {EVENTBRIDGE: {}, **configuration}


def without_eventbridge(configuration: Configuration) -> dict[str, Any]:
    """The configuration with no event going to EventBridge."""
    return {key: value for key, value in configuration.items() if key != EVENTBRIDGE}


def find_entry(configuration: Configuration, entry_id: str) -> Entry | None:
    """The queue entry of this Id, if it is there."""
    queues = configuration.get("QueueConfigurations", [])
    return next((entry for entry in queues if entry.get("Id") == entry_id), None)


def heard_filters(configuration: Configuration, queue_arn: str, events: Sequence[str]) -> list[KeyFilter]:
    """Of which keys all `events` go to the queue: those that pass one of these filters."""
    return [
        key_filter(entry)
        for entry in configuration.get("QueueConfigurations", [])
        if entry["QueueArn"] == queue_arn and all(_sends(entry, event) for event in events)
    ]


def same(one: Configuration, other: Configuration) -> bool:
    """Whether two configurations say the same: S3 may answer entries, events and rules in another order."""
    return _comparable(one) == _comparable(other)


def key_filter(entry: Entry) -> KeyFilter:
    """The filter of an entry; S3 answers the names of its rules as `Prefix` or `prefix`."""
    rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    parts = {rule["Name"].lower(): unquote_plus(rule.get("Value", "")) for rule in rules}
    return KeyFilter(parts.get("prefix", ""), parts.get("suffix", ""))


def events_overlap(one: str, other: str) -> bool:
    """Whether two event types have an event in common: `s3:ObjectCreated:*` and `s3:ObjectCreated:Put` do."""
    return _covers(one, other) or _covers(other, one)


def _covers(wide: str, narrow: str) -> bool:
    return wide == narrow or (wide.endswith("*") and narrow.startswith(wide.removesuffix("*")))


def _sends(entry: Entry, event: str) -> bool:
    return any(_covers(wide, event) for wide in entry["Events"])


def _entries(configuration: Configuration) -> Iterator[Entry]:
    for name in ENTRY_LISTS:
        yield from configuration.get(name, [])


def refuse_overlap(others: Configuration, entry: Entry) -> None:
    """Raises NotificationOverlapError when S3 would refuse the entry beside one of the others."""
    ours = key_filter(entry)
    for foreign in _entries(others):
        shared = [
            event
            for event in entry["Events"]
            if any(events_overlap(event, theirs) for theirs in foreign["Events"])
        ]
        if shared and ours.overlaps(key_filter(foreign)):
            theirs = key_filter(foreign)
            raise NotificationOverlapError(
                f"The bucket's notification rule {foreign.get('Id')!r} (prefix {theirs.prefix!r}, suffix"
                f" {theirs.suffix!r}) already sends {', '.join(shared)} of keys under {ours.prefix!r}, and S3"
                " takes one rule for an event of a key; watch this bucket with `via: eventbridge`, choose"
                " another prefix, or remove that rule."
            )


def _refuse_other_owner(configuration: Configuration, entry: Entry) -> None:
    there = find_entry(configuration, entry["Id"])
    if there is not None and there["QueueArn"] != entry["QueueArn"]:
        raise NotificationOverlapError(
            f"The bucket's notification rule {entry['Id']!r} sends to {there['QueueArn']}, not to this"
            f" stack's queue {entry['QueueArn']}: another stack has the same name_prefix; choose another."
        )


def _comparable(configuration: Configuration) -> dict[str, Any]:
    lists = {
        name: sorted(map(_comparable_entry, configuration[name]), key=repr)
        for name in ENTRY_LISTS
        if configuration.get(name)
    }
    return {**lists, EVENTBRIDGE: EVENTBRIDGE in configuration}


def _comparable_entry(entry: Entry) -> list[tuple[str, Any]]:
    plain = {key: value for key, value in entry.items() if key not in ("Events", "Filter")}
    return sorted({**plain, "Events": sorted(entry["Events"]), "Filter": repr(key_filter(entry))}.items())
