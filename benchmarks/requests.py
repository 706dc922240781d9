"""Calls to AWS per object for each way into a job, counted at the emulator as its functions make them."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from local.emulator import Emulator
from tests.deployed.jobs import COLD, MANIFESTS, WARM, JobStack, job_stack, put_manifest
from thaw.core.job_states import JobStatus

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_LOOKS = 0.01
"""List and describe calls an object."""

MOST_EVENTS = 12
"""Of a job: its start, each tenth, its end, and one to spare."""

COLUMNS = ("restores", "copies", "HEADs", "lists", "other S3", "DynamoDB", "others")

_KINDS = {
    "restore requests": "restores",
    "s3:RestoreObject": "asked for by functions",
    "s3:CopyObject": "copies",
    "s3:HeadObject": "HEADs",
}
_COPY = {"storage_class": "STANDARD", "destination_bucket": WARM}
_SECONDS = 600.0
_LOOK_SECONDS = 5.0
_SMALL = 50


@dataclass(frozen=True)
class _Way:
    """How a job of the objects under a prefix begins; `begin` gives its id."""

    name: str
    begin: Callable[[JobStack, str, list[str]], str]


def _by_manifest(stack: JobStack, prefix: str, keys: list[str]) -> str:
    key = f"{prefix.rstrip('/')}.csv"
    put_manifest(stack.emulator, key, [[COLD, each] for each in keys])
    asked: dict[str, Any] = {"bucket": MANIFESTS, "key": key}
    return _created(stack, asked)


def _by_prefix(stack: JobStack, prefix: str, _keys: list[str]) -> str:
    return _created(stack, {"bucket": COLD, "prefix": prefix})


def _created(stack: JobStack, asked: dict[str, Any]) -> str:
    answer = stack.call(
        "POST", "/create-job", {**asked, "tier": "BULK", "expiration_days": 30, "copy": _COPY}
    )
    assert answer.status in (201, 202), answer
    return answer.body["BulkJobId"]


def _by_bucket(stack: JobStack, prefix: str, _keys: list[str]) -> str:
    given = {"bucket_name": COLD, "prefix": prefix, "days": 30, "copy": _COPY}
    ended = stack.run("restore_bucket_machine_arn", given, _SECONDS)
    assert ended["status"] == "SUCCEEDED", ended
    (state,) = stack.states.active()
    return state.job_id


WAYS = (
    _Way("API, manifest", _by_manifest),
    _Way("API, prefix", _by_prefix),
    _Way("restore-bucket", _by_bucket),
)


def main(objects: int = 2000) -> None:
    """Prints one line a way and size, and fails if a way makes more calls than it may."""
    print(
        f"{objects} and {_SMALL} objects, restored and copied; the watcher looks every {_LOOK_SECONDS:.0f} s"
    )
    print(_line("calls per object", [*COLUMNS, "events"]))
    with Emulator(auth=True, restore_seconds=1.0, wait_scale=0.02) as emulator:
        stack = job_stack(emulator, batch_size=100, batching_window_seconds=1)
        stack.look_seconds = _LOOK_SECONDS
        for way in WAYS:
            for count in (_SMALL, objects):
                _measure(stack, way, count)
    print(
        f"expected: exactly 1 restore and 1 copy, at most {MOST_LOOKS} lists and describes (of many objects),"
    )
    print(f"and at most {MOST_EVENTS} progress events a job, however many objects it has")


def _measure(stack: JobStack, way: _Way, count: int) -> None:
    prefix = f"{way.name.replace(', ', '-')}-{count}/"
    keys = [f"{prefix}{number:06}.bin" for number in range(count)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(_put, stack.emulator.client("s3")), keys))
    stack.emulator.take_calls()
    job_id = way.begin(stack, prefix, keys)
    assert stack.watch_until_ended(job_id, _SECONDS) is JobStatus.COMPLETE
    calls, events = _by_kind(stack.emulator.take_calls()), len(stack.events(job_id))
    per_object = [f"{calls[column] / count:.3f}" for column in COLUMNS]
    print(_line(f"{way.name}, {count}", [*per_object, str(events)]), flush=True)
    assert calls["restores"] == calls["copies"] == count
    assert events <= MOST_EVENTS
    assert count == _SMALL or calls["lists"] / count < MOST_LOOKS


def _put(s3: "S3Client", key: str) -> None:
    s3.put_object(Bucket=COLD, Key=key, Body=b"cold", StorageClass="GLACIER")


def _kind(name: str) -> str:
    """The column of an operation. A restore is counted where S3 takes it, whoever asked for it."""
    service, _, operation = name.partition(":")
    if operation.startswith(("List", "Describe")):
        return "lists"
    return _KINDS.get(name) or {"s3": "other S3", "s3control": "other S3", "dynamodb": "DynamoDB"}.get(
        service, "others"
    )


def _by_kind(calls: Counter[str]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for name, count in calls.items():
        kinds[_kind(name)] += count
    return kinds


def _line(name: str, cells: Iterable[str]) -> str:
    return f"{name:<24}" + "".join(f"{cell:>10}" for cell in cells)
