"""Reading the output of a retrieval job: ranges, their hashes, breaking connections, where parts are held."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError

from thaw.core.archive_parts import RANGE_BYTES, Part
from thaw.core.tree_hash import tree_hash
from thaw.vaults.errors import OutputDiffersError
from thaw.vaults.retrieving import PIECE_BYTES, RANGE_ATTEMPTS, Output, fetch, read_part
from thaw.vaults.spools import spool

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

MIB = 2**20
DATA = bytes(number % 251 for number in range(3 * RANGE_BYTES + 5))


class FakeOutput:
    """The output of a job; `answers` change what is told and sent, one after the other."""

    def __init__(self, data: bytes, answers: Sequence[Mapping[str, Any]] = ()) -> None:
        self._data = data
        self._answers = list(answers)
        self.ranges: list[str] = []

    @property
    def output(self) -> Output:
        return Output(cast("GlacierClient", self), "photos", "job-1")

    def get_job_output(self, *, vaultName: str, jobId: str, range: str) -> dict[str, Any]:  # noqa: A002, N803
        assert (vaultName, jobId) == ("photos", "job-1")
        self.ranges.append(range.removeprefix("bytes="))
        first, last = map(int, self.ranges[-1].split("-"))
        sent = self._data[first : last + 1]
        told = {"contentRange": f"bytes {first}-{last}/{len(self._data)}", "checksum": tree_hash(sent).hex()}
        changed = dict(self._answers.pop(0)) if self._answers else {}
        body = changed.pop("body", None)
        return {**told, "body": _Body(sent if body is None else body), **changed}


class _Body:
    """Breaks where its bytes end with the word."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        assert size == PIECE_BYTES
        for at in range(0, len(self._data), size):
            yield self._data[at : at + size]
        if self._data.endswith(b"BREAKS"):
            raise ReadTimeoutError(endpoint_url="https://glacier")


def read(fake: FakeOutput, part: Part) -> tuple[bytes, Any]:
    with spool(part.size_bytes) as held:
        hashes = read_part(fake.output, part, held.write)
        return held.body().read(), hashes


def test_a_part_is_read_in_ranges_and_hashed_on_the_way() -> None:
    fake = FakeOutput(DATA)
    body, hashes = read(fake, Part(1, 0, len(DATA) - 1))
    assert body == DATA
    assert hashes.tree == tree_hash(DATA)
    assert hashes.sha256 == hashlib.sha256(DATA).digest()
    assert fake.ranges == [
        f"{first}-{min(first + RANGE_BYTES, len(DATA)) - 1}" for first in range(0, len(DATA), RANGE_BYTES)
    ]


def test_a_later_part_is_held_from_its_own_beginning() -> None:
    part = Part(2, RANGE_BYTES, 2 * RANGE_BYTES + 3 * MIB)
    body, hashes = read(FakeOutput(DATA), part)
    assert body == DATA[part.first : part.last + 1]
    assert hashes.sha256 == hashlib.sha256(body).digest()


@pytest.mark.parametrize(
    "bad",
    [
        {"body": b"x" * (MIB + 3) + b"BREAKS"},
        {"body": b"short"},
        {"body": b"too long" * RANGE_BYTES},
        {"body": b"y" * RANGE_BYTES},
        {"contentRange": "bytes 0-99/100"},
        {"checksum": "0" * 64},
    ],
)
def test_a_range_that_arrives_wrong_is_read_again_alone(bad: Mapping[str, Any]) -> None:
    fake = FakeOutput(DATA, [{}, bad])
    body, hashes = read(fake, Part(1, 0, len(DATA) - 1))
    assert body == DATA
    assert hashes.sha256 == hashlib.sha256(DATA).digest()
    assert fake.ranges.count(f"{RANGE_BYTES}-{2 * RANGE_BYTES - 1}") == 2
    assert len(fake.ranges) == 5


def test_one_that_always_arrives_wrong_is_given_up() -> None:
    fake = FakeOutput(DATA, [{"checksum": "0" * 64}] * RANGE_ATTEMPTS)
    with pytest.raises(OutputDiffersError, match=f"Bytes 0-{RANGE_BYTES - 1} of retrieval job job-1"):
        read(fake, Part(1, 0, len(DATA) - 1))


@pytest.mark.parametrize("checksum", [None, ""])
def test_a_range_without_a_hash_is_hashed_by_us(checksum: str | None) -> None:
    fake = FakeOutput(DATA, [{"checksum": checksum}])
    taken: list[bytes] = []
    assert fetch(fake.output, 5, 5 + MIB, taken.append) == tree_hash(DATA[5 : 6 + MIB])
    assert b"".join(taken) == DATA[5 : 6 + MIB]


@pytest.mark.parametrize("memory_bytes", [0, 10 * MIB])
def test_a_part_is_held_in_memory_or_on_disk(memory_bytes: int) -> None:
    with spool(8, memory_bytes) as held:
        held.write(4, b"5678")
        held.write(0, b"xxxx")
        held.write(0, b"1234")
        held.write(6, b"78 and more")
        assert held.body().read() == b"12345678"
        assert held.body().read() == b"12345678", "a request may be sent twice"
