"""The jobs that the demo asks the API for: their manifests, their beginning, their news, their end."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from rich.console import Console

from local.api import call
from local.demo.archive import MANIFESTS, Versions
from local.demo.objects import ARCHIVE, LIVE, LIVE_PREFIX, TAPES, DemoObject, Fate
from local.emulator import Emulator
from local.errors import DemoError
from thaw.core.job_states import ENDED, JobStatus
from thaw.core.keys import NO_VERSION, Spelling, encode_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DAYS = 30
_COPIES: Mapping[str, dict[str, str]] = {
    ARCHIVE: {"destination_bucket": LIVE, "destination_prefix": LIVE_PREFIX},
    TAPES: {},
}
"""What the copies of a bucket's job are; those of TAPES are made in place."""

JOB_IDS: Mapping[str, str] = {bucket: f"{bucket}-copies" for bucket in _COPIES}


def is_requested(one: DemoObject) -> bool:
    """Whether a job of the API restores and copies the object."""
    return one.real and one.bucket in _COPIES and one.fate in (Fate.COPIED, Fate.COPY_FAILED)


def spoil(s3: "S3Client", objects: Sequence[DemoObject]) -> None:
    """Sees to it that copies fail where they shall: something else is where they would go."""
    for one in objects:
        if is_requested(one) and one.fate is Fate.COPY_FAILED:
            place = (LIVE, LIVE_PREFIX + one.key) if one.bucket == ARCHIVE else (TAPES, one.key)
            s3.put_object(Bucket=place[0], Key=place[1], Body=b"Somebody put this here.")


class Requested:
    """The jobs, over the API of a deployed stack whose exports are `outputs`."""

    def __init__(self, emulator: Emulator, console: Console, outputs: Mapping[str, Any]) -> None:
        self._emulator = emulator
        self._console = console
        self._outputs = outputs
        self._news: dict[str, list[dict[str, Any]]] = {job_id: [] for job_id in JOB_IDS.values()}
        self._queue = self._listen()

    def begin(self, objects: Sequence[DemoObject], versions: Versions) -> None:
        """Asks for a job a bucket and waits until both have begun."""
        for bucket in JOB_IDS:
            self._put_manifest(bucket, [one for one in objects if one.bucket == bucket], versions)
        with ThreadPoolExecutor(len(JOB_IDS)) as pool:
            for shown in pool.map(self._create, JOB_IDS):
                found = shown["validated"]
                self._console.print(
                    f"  {shown['BulkJobId']}: {found['objects']:,} objects in S3 Batch Operations job"
                    f" {shown['BatchOperation']['JobId']}; about {found['expected_hours']:g} hours and"
                    f" ${found['cost_usd']} on AWS",
                    soft_wrap=True,
                )

    def look(self) -> bool:
        """Has the watcher look, and hears its news; whether both jobs have ended."""
        answer = self._emulator.client("lambda").invoke(FunctionName="thaw-watch-jobs", Payload="{}")
        if "FunctionError" in answer:
            raise DemoError(f"The watcher failed: {answer['Payload'].read().decode()}")
        self._hear()
        return all(news and JobStatus(news[-1]["Status"]) in ENDED for news in self._news.values())

    def tell(self) -> list[str]:
        """Prints the news of each job; sentences about what is wrong with them."""
        wrong: list[str] = []
        for job_id, news in self._news.items():
            told = ", ".join(f"{each['Status']} {each['ProgressPercent']} %" for each in news)
            self._console.print(f"{len(news)} progress events of {job_id}: {told}", soft_wrap=True)
            if not news or news[-1]["Status"] not in (
                JobStatus.COMPLETE,
                JobStatus.COMPLETE_WITH_FAILURES,
            ):
                wrong.append(f"job {job_id} did not end as it had to")
        return wrong

    def _create(self, bucket: str) -> dict[str, Any]:
        body = {
            "bucket": MANIFESTS,
            "key": _manifest(bucket),
            "tier": "BULK",
            "expiration_days": _DAYS,
            "job_id": JOB_IDS[bucket],
            "copy": {"storage_class": "STANDARD", **_COPIES[bucket]},
        }
        self._console.print(f"POST /create-job {json.dumps(body)}", soft_wrap=True, markup=False)
        url = self._outputs["job_api_url"]
        answer = call(self._emulator, f"{url}/create-job", "POST", body)
        while answer.status == 202 or answer.body.get("Status") in ("Preparing", "Loading"):
            answer = call(self._emulator, f"{url}/jobs/{JOB_IDS[bucket]}", "GET")
        if answer.status >= 300:
            raise DemoError(f"The API answered {answer.status}: {answer.body}")
        return answer.body

    def _put_manifest(self, bucket: str, objects: Sequence[DemoObject], versions: Versions) -> None:
        rows = [
            [bucket, encode_key(one.key, Spelling.BATCH_OPERATIONS), versions[one].replace(NO_VERSION, "")]
            for one in objects
            if is_requested(one)
        ]
        text = "".join(",".join(row if bucket == TAPES else row[:2]) + "\n" for row in rows)
        self._emulator.client("s3").put_object(Bucket=MANIFESTS, Key=_manifest(bucket), Body=text.encode())

    def _listen(self) -> str:
        sqs = self._emulator.client("sqs")
        url = sqs.create_queue(QueueName="thaw-demo-progress")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        topic = self._outputs["progress_topic_arn"]
        self._emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=found["QueueArn"])
        return url

    def _hear(self) -> None:
        sqs = self._emulator.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            for message in messages:
                event = json.loads(json.loads(message.get("Body", ""))["Message"])
                self._news[event["JobId"]].append(event)
                sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message.get("ReceiptHandle", ""))


def _manifest(bucket: str) -> str:
    return f"jobs/{bucket}.csv"
