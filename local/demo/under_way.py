"""The demo's jobs under way: the API's and the user's own, the replay, and the proof at the end."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live

from analytics.cli.progress import table
from analytics.cli.tables import Tables, pause
from analytics.cli.verify import describe
from local.demo import archive
from local.demo.objects import ARCHIVE, SILENT, TAPES, DemoObject, Fate
from local.demo.requested import JOB_IDS, Requested, is_requested
from local.demo.timeline import POISON
from local.emulator import Emulator
from thaw.core.history import Status
from thaw.core.jobs import Progress
from thaw.reconcile import Reconciler
from thaw.store.jobs import read_progress
from thaw.store.reader import RecordReader
from thaw.store.verify import verify
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

JOB = "demo"
"""What the user restores by himself, and what is replayed."""

JOBS = (JOB, *JOB_IDS.values())

_DEADLINE_SECONDS = 170.0
_LOOK_SECONDS = 0.5
_LOOKS_A_WATCH = 4
_BATCH = 10


class UnderWay:
    """A deployed stack, its jobs under way, and the user who restores and copies some by himself."""

    def __init__(
        self,
        emulator: Emulator,
        console: Console,
        objects: Sequence[DemoObject],
        versions: archive.Versions,
        outputs: Mapping[str, Any],
    ) -> None:
        self._s3 = emulator.client("s3")
        self._sqs = emulator.client("sqs")
        self._console = console
        self._versions = versions
        self._outputs = outputs
        self._tables = Tables(emulator.client("dynamodb"), outputs["objects_table"], outputs["rollups_table"])
        self._expected = Counter(one.fate.status for one in objects)
        self._objects = objects
        self._requested = Requested(emulator, console, outputs)
        mine = (one for one in objects if one.real and not is_requested(one))
        self._waiting = [one for one in mine if one.fate is not Fate.PENDING]
        self._ended = False
        self._silent = sum(one.bucket == SILENT for one in objects)

    def follow(self, messages: Sequence[str]) -> None:
        """Restores, replays and copies, showing progress, until all is as expected or time is up."""
        self._requested.begin(self._objects, self._versions)
        mine = len(self._waiting)
        self._console.print(f"Restoring {mine:,} objects by hand, replaying {len(messages):,} messages ...")
        archive.request_restores(self._s3, self._waiting, self._versions)
        with ThreadPoolExecutor(1) as background, Live(console=self._console, auto_refresh=False) as live:
            replay = background.submit(self._send, messages)
            deadline = time.monotonic() + _DEADLINE_SECONDS
            looks = 0
            while time.monotonic() < deadline and not (replay.done() and self._settled()):
                self._act()
                looks += 1
                if looks % _LOOKS_A_WATCH == 0 and not self._ended:
                    self._ended = self._requested.look()
                live.update(Group(*map(table, self._progress())), refresh=True)
                pause(_LOOK_SECONDS)
            live.update(Group(*map(table, self._progress())), refresh=True)
            replay.result()
        self._console.print()

    def prove(self) -> int:
        """Verifies the counters, and compares everything with what had to come out; 1 if anything is off."""
        wrong = [*self._differences(), *self._requested.tell()]
        tables = self._tables
        for verification in verify(
            tables.client, tables.objects, tables.rollups, [*JOBS], lambda _: None
        ).jobs:
            self._console.print("thaw verify: " + "\n".join(describe(verification)), soft_wrap=True)
            if not verification.proven:
                wrong.append("the counters could not be proven")
        for line in wrong:
            self._console.print(f"WRONG: {line}")
        if not wrong:
            self._console.print(
                f"All {self._expected.total():,} objects came out as they had to, and the {len(POISON)}"
                " poison messages are in the dead-letter queue with their reasons.",
                soft_wrap=True,
            )
        return 1 if wrong else 0

    def _differences(self) -> list[str]:
        found: Counter[Status] = Counter()
        for progress in self._progress():
            found.update({status: part.objects for status, part in progress.by_status.items()})
        wrong = [
            f"{found[status]:,} objects are {status}, it must be {self._expected[status]:,}"
            for status in Status
            if found[status] != self._expected[status]
        ]
        poison = self._depth("dead_letter_queue_url")
        if poison != len(POISON):
            wrong.append(f"{poison} messages are in the dead-letter queue, it must be {len(POISON)}")
        return wrong

    def _progress(self) -> list[Progress]:
        tables = self._tables
        return [read_progress(tables.client, tables.rollups, job_id, pause) for job_id in JOBS]

    def _settled(self) -> bool:
        return self._ended and self._depth("queue_url") == 0 and not self._differences()

    def _depth(self, queue: str) -> int:
        names: list[QueueAttributeNameType] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        answer = self._sqs.get_queue_attributes(QueueUrl=self._outputs[queue], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def _send(self, messages: Sequence[str]) -> None:
        for start in range(0, len(messages), _BATCH):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "MessageBody": body}
                for number, body in enumerate(messages[start : start + _BATCH])
            ]
            self._sqs.send_message_batch(QueueUrl=self._outputs["queue_url"], Entries=entries)

    def _act(self) -> None:
        """Does what the fate of the objects that have become readable wants."""
        if self._silent:
            self._silent -= self._reconcile(SILENT)["copied"]
        if not self._waiting:
            return
        readable = {bucket: archive.restored_keys(self._s3, bucket) for bucket in (ARCHIVE, TAPES, SILENT)}
        ready = [one for one in self._waiting if one.key in readable[one.bucket]]
        self._waiting = [one for one in self._waiting if one.key not in readable[one.bucket]]
        archive.make_copies(self._s3, [one for one in ready if one.fate is Fate.COPIED], self._versions)

    def _reconcile(self, bucket: str) -> Counter[str]:
        """Heals the records of a bucket whose events got lost; returns what was healed."""
        tables = self._tables
        reader = RecordReader(tables.client, tables.objects, pause)
        writer = RecordWriter(tables.client, tables.objects, tables.rollups, slot=lambda: 0, pause=pause)
        reconciler = Reconciler(self._s3, reader, writer, (), tables.job_began, lambda: datetime.now(UTC))
        healed = reconciler.run(bucket, "", lambda _: None).healed
        if healed.total():
            done = ", ".join(f"{count:,} {name}" for name, count in healed.items() if count)
            self._console.print(
                f"thaw reconcile {bucket} (its events were lost): healed {done}", soft_wrap=True
            )
        return healed
