"""What one archive of a vault takes: requests to AWS, writes to tables, calls of functions; all counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.vault_world.small_parts import MIB
from tests.vault_world.world import VAULT, World, world
from thaw.core import archive_parts
from thaw.core.job_states import JobStatus

SMALL_BYTES = 1024
FEW_PARTS = 10
PARTS_AT_ONCE = archive_parts.GROUP_PARTS

PUBLISHED = "published: a multipart upload, 3 calls of functions and 5 writes for an archive of 1 KB,"
PUBLISHED_PARTS = "and after each part all parts of its archive are read again"

_OF_ARCHIVES = ("transfer_archives", "transfer_large")
_WRITES = ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem")


@dataclass(frozen=True)
class Counts:
    """Of a transfer after its plan: calls by their names, items written by table, calls of functions."""

    calls: Mapping[str, int]
    writes: Mapping[str, int]
    invocations: int


def main(archives: int = 500, parts: int = 40) -> None:
    """Prints what a small archive and a part take, and fails if it is more than it may be."""
    print(
        f"{archives} archives of {SMALL_BYTES} bytes, ten a message batch, from the first request to the end"
    )
    small = counted([SMALL_BYTES] * archives)
    _print("per small archive", _shares(small, archives))
    assert small.calls["s3:PutObject"] == archives
    assert small.writes["objects"] <= 2 * archives
    print(f"expected: 1 PutObject, at most 2 record writes.  {PUBLISHED}")
    few, many = counted([FEW_PARTS * MIB]), counted([parts * MIB])
    print(f"an archive of {parts} parts against one of {FEW_PARTS}")
    _print("per part", _difference(many, few, parts - FEW_PARTS))
    assert many.calls["s3:UploadPart"] - few.calls["s3:UploadPart"] == parts - FEW_PARTS
    print(f"expected: 1 GetJobOutput, 1 UploadPart, 1 write.  {PUBLISHED_PARTS}")


def counted(sizes: Iterable[int]) -> Counts:
    """What moving archives of these sizes takes, once they are planned and loaded."""
    with world(group_parts=PARTS_AT_ONCE) as made:
        for number, size in enumerate(sizes):
            made.glacier.of(VAULT).add(number.to_bytes(8, "big") * (size // 8), f"{number}.bin")
        job_id = made.launch("run-1", tier="STANDARD")
        made.crashes.arm()
        made.functions.invocations.clear()
        assert made.until_ended(job_id).status is JobStatus.COMPLETE
        asked = made.crashes.asked
        calls = Counter(_name(name, given) for name, given in asked)
        writes = Counter(table for name, given in asked for table in _tables(name, given))
        return Counts(calls, writes, _invocations(made))


def _invocations(made: World) -> int:
    return sum(made.functions.invocations[name] for name in _OF_ARCHIVES)


def _name(name: str, given: Mapping[str, Any]) -> str:
    """Calls that are about our own files have names of their own."""
    return f"{name} (files)" if given.get("Bucket") == "thaw-jobs-bucket" else name


def _tables(name: str, given: Mapping[str, Any]) -> list[str]:
    """The table of each item that a call writes."""
    service, _, operation = name.partition(":")
    if service != "dynamodb" or operation not in _WRITES:
        return []
    if operation != "TransactWriteItems":
        return [given["TableName"]]
    return [next(iter(write.values()))["TableName"] for write in given["TransactItems"]]


def _shares(counts: Counts, of: int) -> dict[str, float]:
    rows = {**counts.calls, **_written(counts), "calls of functions": counts.invocations}
    return {name: count / of for name, count in sorted(rows.items())}


def _difference(many: Counts, few: Counts, parts: int) -> dict[str, float]:
    more, less = _shares(many, 1), _shares(few, 1)
    return {name: (count - less.get(name, 0)) / parts for name, count in more.items()}


def _written(counts: Counts) -> dict[str, int]:
    return {f"items written into {table}": number for table, number in counts.writes.items()}


def _print(title: str, shares: Mapping[str, float]) -> None:
    print(title)
    for name, share in shares.items():
        if share >= 0.005:
            print(f"  {name:<36} {share:.2f}")
