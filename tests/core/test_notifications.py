"""Our entry in a bucket's notifications: foreign entries survive, overlaps are refused by name."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.bucket_events import NOTIFICATION_EVENTS
from infra.names import Names
from thaw.core import notifications
from thaw.core.errors import NotificationOverlapError

OURS = "thaw-events-of-thaw"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:thaw-events"
RESTORES = ["s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete"]

KEYS = st.text("ab/ +%é", max_size=4)
FOREIGN_EVENTS = st.sampled_from(
    ["s3:ObjectRemoved:*", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectTagging:Put"]
)


def rules(prefix: str | None, suffix: str | None) -> list[dict[str, str]]:
    parts = {"Prefix": prefix, "Suffix": suffix}
    return [{"Name": name, "Value": value} for name, value in parts.items() if value is not None]


@st.composite
def foreign_entries(draw: st.DrawFn, arn: str, events: st.SearchStrategy[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": draw(st.text("xyz", min_size=1, max_size=8)), arn: f"arn:{draw(KEYS)}"}
    entry["Events"] = draw(st.lists(events, min_size=1, max_size=3, unique=True))
    if draw(st.booleans()):
        filters = rules(draw(st.none() | KEYS), draw(st.none() | KEYS))
        entry["Filter"] = {"Key": {"FilterRules": filters}}
    return entry


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    configuration: dict[str, Any] = {}
    for name, arn in zip(
        notifications.ENTRY_LISTS, ("TopicArn", "QueueArn", "LambdaFunctionArn"), strict=True
    ):
        entries = draw(st.lists(foreign_entries(arn, FOREIGN_EVENTS), max_size=3))
        if entries:
            configuration[name] = entries
    if draw(st.booleans()):
        configuration[notifications.EVENTBRIDGE] = {}
    return configuration


def text(configuration: notifications.Configuration) -> str:
    return json.dumps(configuration)


@given(configurations(), KEYS, KEYS)
def test_a_foreign_configuration_survives_up_update_and_destroy(
    foreign: dict[str, Any], prefix: str, new_prefix: str
) -> None:
    before = text(foreign)
    up = notifications.with_entry(foreign, notifications.queue_entry(OURS, QUEUE, RESTORES, prefix))
    assert notifications.find_entry(up, OURS) is not None
    updated = notifications.with_entry(up, notifications.queue_entry(OURS, QUEUE, RESTORES[:1], new_prefix))
    ours = notifications.find_entry(updated, OURS)
    assert ours is not None
    assert ours["Events"] == RESTORES[:1], "one entry of ours, the new one"
    assert text(notifications.without_entry(updated, OURS)) == before
    assert text(foreign) == before, "the configuration given is not changed"


@given(configurations())
def test_the_eventbridge_switch_is_taken_back_alone(foreign: dict[str, Any]) -> None:
    switched = notifications.with_eventbridge(foreign)
    assert notifications.EVENTBRIDGE in switched
    if notifications.EVENTBRIDGE not in foreign:
        assert text(notifications.without_eventbridge(switched)) == text(foreign)


@given(configurations(), st.randoms())
def test_a_configuration_in_another_order_is_the_same(foreign: dict[str, Any], random: Any) -> None:
    shuffled = json.loads(text(foreign))
    for name in notifications.ENTRY_LISTS:
        random.shuffle(shuffled.get(name, []))
        for entry in shuffled.get(name, []):
            random.shuffle(entry["Events"])
    assert notifications.same(foreign, shuffled)


@given(configurations())
def test_a_configuration_with_an_entry_more_or_less_is_another(foreign: dict[str, Any]) -> None:
    entry = notifications.queue_entry(OURS, QUEUE, RESTORES, "")
    assert not notifications.same(foreign, notifications.with_entry(foreign, entry))


@given(st.lists(KEYS, min_size=2, max_size=2), KEYS, KEYS, KEYS)
def test_filters_that_let_one_key_pass_overlap(
    prefixes: list[str], suffix: str, other_suffix: str, middle: str
) -> None:
    one = notifications.KeyFilter(prefixes[0], suffix)
    other = notifications.KeyFilter(prefixes[1], other_suffix)
    key = max(prefixes, key=len) + middle + max(suffix, other_suffix, key=len)
    both_pass = all(key.startswith(each.prefix) and key.endswith(each.suffix) for each in (one, other))
    assert not both_pass or one.overlaps(other)
    assert one.overlaps(other) == other.overlaps(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("images/", ".jpg"), ("images/", ".png")),
        (("images/", ""), ("logs/", "")),
        (("a", ".x"), ("b", ".x")),
    ],
)
def test_filters_apart_in_prefix_or_in_suffix_do_not_overlap(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert not notifications.KeyFilter(*one).overlaps(notifications.KeyFilter(*other))


@given(KEYS)
def test_our_prefix_is_read_back_from_its_encoded_form(prefix: str) -> None:
    entry = notifications.queue_entry(OURS, QUEUE, RESTORES, prefix)
    assert notifications.key_filter(entry) == notifications.KeyFilter(prefix, "")


def test_a_prefix_is_encoded_as_s3_wants_it() -> None:
    entry = notifications.queue_entry(OURS, QUEUE, RESTORES, "2019/a b+é/")
    assert entry["Filter"]["Key"]["FilterRules"] == [{"Name": "prefix", "Value": "2019/a+b%2B%C3%A9/"}]


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("s3:ObjectRestore:*", "s3:ObjectRestore:Post", True),
        ("s3:ObjectRestore:Post", "s3:ObjectRestore:Post", True),
        ("s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", False),
        ("s3:ObjectCreated:*", "s3:ObjectRestore:Post", False),
        ("s3:LifecycleExpiration:*", "s3:LifecycleTransition", False),
    ],
)
def test_event_types_overlap_by_name_and_wildcard(one: str, other: str, overlap: bool) -> None:  # noqa: FBT001 (a column of the table)
    assert notifications.events_overlap(one, other) is overlap
    assert notifications.events_overlap(other, one) is overlap


def foreign_rule(
    list_name: str, arn: str, events: list[str], filters: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        list_name: [
            {
                "Id": "their-rule",
                arn: "arn:x",
                "Events": events,
                "Filter": {"Key": {"FilterRules": filters}},
            }
        ]
    }


@pytest.mark.parametrize(
    ("list_name", "arn"),
    [
        ("TopicConfigurations", "TopicArn"),
        ("QueueConfigurations", "QueueArn"),
        ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ],
)
def test_an_overlap_is_refused_naming_the_rule_in_the_way(list_name: str, arn: str) -> None:
    foreign = foreign_rule(list_name, arn, ["s3:ObjectRestore:*"], rules("2019%2F", ".dat"))
    entry = notifications.queue_entry(OURS, QUEUE, RESTORES, "2019/01/")
    with pytest.raises(NotificationOverlapError) as caught:
        notifications.with_entry(foreign, entry)
    assert str(caught.value) == (
        "The bucket's notification rule 'their-rule' (prefix '2019/', suffix '.dat') already sends"
        " s3:ObjectRestore:Post, s3:ObjectRestore:Completed, s3:ObjectRestore:Delete of keys under"
        " '2019/01/', and S3 takes one rule for an event of a key; watch this bucket with `via: eventbridge`,"
        " choose another prefix, or remove that rule."
    )


@pytest.mark.parametrize(
    ("events", "prefix"), [(["s3:ObjectCreated:*"], ""), (["s3:ObjectRestore:*"], "2020/")]
)
def test_other_events_or_other_keys_do_not_overlap(events: list[str], prefix: str) -> None:
    foreign = foreign_rule("QueueConfigurations", "QueueArn", events, rules(prefix, None))
    merged = notifications.with_entry(foreign, notifications.queue_entry(OURS, QUEUE, RESTORES, "2019/"))
    assert [entry["Id"] for entry in merged["QueueConfigurations"]] == ["their-rule", OURS]


def test_an_entry_of_our_name_for_another_queue_is_another_stack_s() -> None:
    theirs = notifications.with_entry({}, notifications.queue_entry(OURS, QUEUE + "-2", RESTORES, ""))
    with pytest.raises(NotificationOverlapError, match="another stack has the same name_prefix"):
        notifications.with_entry(theirs, notifications.queue_entry(OURS, QUEUE, RESTORES, ""))


def test_our_entry_has_the_id_and_the_events_that_the_stack_gives_it() -> None:
    assert notifications.entry_id("thaw") == Names("thaw").notification_id == OURS
    assert tuple(NOTIFICATION_EVENTS["restores"]) == notifications.RESTORE_EVENTS


def test_heard_are_the_keys_of_entries_that_send_all_the_events_to_our_queue() -> None:
    entries = [
        notifications.queue_entry("ours", QUEUE, RESTORES, "2019/"),
        notifications.queue_entry("all", QUEUE, ["s3:ObjectRestore:*"], "2020/"),
        notifications.queue_entry("some", QUEUE, RESTORES[:2], "2021/"),
        notifications.queue_entry("theirs", f"{QUEUE}-2", RESTORES, "2022/"),
    ]
    heard = notifications.heard_filters({"QueueConfigurations": entries}, QUEUE, RESTORES)
    assert [part.prefix for part in heard] == ["2019/", "2020/"]
    assert notifications.heard_filters({}, QUEUE, RESTORES) == []


def test_a_filter_lets_keys_with_its_prefix_and_suffix_pass() -> None:
    part = notifications.KeyFilter("2019/", ".tif")
    assert part.passes("2019/a.tif")
    assert not part.passes("2019/a.txt")
    assert not part.passes("2020/a.tif")
