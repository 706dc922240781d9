"""What reading a job's progress costs, with a thousand objects and with a million: it must be flat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.capacity import item_bytes, read_units
from benchmarks.counters import rows_of, totals_of
from benchmarks.lives import WHOLE_JOB, lives
from benchmarks.tables import ROLLUPS, create_tables, fill
from benchmarks.timing import in_turns, ratio
from local.emulator import Emulator
from thaw.core.history import Status
from thaw.store.jobs import read_counters, read_progress, register_job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class _Reads:
    """The Queries of a client, and what they returned."""

    requests: int = 0
    items: int = 0
    size_bytes: int = 0
    units: int = 0

    def note(self, parsed: Mapping[str, Any], **_: object) -> None:
        size = sum(map(item_bytes, parsed["Items"]))
        self.requests += 1
        self.items += len(parsed["Items"])
        self.size_bytes += size
        self.units += read_units(size)


def main(small: int = 1_000, large: int = 1_000_000, rounds: int = 51) -> None:
    """Prints requests, rows, bytes and read units of both jobs, and how their times compare."""
    with Emulator() as emulator:
        client = emulator.client("dynamodb")
        create_tables(client)
        names = {f"{size:,} objects": _written(client, size) for size in (small, large)}
        print(f"counters of jobs of {small:,} and {large:,} objects over two days, 8 slots, {rounds} rounds")
        for reader, read in (("progress", _progress), ("all counters", _all)):
            for name, job_id in names.items():
                reads = _counted(client, partial(read, client, job_id))
                print(
                    f"{reader + ', ' + name:<34} {reads.requests} requests, {reads.items} rows,"
                    f" {reads.size_bytes:,} bytes, {reads.units} read units"
                )
        sides = {name: partial(_progress, client, job_id) for name, job_id in names.items()}
        times = in_turns(sides, rounds)
    first, second = names
    print(
        f"time of progress: {ratio(times, second, first):.2f} x (the emulator filters all counter rows of"
        " the job, DynamoDB goes to the first one wanted); expected: flat"
    )


def _written(client: "DynamoDBClient", objects: int) -> str:
    job, slots = totals_of(lives(objects, WHOLE_JOB, job_id=f"job-of-{objects}"))
    register_job(client, ROLLUPS, job)
    fill(client, ROLLUPS, rows_of(slots))
    return job.job_id


def _progress(client: "DynamoDBClient", job_id: str) -> None:
    pauses: list[float] = []
    progress = read_progress(client, ROLLUPS, job_id, pauses.append)
    assert progress.by_status[Status.COPIED] == progress.job.totals, progress


def _all(client: "DynamoDBClient", job_id: str) -> None:
    read_counters(client, ROLLUPS, job_id)


def _counted(client: "DynamoDBClient", read: Callable[[], None]) -> _Reads:
    reads = _Reads()
    client.meta.events.register("after-call.dynamodb.Query", reads.note)
    read()
    client.meta.events.unregister("after-call.dynamodb.Query", reads.note)
    return reads
