"""The copier against CopyObject in a loop, on the same S3; and the calls that it makes for an object."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools import Logger, Metrics

from benchmarks.tables import JOBS, OBJECTS, ROLLUPS, create_tables, fill
from benchmarks.timing import timed
from lambdas.copy_objects.handler import CopyObjects
from lambdas.copying import CLIENT_CONFIG
from local.emulator import Emulator
from thaw.copying.batch import Copier
from thaw.copying.clients import COPY_CONFIG, Clients
from thaw.copying.handing_over import HandingOver
from thaw.copying.preparing import Preparer
from thaw.copying.recording import Recorder
from thaw.copying.tasks import Tasks
from thaw.core.copy_messages import CopyMessage
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.store.job_states import JobStates
from thaw.store.reader import RecordReader
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_s3 import S3Client

_BATCH = 10
"""Messages of SQS in one call of the function, as the stack has it."""

_S3_SECONDS = 0.1
"""Until S3 answers a small request, beyond what the emulator takes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html"""

_BUCKET, _LIVE = "archive", "live"
_NOW = "2026-11-21T09:00:00.000Z"
_WAIT_SECONDS = 60.0


@dataclass
class _Sides:
    """Both sides on one emulator, every S3 request `delay` seconds longer; each round copies elsewhere."""

    emulator: Emulator
    objects: int
    delay: float

    def __post_init__(self) -> None:
        self.calls = Counter[str]()
        self._s3 = self._client()
        self._function = self._made()

    def copier(self, number: int) -> float:
        """Seconds for all objects through the function, in the batches of the queue."""
        messages = self._prepared(f"copier-{number}-{self.delay}")
        self.calls.clear()
        return timed(partial(self._copy, messages))

    def loop(self, number: int) -> float:
        """Seconds for one CopyObject after the other, with no encryption kept, no check and no record."""
        return timed(partial(self._copy_plainly, f"loop-{number}-{self.delay}/"))

    def _copy(self, messages: Sequence[CopyMessage]) -> None:
        for start in range(0, self.objects, _BATCH):
            answer = self._function.handle(_event(messages[start : start + _BATCH]), _CONTEXT)
            assert answer == {"batchItemFailures": []}, answer

    def _copy_plainly(self, prefix: str) -> None:
        for number in range(self.objects):
            self._s3.copy_object(
                Bucket=_LIVE,
                Key=f"{prefix}{number}",
                CopySource={"Bucket": _BUCKET, "Key": str(number)},
            )

    def _prepared(self, job_id: str) -> list[CopyMessage]:
        """The job, and its records as they are when their restores have completed."""
        copy = CopyRequest(destination_bucket=_LIVE, destination_prefix=f"{job_id}/")
        request = JobRequest(_BUCKET, "Bulk", manifest="s3://b/m.csv", expiration_days=7, copy=copy)
        dynamodb = self.emulator.client("dynamodb")
        JobStates(dynamodb, JOBS).create(JobState(job_id, request, JobStatus.COPYING, _NOW))
        fill(dynamodb, OBJECTS, (_item(job_id, number) for number in range(self.objects)))
        return [CopyMessage(job_id, _BUCKET, str(number), "null", 7) for number in range(self.objects)]

    def _made(self) -> CopyObjects:
        dynamodb = self.emulator.session().client("dynamodb", config=CLIENT_CONFIG)
        dynamodb.meta.events.register("before-send.dynamodb", partial(self._count, 0.0))
        writer = RecordWriter(dynamodb, OBJECTS, ROLLUPS, slot=lambda: 0, pause=time.sleep)
        clients = Clients(lambda _: self._s3)
        rules = JobRules(region=self.emulator.region, copy_destinations=(Destination(_LIVE),))
        copier = Copier(
            Tasks(JobStates(dynamodb, JOBS), RecordReader(dynamodb, OBJECTS, time.sleep)),
            Preparer(clients, rules, self.emulator.account, lambda: _NOW),
            Recorder(writer, clients, rules),
            HandingOver(_no_large_objects, ""),
            max_receives=5,
        )
        metrics = cast("Metrics", _Silent())
        return CopyObjects(copier, Logger(service="benchmark", level="CRITICAL"), metrics)

    def _client(self) -> "S3Client":
        client = self.emulator.session().client("s3", config=COPY_CONFIG)
        client.meta.events.register("before-send.s3", partial(self._count, self.delay))
        return client

    def _count(self, delay: float, event_name: str, **_: object) -> None:
        self.calls[event_name.rpartition(".")[2]] += 1
        if delay:
            time.sleep(delay)


class _Silent:
    """Metrics that are not printed."""

    def add_metric(self, **_: object) -> None: ...

    def flush_metrics(self) -> None: ...


class _Context:
    """Of an invocation with all its time left."""

    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


_CONTEXT = cast("LambdaContext", _Context())


def main(objects: int = 100, rounds: int = 3) -> None:
    """Prints the ratio of both, bare and with S3's latency, and the copier's calls for an object."""
    with Emulator(restore_seconds=0.0) as emulator:
        create_tables(emulator.client("dynamodb"))
        _restored(emulator.client("s3"), objects)
        print(f"{objects} objects of 7 bytes, batches of {_BATCH}; fastest of {rounds} rounds, MiniStack")
        for delay, told in ((_S3_SECONDS, f"{_S3_SECONDS * 1000:.0f} ms more"), (0.0, "nothing more")):
            sides = _Sides(emulator, objects, delay)
            loop, copier = (min(map(side, range(rounds))) for side in (sides.loop, sides.copier))
            print(
                f"with {told:<13} a request to S3   {loop / copier:.1f} x CopyObject in a loop:"
                f" {objects / copier:,.0f} objects/s against {objects / loop:,.0f}"
            )
        _print_calls(sides.calls, objects)


def _print_calls(calls: Counter[str], objects: int) -> None:
    for name, number in sorted(calls.items()):
        print(f"  {name:<20} {number / objects:.2f} an object")
    expected = calls["HeadObject"] == calls["CopyObject"] == objects
    assert expected, f"one head and one copy an object, not {dict(calls)}"


def _restored(s3: "S3Client", objects: int) -> None:
    """Archived objects, readable."""
    for bucket in (_BUCKET, _LIVE):
        s3.create_bucket(Bucket=bucket)
    for number in range(objects):
        s3.put_object(Bucket=_BUCKET, Key=str(number), Body=b"content", StorageClass="GLACIER")
        s3.restore_object(Bucket=_BUCKET, Key=str(number), RestoreRequest={"Days": 7})
    deadline = time.monotonic() + _WAIT_SECONDS
    while 'ongoing-request="false"' not in s3.head_object(Bucket=_BUCKET, Key=str(objects - 1))["Restore"]:
        assert time.monotonic() < deadline, "the emulator restores at once"
        time.sleep(0.05)


def _item(job_id: str, number: int) -> "dict[str, AttributeValueTypeDef]":
    texts = {
        "object_path": f"{_BUCKET}/{number}",
        "version_id": "null",
        "job_id": job_id,
        "bucket": _BUCKET,
        "key": str(number),
        "storage_class": "GLACIER",
        "tier": "Bulk",
        "restore_requested_at": "2026-11-21T03:00:00.000Z",
        "restore_completed_at": "2026-11-21T07:30:00.000Z",
        "restore_expires_at": "2026-11-29T00:00:00.000Z",
        "status": "RESTORED",
    }
    item: dict[str, AttributeValueTypeDef] = {name: {"S": text} for name, text in texts.items()}
    return {**item, "size_bytes": {"N": "7"}, "revision": {"N": "2"}}


def _event(messages: Sequence[CopyMessage]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": str(number),
                "body": message.to_json(),
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, message in enumerate(messages)
        ]
    }


def _no_large_objects() -> Any:
    raise AssertionError("no object here is too large")
