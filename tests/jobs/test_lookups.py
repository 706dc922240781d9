"""Looking objects up in listings finds what is there, and asks no more than it must."""

import math
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.bucket_s3 import Archived, BucketS3
from thaw.core.keys import MAX_KEY_BYTES
from thaw.jobs.lookups import Lookup, before, version_of
from thaw.listing import Listing

KEYS = st.text(st.sampled_from("/ab1~é\ue000\U0001f600"), min_size=1, max_size=4)
MANY = 10_000


def lookup(s3: BucketS3, *, versions: bool = False) -> Lookup:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Lookup(Listing(s3.client, "photos", "", versions, lambda: now).page)


def archive(*objects: Archived, page_size: int = 1000) -> BucketS3:
    s3 = BucketS3(page_size=page_size)
    s3.put_archive("photos", objects)
    return s3


@given(there=st.sets(KEYS, max_size=30), asked=st.sets(KEYS, min_size=1), page_size=st.integers(1, 5))
def test_every_key_is_found_if_and_only_if_it_is_there(
    there: set[str], asked: set[str], page_size: int
) -> None:
    s3 = archive(*map(Archived, there), page_size=page_size)
    look = lookup(s3)
    for key in sorted(asked):
        found = look.find(key, MANY)
        assert found is not None
        assert [each.key for each in found] == ([key] if key in there else [])
    assert look.calls == s3.list_calls <= len(asked)


@given(
    versions=st.dictionaries(KEYS, st.integers(1, 6), max_size=12),
    asked=st.sets(KEYS, min_size=1),
    page_size=st.integers(1, 4),
)
def test_every_version_of_a_key_is_found_across_pages(
    versions: dict[str, int], asked: set[str], page_size: int
) -> None:
    objects = [
        Archived(key, version_id=f"v{number}", is_latest=number == 0)
        for key, count in versions.items()
        for number in range(count)
    ]
    look = lookup(archive(*objects, page_size=page_size), versions=True)
    for key in sorted(asked):
        found = look.find(key, MANY)
        assert found is not None
        assert [each.id.version_id for each in found] == [f"v{at}" for at in range(versions.get(key, 0))]


@settings(max_examples=20)
@given(rows=st.integers(1, 300), page_size=st.integers(2, 50))
def test_a_bucket_that_is_asked_for_whole_is_listed_once(rows: int, page_size: int) -> None:
    keys = [f"{number:05}" for number in range(rows)]
    s3 = archive(*map(Archived, keys), page_size=page_size)
    look = lookup(s3)
    for key in keys:
        assert look.find(key, MANY)
    assert s3.list_calls == math.ceil(rows / page_size)


def test_what_lies_between_two_keys_is_not_listed() -> None:
    s3 = archive(*(Archived(f"{number:05}") for number in range(20_000)))
    look = lookup(s3)
    assert look.find("00001", MANY)
    assert look.find("19999", MANY)
    assert s3.list_calls == 2


def test_no_more_calls_are_made_than_allowed() -> None:
    s3 = archive(*(Archived(f"{number:05}") for number in range(10)), page_size=2)
    look = lookup(s3)
    assert look.find("00000", 0) is None
    assert s3.list_calls == 0
    assert look.find("00000", 1)
    assert look.find("00001", 0), "it is on the page that was read"
    assert look.find("00009", 0) is None


@given(st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()))
def test_the_text_before_a_key_is_before_it_and_can_be_sent(key: str) -> None:
    text = before(key)
    assert text.encode() < key.encode()
    assert len(text.encode()) <= MAX_KEY_BYTES


def test_the_text_before_the_longest_key_is_no_longer() -> None:
    assert before("x" * MAX_KEY_BYTES) == "x" * (MAX_KEY_BYTES - 1) + "w"


def test_in_a_listing_of_versions_no_version_is_the_one_from_before_versioning() -> None:
    objects = [Archived("k", version_id="v2"), Archived("k", version_id="null", is_latest=False)]
    found = lookup(archive(*objects), versions=True).find("k", MANY)
    assert found
    for asked, expected in (("null", "null"), ("v2", "v2"), ("v3", None)):
        one = version_of(found, asked)
        assert (one and one.id.version_id) == expected


def test_a_deleted_object_has_its_older_versions_alone() -> None:
    objects = [
        Archived("k", version_id="d", is_delete_marker=True),
        Archived("k", version_id="v1", is_latest=False),
    ]
    found = lookup(archive(*objects), versions=True).find("k", MANY)
    assert found
    assert version_of(found, "null") is None
    assert version_of(found, "v1") is found[0]
