"""Parts of plans, written and read: what is remembered is never taken for what somebody has written since."""

import gzip
from collections.abc import Generator

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from thaw.core.archives import PlannedArchive, Pointer
from thaw.core.vault_files import plan_part
from thaw.vaults.errors import PlanError
from thaw.vaults.plan_parts import PlanReader, part_file, read_part, write_part

BUCKET = "thaw-jobs"
JOB = "vault-photos-0a1b2c3d"
ARCHIVES = st.builds(
    PlannedArchive,
    st.text("abcXYZ019-_", min_size=1),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    st.integers(0, 10**14),
    st.just("2012-05-15T17:19:46.700Z"),
    st.just("a" * 64),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.booleans(),
)


def archive(key: str) -> PlannedArchive:
    return PlannedArchive("id", key, 1, "2012-05-15T17:19:46.700Z", "a" * 64, "words")


class World:
    """A bucket, a reader, and its clock."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3", "us-east-1")
        self.s3.create_bucket(Bucket=BUCKET)
        self.seconds = 0.0
        self.requests: list[str] = []
        self.s3.meta.events.register("before-call.s3.GetObject", self._note)
        self.reader = PlanReader(self.s3, BUCKET, lambda: self.seconds)

    def _note(self, params: dict[str, dict[str, str]], **_: object) -> None:
        self.requests.append(params["headers"].get("If-None-Match", ""))


@pytest.fixture
def world() -> Generator[World]:
    with mock_aws():
        yield World()


@given(st.lists(ARCHIVES, max_size=5))
def test_a_part_is_read_as_it_was_written(archives: list[PlannedArchive]) -> None:
    content = part_file(archives)
    assert read_part(content, "part") == tuple(archives)
    assert content == part_file(archives), "the same rows are the same bytes"


def test_a_pointer_finds_its_row(world: World) -> None:
    write_part(world.s3, BUCKET, JOB, 3, [archive("a"), archive("b")])
    assert world.reader.archive(Pointer(JOB, 3, 1)) == archive("b")


def test_a_part_that_was_read_is_not_read_again_for_a_while(world: World) -> None:
    write_part(world.s3, BUCKET, JOB, 0, [archive("a")])
    for world.seconds in (0.0, 9.9):
        assert world.reader.part(JOB, 0) == (archive("a"),)
    assert len(world.requests) == 1


def test_after_that_it_is_read_only_if_it_has_changed(world: World) -> None:
    write_part(world.s3, BUCKET, JOB, 0, [archive("a")])
    world.reader.part(JOB, 0)
    world.seconds = 10.0
    assert world.reader.part(JOB, 0) == (archive("a"),)
    assert world.requests[1] == world.s3.head_object(Bucket=BUCKET, Key=plan_part(JOB, 0))["ETag"]
    write_part(world.s3, BUCKET, JOB, 0, [archive("replanned")])
    assert world.reader.part(JOB, 0) == (archive("a"),)
    world.seconds = 20.0
    assert world.reader.part(JOB, 0) == (archive("replanned"),)


def test_only_the_latest_parts_are_remembered(world: World) -> None:
    for number in range(17):
        write_part(world.s3, BUCKET, JOB, number, [archive(str(number))])
        world.reader.part(JOB, number)
    world.reader.part(JOB, 16)
    assert len(world.requests) == 17
    world.reader.part(JOB, 0)
    assert len(world.requests) == 18


def test_what_the_plan_does_not_have_is_told(world: World) -> None:
    write_part(world.s3, BUCKET, JOB, 0, [archive("a")])
    with pytest.raises(PlanError, match=f"^Part 0 of the plan of {JOB} has 1 rows, no line 1: the retrieval"):
        world.reader.archive(Pointer(JOB, 0, 1))
    with pytest.raises(
        PlanError, match=f"^There is no jobs/{JOB}/vault/plan/part-00001.csv.gz in {BUCKET}: "
    ):
        world.reader.archive(Pointer(JOB, 1, 0))


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"a,b\n1,2\n", mtime=0), gzip.compress(b'archive_id\n"', mtime=0)],
)
def test_what_is_no_part_is_told(content: bytes) -> None:
    with pytest.raises(PlanError, match=r"^here is no part of a plan \(.*\): plan the transfer again\.$"):
        read_part(content or b"\x1f\x8b", "here")
