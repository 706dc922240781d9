"""A copy leads back to the object it was made of: in place, under another prefix, in another bucket."""

import pytest
from hypothesis import given

from tests.strategies import keys
from thaw.core.copies import CopyRule, parse_rules, sources
from thaw.core.errors import CopyRuleError

TO_PREFIX = CopyRule("archive", "", "archive", "restored/")
TO_BUCKET = CopyRule("archive", "", "working", "")
RENAMED = CopyRule("archive", "cold/2019/", "working", "hot/")


def test_without_rules_a_copy_is_in_place() -> None:
    assert list(sources((), "archive", "a/b.txt")) == [("archive", "a/b.txt")]


@pytest.mark.parametrize(
    ("rule", "bucket", "key", "source"),
    [
        (TO_PREFIX, "archive", "restored/a/b.txt", ("archive", "a/b.txt")),
        (TO_PREFIX, "archive", "restored/restored/b.txt", ("archive", "restored/b.txt")),
        (TO_BUCKET, "working", "a/b.txt", ("archive", "a/b.txt")),
        (RENAMED, "working", "hot/b.txt", ("archive", "cold/2019/b.txt")),
        (RENAMED, "working", "hot/hot/b.txt", ("archive", "cold/2019/hot/b.txt")),
        (RENAMED, "working", "hot/", ("archive", "cold/2019/")),
    ],
)
def test_a_rule_leads_from_the_copy_to_its_source(
    rule: CopyRule, bucket: str, key: str, source: tuple[str, str]
) -> None:
    assert list(sources((rule,), bucket, key)) == [source, (bucket, key)]


@pytest.mark.parametrize(
    ("rule", "bucket", "key"),
    [
        (TO_PREFIX, "archive", "a/restored/b.txt"),
        (TO_PREFIX, "archive", "Restored/b.txt"),
        (TO_PREFIX, "working", "restored/b.txt"),
        (TO_PREFIX, "archive", "restored/"),
        (TO_BUCKET, "archive", "a/b.txt"),
        (RENAMED, "working", "cold/2019/b.txt"),
        (CopyRule("archive", "", "archive", ""), "archive", "a/b.txt"),
    ],
)
def test_a_copy_that_no_rule_explains_is_only_in_place(rule: CopyRule, bucket: str, key: str) -> None:
    assert list(sources((rule,), bucket, key)) == [(bucket, key)]


def test_all_rules_that_fit_are_tried_in_their_order_and_in_place_last() -> None:
    found = sources((RENAMED, TO_PREFIX, TO_BUCKET), "working", "hot/b.txt")
    assert list(found) == [
        ("archive", "cold/2019/b.txt"),
        ("archive", "hot/b.txt"),
        ("working", "hot/b.txt"),
    ]


@given(key=keys())
def test_any_key_is_found_again_behind_a_rule(key: str) -> None:
    destination = "hot/" + key
    source, in_place = sources((CopyRule("archive", "cold/", "working", "hot/"),), "working", destination)
    assert source == ("archive", "cold/" + key)
    assert in_place == ("working", destination)


def test_rules_are_read_from_plain_mappings() -> None:
    plain = {
        "source_bucket": "archive",
        "source_prefix": "cold/2019/",
        "destination_bucket": "working",
        "destination_prefix": "hot/",
    }
    assert parse_rules([plain]) == (RENAMED,)
    assert parse_rules([]) == ()


@pytest.mark.parametrize(
    "change",
    [{"source_prefix": None}, {"prefix": "x"}],
    ids=["a field missing", "a field too many"],
)
def test_a_rule_with_other_fields_is_refused(change: dict[str, str | None]) -> None:
    plain = {
        "source_bucket": "archive",
        "source_prefix": "",
        "destination_bucket": "working",
        "destination_prefix": "",
    } | change
    with pytest.raises(
        CopyRuleError, match=r"has exactly source_bucket, source_prefix, destination_bucket and"
    ):
        parse_rules([{name: text for name, text in plain.items() if text is not None}])


@pytest.mark.parametrize("buckets", [("", "working"), ("archive", "")])
def test_a_rule_without_a_bucket_is_refused(buckets: tuple[str, str]) -> None:
    with pytest.raises(CopyRuleError, match="needs a source_bucket and a destination_bucket"):
        CopyRule(buckets[0], "", buckets[1], "")
