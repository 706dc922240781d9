"""The real program in an emulator, with a prepared job, and what a test wants to know of it."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from local.deployer import Deployment
from local.emulator import Emulator
from thaw.core.jobs import Job
from thaw.core.keys import NO_VERSION
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings
from thaw.store.verify import Verification, verify

JOB = "november"
MANIFESTS = "manifests"
AT_ONCE = {"batch_size": 10, "batching_window_seconds": 0}
"""Config for tests: no waiting for a full batch."""


class Archived(NamedTuple):
    """An object in GLACIER; `version_id` as S3 gave it."""

    bucket: str
    key: str
    version_id: str = NO_VERSION


def archive(emulator: Emulator, bucket: str, keys: Sequence[str]) -> list[Archived]:
    """Stores objects in GLACIER in a bucket that is there."""
    s3 = emulator.client("s3")
    answers = [s3.put_object(Bucket=bucket, Key=key, Body=b"cold", StorageClass="GLACIER") for key in keys]
    return [
        Archived(bucket, key, answer.get("VersionId", NO_VERSION))
        for key, answer in zip(keys, answers, strict=True)
    ]


def prepare_job(emulator: Emulator, objects: Sequence[Archived], folder: Path) -> dict[str, str]:
    """`thaw manifest prepare` of a Batch Operations CSV into S3; gives `import_files` of a config."""
    source = folder / "manifest.csv"
    with source.open("w", newline="") as file:
        rows = [[one.bucket, quote(one.key), one.version_id.replace(NO_VERSION, "")] for one in objects]
        csv.writer(file, lineterminator="\n").writerows(rows)
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=MANIFESTS)
    settings = PrepareSettings(JOB, "Bulk", default_storage_class="GLACIER")
    summary = prepare([str(source)], f"s3://{MANIFESTS}/prepared/", settings, s3=s3)
    assert summary.objects == len(objects)
    return {"bucket": MANIFESTS, "prefix": "prepared/"}


@dataclass
class Stack:
    """A deployed program, looked at from outside."""

    deployment: Deployment

    @property
    def emulator(self) -> Emulator:
        return self.deployment.emulator

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self.deployment.outputs

    def items(self, prefix: str = "thaw") -> dict[tuple[str, str], dict[str, Any]]:
        """All object records, by bucket/key and version."""
        pages = self.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=f"{prefix}-objects")
        return {
            (item["object_path"]["S"], item["version_id"]["S"]): item
            for page in pages
            for item in cast("list[dict[str, Any]]", page["Items"])
        }

    def status(self, one: Archived) -> str:
        """The stored status of an object's record."""
        item = self.items()[f"{one.bucket}/{one.key}", one.version_id]
        return item["status"]["S"]

    def verification(self) -> Verification:
        """The counters against the records."""
        client = self.emulator.client("dynamodb")
        (found,) = verify(client, "thaw-objects", "thaw-rollups", [JOB], lambda _: None).jobs
        return found

    def send(self, body: Any) -> str:
        """Puts a message into the event queue, what is not text as JSON; gives its id."""
        text = body if isinstance(body, str) else json.dumps(body)
        sqs = self.emulator.client("sqs")
        return sqs.send_message(QueueUrl=self.outputs["queue_url"], MessageBody=text)["MessageId"]

    def waiting(self) -> int:
        """Messages in the event queue, in flight included."""
        answer = self.emulator.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["queue_url"],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(value) for value in answer["Attributes"].values())

    def take_dead_letter(self) -> dict[str, Any] | None:
        """One message out of the dead-letter queue, if there is one."""
        sqs, url = self.emulator.client("sqs"), self.outputs["dead_letter_queue_url"]
        for message in sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message.get("ReceiptHandle", ""))
            return dict(message)
        return None


def reason_of(message: Mapping[str, Any]) -> str:
    """Why the tracker put a message into the dead-letter queue; "" if it was not the tracker."""
    return message.get("MessageAttributes", {}).get("Reason", {}).get("StringValue", "")


def registered(emulator: Emulator) -> Job:
    """The job as its rollups row tells it."""
    from thaw.store.jobs import read_job

    return read_job(emulator.client("dynamodb"), "thaw-rollups", JOB)
