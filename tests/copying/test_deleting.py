"""Sources are deleted only if the job asks, the rules permit, the copy is checked, and it is elsewhere."""

from dataclasses import replace

import pytest

from tests.copying.worlds import (
    ELSEWHERE,
    IN_PLACE,
    KEY_ARN,
    LIVE,
    RULES,
    World,
    archived,
    refuses,
    throttles,
)
from tests.fakes.object_s3 import S3Call
from tests.fakes.stored_objects import Stored
from tests.store.tables import BUCKET
from thaw.copying.outcomes import Copied, Left
from thaw.core.history import Status

PERMITTED = replace(RULES, copy_may_delete_source=True)
ASKED = replace(ELSEWHERE, delete_source=True)


def test_the_source_goes_when_its_record_says_that_it_is_copied() -> None:
    world = World(ASKED, PERMITTED)
    world.add("a")

    def look(call: S3Call) -> None:
        assert call.operation != "DeleteObject" or world.status("a") is Status.COPIED

    world.s3.on_call = look
    world.one("a")
    assert world.s3.buckets[BUCKET].keys == {}
    assert world.s3.current(LIVE, "from/a").content == "the content"


@pytest.mark.parametrize(
    ("copy", "rules"),
    [
        (ELSEWHERE, PERMITTED),
        (ASKED, RULES),
        (replace(IN_PLACE, delete_source=True), PERMITTED),
    ],
    ids=["not asked for", "not permitted", "in place"],
)
def test_otherwise_the_source_stays(copy: object, rules: object) -> None:
    world = World(copy, rules)  # pyright: ignore[reportArgumentType]
    world.add("a")
    assert isinstance(world.one("a"), Copied)
    assert world.s3.count("DeleteObject") == 0


def test_the_source_of_a_failed_copy_stays() -> None:
    world = World(ASKED, PERMITTED)
    world.add("a")
    world.s3.on_call = refuses("CopyObject", "AccessDenied")
    for receives in (1, 5):
        world.one("a", receives=receives)
    assert world.s3.count("DeleteObject") == 0


def test_the_source_of_a_copy_that_is_not_recorded_stays() -> None:
    world = World(ASKED, PERMITTED)
    world.add("a")
    world.tables.on_call = throttles("TransactWriteItems")
    world.one("a")
    assert world.s3.count("DeleteObject") == 0


def test_only_the_version_that_was_copied_goes() -> None:
    world = World(ASKED, PERMITTED, versioned=True)
    first = world.add("a", archived("first"))
    world.s3.put(BUCKET, "a", Stored("second", 9))
    world.one("a", first)
    assert [one.content for one in world.s3.buckets[BUCKET].keys["a"]] == ["second"]


def test_an_object_without_versions_that_was_written_over_since_stays_and_the_reason_is_told() -> None:
    world = World(ASKED, PERMITTED)
    world.add("a")

    def write_over(call: S3Call) -> None:
        if call.operation == "DeleteObject":
            world.s3.put(BUCKET, "a", Stored("new", 9))

    world.s3.on_call = write_over
    batch = world.deliver(world.message("a"))
    assert "PreconditionFailed" in str(batch.deletions["1"])
    assert isinstance(batch.outcomes["1"], Copied)
    assert world.s3.current(BUCKET, "a").content == "new"


def test_a_source_that_was_left_by_a_crash_goes_with_the_next_delivery() -> None:
    world = World(ASKED, PERMITTED)
    world.add("a")
    world.s3.on_call = _crash
    with pytest.raises(MemoryError):
        world.one("a")
    assert world.status("a") is Status.COPIED
    world.s3.on_call = lambda _: None
    world.one("a", receives=2)
    assert world.s3.buckets[BUCKET].keys == {}
    assert world.s3.count("CopyObject") == 1


def test_an_object_that_is_copied_is_never_copied_again_nor_failed_wherever_source_and_copy_went() -> None:
    world = World(ASKED, PERMITTED)
    world.add("a")
    world.one("a")
    assert isinstance(world.one("a", receives=2), Left), "its source is gone"
    world.s3.put(BUCKET, "a", archived())
    del world.s3.buckets[LIVE].keys["from/a"]
    assert isinstance(world.one("a", receives=5), Left), "its copy is gone"
    assert world.s3.count("CopyObject") == world.s3.count("DeleteObject") == 1
    assert world.failure("a") == ("", "")


def _crash(call: S3Call) -> None:
    if call.operation == "DeleteObject":
        raise MemoryError


@pytest.mark.parametrize("receives", [1, 2])
def test_a_source_stays_whose_copy_was_there_already_and_is_like_it_in_size_only(receives: int) -> None:
    world = World(replace(ASKED, keep_encryption=False), PERMITTED)
    world.add("a", archived(sse="aws:kms", kms_key=KEY_ARN, algorithm=""))
    world.s3.put(LIVE, "from/a", Stored("another", 1000, modified=world.s3.now, sse="AES256", algorithm=""))
    batch = world.deliver(world.message("a"), receives=receives)
    assert isinstance(batch.outcomes["1"], Copied)
    assert "only its size says that it is a copy" in str(batch.deletions["1"])
    assert world.s3.current(BUCKET, "a").content == "the content"
