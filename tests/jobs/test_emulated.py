"""A job sent to S3, and its report read back, over HTTP: the same code against the local AWS."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from benchmarks.tables import create_tables
from local.emulator import Emulator
from tests.jobs.started import CREATED, JOB, NOW, REQUEST, RULES, TABLES, line
from tests.local.batch import JOBS, SOURCE, ended, make_role
from thaw.core import job_files
from thaw.core.history import Status
from thaw.core.job_requests import JobRequest, Way
from thaw.core.job_states import JobState, JobStatus, Loaded, Wave
from thaw.core.jobs import Job, Totals
from thaw.core.keys import ObjectId, object_path
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.job_records import JobRecords
from thaw.jobs.listening import Listener
from thaw.jobs.opening import open_job
from thaw.jobs.pacing import Pacer
from thaw.jobs.reports import ReportReader
from thaw.jobs.request_lines import RequestLine, to_lines
from thaw.jobs.requesting import PartRequester
from thaw.jobs.restoring import RestoreSender
from thaw.jobs.submitting import Submitter
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_progress, register_job
from thaw.store.reader import RecordReader
from thaw.store.writer import RecordWriter

pytestmark = pytest.mark.emulator

KEYS = ("with space, comma+plus.txt", "é%2F/日本語.tif", "gone.txt")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(restore_seconds=600, batch_status_seconds=0.02) as running:
        for bucket in (SOURCE, JOBS):
            running.client("s3").create_bucket(Bucket=bucket)
        create_tables(running.client("dynamodb"))
        yield running


@dataclass(frozen=True)
class Place:
    """The tables, buckets and clients of a job whose objects are there, but for those called gone."""

    emulator: Emulator
    job_id: str

    def begin(self, lines: list[RequestLine], request: JobRequest) -> None:
        s3, dynamodb = self.emulator.client("s3"), self.emulator.client("dynamodb")
        s3.put_object(Bucket=JOBS, Key=self.part, Body=to_lines(lines))
        for each in lines:
            if "gone" not in each.key:
                s3.put_object(Bucket=SOURCE, Key=each.key, Body=b"x", StorageClass="GLACIER")
            item: dict[str, Any] = {
                "object_path": {"S": object_path(SOURCE, each.key)},
                "version_id": {"S": "null"},
                "job_id": {"S": self.job_id},
                "bucket": {"S": SOURCE},
                "key": {"S": each.key},
            }
            dynamodb.put_item(TableName=TABLES.objects, Item=item)
        loaded = Loaded(objects=len(lines), requests=len(lines))
        state = JobState(self.job_id, request, JobStatus.PREPARING, CREATED, loaded=loaded)
        self.states.create(state)
        register_job(dynamodb, TABLES.rollups, Job(self.job_id, CREATED, "Bulk", Totals(len(lines), 0)))

    @property
    def part(self) -> str:
        return f"{job_files.requests_folder(self.job_id)}part-00000.jsonl"

    @property
    def states(self) -> JobStates:
        return JobStates(self.emulator.client("dynamodb"), TABLES.jobs)

    @property
    def writer(self) -> RecordWriter:
        client = self.emulator.client("dynamodb")
        return RecordWriter(client, TABLES.objects, TABLES.rollups, slot=lambda: 0, pause=lambda _: None)

    def found(self, key: str) -> ObjectRecord:
        reader = RecordReader(self.emulator.client("dynamodb"), TABLES.objects, lambda _: None)
        (record,) = reader.find([Target((ObjectId(object_path(SOURCE, key), "null"),))]).values()
        assert isinstance(record, ObjectRecord)
        return record


def test_a_job_is_opened_sent_as_a_batch_operations_job_and_its_report_read(emulator: Emulator) -> None:
    place = Place(emulator, JOB)
    place.begin([line(key) for key in KEYS], replace(REQUEST, bucket=SOURCE))
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    listener = Listener(emulator.client("s3"), arn, "thaw", emulator.account, lambda _: None)
    assert open_job(place.states, listener, JOB, RULES).status is JobStatus.LOADING
    batch = BatchOperations(emulator.client("s3control"), emulator.account, make_role(emulator, "restores"))
    submitter = Submitter(
        states=place.states,
        batch=batch,
        s3=emulator.client("s3"),
        jobs_bucket=JOBS,
        rules=RULES,
        listener=listener,
        concurrency=1,
        now=lambda: NOW,
    )
    for _ in range(2):
        submitter.submit(JOB)
    (wave,) = place.states.read(JOB).waves
    ended(emulator, wave.batch_job_id)
    assert read(place, batch) == replace(
        wave, batch_status="Complete", failed_tasks=1, reported=True, problem=""
    )
    assert [place.found(key).status for key in KEYS] == [Status.RESTORING, Status.RESTORING, Status.FAILED]
    assert place.found("gone.txt").history.failure.error_code == "NoSuchKey"
    restore = emulator.client("s3").head_object(Bucket=SOURCE, Key=KEYS[1])["Restore"]
    assert restore == 'ongoing-request="true"'
    assert batch.find("nobody's") is None


def read(place: Place, batch: BatchOperations) -> Wave:
    reader = ReportReader(place.states, place.emulator.client("s3"), JOBS, place.writer, batch)
    for part in reader.open(JOB, 1):
        assert reader.read(JOB, 1, part, 0, lambda: 900.0).done
    return reader.close(JOB, 1)


def test_a_part_is_requested_object_by_object(emulator: Emulator) -> None:
    place = Place(emulator, "august")
    request = replace(REQUEST, bucket=SOURCE, way=Way.REQUESTS)
    keys = [f"august/{number:03}" for number in range(20)]
    place.begin([line(key) for key in (*keys, "august/gone")], request)
    dynamodb, s3 = emulator.client("dynamodb"), emulator.client("s3")

    def sender(state: JobState) -> RestoreSender:
        pacer = Pacer(1000, lambda: 0.0, lambda _: None)
        return RestoreSender(s3, state.request.bucket, "Bulk", 7, pacer, 4, lambda: NOW, lambda _: None)

    requester = PartRequester(
        states=place.states,
        records=JobRecords(RecordReader(dynamodb, TABLES.objects, lambda _: None), place.writer),
        s3=s3,
        jobs_bucket=JOBS,
        rules=RULES,
        per_second=1000,
        sender=sender,
        progress=lambda job_id: read_progress(dynamodb, TABLES.rollups, job_id, lambda _: None),
        now=lambda: NOW,
    )
    assert requester.request("august", place.part, 0, lambda: 900.0).done
    assert {place.found(key).status for key in keys} == {Status.RESTORING}
    assert place.found("august/gone").history.failure.error_code == "NoSuchKey"
