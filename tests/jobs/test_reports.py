"""Completion reports: every row reaches its record, and what does not add up is said."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.dynamodb import Call, Fault
from tests.fakes.s3control import BatchJob
from tests.jobs.started import BUCKET, CHANGES, JOB, JOBS_BUCKET, REQUEST, TABLES, DiedError, World
from tests.store.tables import assert_exact, item_of
from thaw.core import job_files
from thaw.core.batch_report import ReportPart
from thaw.core.history import NOTHING, Failure, History, Observation, Status
from thaw.core.job_states import JobStatus, Wave
from thaw.core.keys import ObjectId, Spelling, encode_key, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.errors import NoSuchWaveError, ReportNotThereError, ReportPartError, UnappliedNewsError
from thaw.jobs.reports import CHUNK_ROWS, ReportProgress, ReportReader
from thaw.store.items import to_record
from thaw.store.writer import RecordWriter

BATCH = "batch-1"
AT = "2026-11-21T09:00:00.000Z"
LATER = "2026-11-21T09:00:07.000Z"
FOLDER = f"jobs/{JOB}/reports/job-{BATCH}"
MESSAGE = 'It is "busy",\r\nand says so\nin lines'

Row = tuple[str, ...]


def done(key: str, version_id: str = "") -> Row:
    encoded = encode_key(key, Spelling.BATCH_OPERATIONS)
    return (BUCKET, encoded, version_id, "succeeded", "200", "", "Successful")


def failed(key: str, code: str = "AccessDenied", status: str = "403", message: str = MESSAGE) -> Row:
    return (BUCKET, encode_key(key, Spelling.BATCH_OPERATIONS), "", "failed", status, code, message)


@dataclass
class Report:
    """A wave whose objects have records, and its report in parts of rows."""

    keys: Sequence[str]
    parts: Sequence[Sequence[Row]]
    world: World = field(default_factory=World)
    left: float = 900.0

    def __post_init__(self) -> None:
        world = self.world
        wave = Wave(1, len(self.keys), 0, "key", batch_job_id=BATCH, batch_status="Complete", created_at=AT)
        world.begin(REQUEST, JobStatus.RESTORING, waves=(wave,))
        for key in self.keys:
            entry = ManifestEntry(JOB, BUCKET, key, 100, "GLACIER", "Bulk")
            one = ObjectRecord(ObjectId(object_path(BUCKET, key), "null"), entry, NOTHING, 0)
            world.dynamodb.tables[TABLES.objects][one.id] = item_of(one)
        rows = [row for part in self.parts for row in part]
        refused = sum(row[3] == "failed" for row in rows)
        world.control.jobs.append(
            BatchJob(BATCH, {"Description": "x"}, "Complete", len(rows), len(rows) - refused, refused)
        )
        self.write()

    def write(self) -> None:
        results: list[dict[str, str]] = []
        for number, rows in enumerate(self.parts):
            text = io.StringIO(newline="")
            csv.writer(text).writerows(rows)
            key, body = f"{FOLDER}/results/{number:040x}.csv", text.getvalue().encode()
            self.world.put(key, body)
            results.append(
                {"TaskExecutionStatus": "x", "Bucket": JOBS_BUCKET, "MD5Checksum": md5(body), "Key": key}
            )
        manifest = {"Format": "Report_CSV_20180820", "ReportCreationDate": AT, "Results": results}
        self.world.put(f"{FOLDER}/manifest.json", json.dumps(manifest).encode())

    @property
    def reader(self) -> ReportReader:
        world = self.world
        return ReportReader(world.states, world.s3.client, JOBS_BUCKET, self.writer, world.batch)

    @property
    def writer(self) -> RecordWriter:
        client = self.world.dynamodb.client
        return RecordWriter(
            client, TABLES.objects, TABLES.rollups, slot=lambda: 0, pause=self.world.pauses.append
        )

    def read(self, part: ReportPart, start: int = 0) -> ReportProgress:
        return self.reader.read(JOB, 1, part, start, lambda: self.left)

    def read_all(self) -> Wave:
        for part in self.reader.open(JOB, 1):
            start, complete = 0, False
            while not complete:
                start, complete = self.read(part, start)
        return self.reader.close(JOB, 1)

    def history(self, key: str) -> History:
        return to_record(self.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, key), "null"]).history

    def news(self, key: str, history: History) -> None:
        self.writer.apply({Target((ObjectId(object_path(BUCKET, key), "null"),)): history})

    @property
    def batch(self) -> BatchJob:
        return self.world.control.job(BATCH)


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def test_every_row_of_every_part_reaches_its_record() -> None:
    report = Report(
        ["with space, comma", "é+%", "refused", "already"],
        [
            [done("with space, comma"), done("é+%")],
            [failed("refused"), failed("already", "RestoreAlreadyInProgress")],
        ],
    )
    wave = report.read_all()
    assert (wave.reported, wave.problem, wave.failed_tasks) == (True, "", 2)
    assert report.history("with space, comma") == History(restore_requested_at=AT)
    assert report.history("é+%") == History(restore_requested_at=AT)
    assert report.history("refused") == History(failure=Failure(AT, "AccessDenied", MESSAGE))
    assert report.history("already") == History(observation=Observation(AT, Status.RESTORING))
    assert_exact(report.world.dynamodb)
    assert report.world.state.waves == (wave,)


def test_what_an_event_has_told_already_stays_as_it_is() -> None:
    report = Report(["a"], [[done("a")]])
    report.news("a", History(restore_requested_at=LATER))
    writes = report.world.dynamodb.count("TransactWriteItems")
    report.read_all()
    assert report.history("a") == History(restore_requested_at=LATER)
    assert report.world.dynamodb.count("TransactWriteItems") == writes, "and costs no write"


def test_a_report_read_twice_is_counted_once() -> None:
    report = Report(["a", "b"], [[done("a")], [failed("b")]])
    first = report.read_all()
    assert report.read_all() == first


def test_a_large_part_is_read_in_several_calls_and_counted_once() -> None:
    keys = [f"{number:05}" for number in range(2 * CHUNK_ROWS + 1)]
    report = Report(keys, [[done(key) for key in keys]], left=0.0)
    (part,) = report.reader.open(JOB, 1)
    assert report.read(part) == ReportProgress(CHUNK_ROWS, done=False)
    assert report.read_all().problem == "", "begun anew, the first call counts for nothing"
    assert report.history(keys[-1]) == History(restore_requested_at=AT)


@pytest.mark.parametrize("turn", range(1, 8))
def test_wherever_reading_dies_reading_again_adds_up(turn: int) -> None:
    report = Report(["a", "b"], [[done("a")], [failed("b")]])
    calls = [0]

    def die(*_: object) -> None:
        calls[0] += 1
        if calls[0] == turn:
            raise DiedError

    def die_writing(call: Call) -> Fault | None:
        if call.operation not in CHANGES:
            return None
        calls[0] += 1
        return Fault(after=DiedError()) if calls[0] == turn else None

    report.world.s3.after_call = die
    report.world.dynamodb.on_call = die_writing
    with pytest.raises(DiedError):
        report.read_all()
    wave = report.read_all()
    assert (wave.reported, wave.problem) == (True, "")
    assert_exact(report.world.dynamodb)


def change_tasks(report: Report) -> None:
    report.batch.tasks = 3


def change_done(report: Report) -> None:
    report.batch.succeeded = 5


def give_reason(report: Report) -> None:
    report.batch.reasons = ["The manifest is gone.", "Twice."]


def drop_record(report: Report) -> None:
    del report.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, "a"), "null"]


WHAT = "Batch Operations job batch-1 (wave 1)"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (change_tasks, f"S3 counts 3 tasks in {WHAT}, whose manifest has 2 objects."),
        (change_done, f"The completion report of {WHAT} has 2 rows, and S3 counts 5 tasks as done."),
        (give_reason, f"S3 says of {WHAT}: The manifest is gone. Twice."),
        (drop_record, f"1 rows of the completion report of {WHAT} name objects that have no record."),
    ],
)
def test_what_does_not_add_up_is_said_in_the_state(change: Any, problem: str) -> None:
    report = Report(["a", "b"], [[done("a"), done("b")]])
    change(report)
    assert report.read_all().problem == problem
    assert report.world.state.waves[0].problem == problem


def test_objects_without_a_row_are_not_accounted_for() -> None:
    report = Report(["a", "b", "c"], [[done("a"), done("b")]])
    assert report.read_all().problem == (
        f"S3 counts 2 tasks in {WHAT}, whose manifest has 3 objects."
        f" The completion report of {WHAT} has 2 rows for 3 objects."
    )


def test_a_cancelled_batch_job_has_fewer_rows_and_that_is_all_right() -> None:
    report = Report(["a", "b", "c"], [[done("a")]])
    report.batch.status, report.batch.tasks = "Cancelled", 3
    wave = report.read_all()
    assert (wave.problem, wave.batch_status) == ("", "Cancelled")


def test_a_row_that_cannot_be_read_is_counted_and_the_others_are_applied() -> None:
    report = Report(["a", "b"], [[("archive", "b%zz", *done("b")[2:]), done("a")]])
    assert report.read_all().problem == (
        f"1 rows of the completion report of {WHAT} cannot be read; the first:"
        " A row of the completion report names no object: S3 Batch Operations key 'b%zz' has a bad escape at"
        " character 1: keys are URL-encoded there, write a percent sign as %25."
    )
    assert report.history("a") == History(restore_requested_at=AT)


def test_a_part_that_is_not_as_listed_changes_no_record() -> None:
    report = Report(["a"], [[done("a")]])
    (part,) = report.reader.open(JOB, 1)
    report.world.put(part.key, report.world.file(part.key) + b"more")
    with pytest.raises(ReportPartError, match="somebody changed it, or it is not whole"):
        report.read(part)
    assert report.history("a") == NOTHING


def test_a_part_in_another_bucket_is_not_read() -> None:
    report = Report(["a"], [[done("a")]])
    (part,) = report.reader.open(JOB, 1)
    with pytest.raises(ReportPartError, match=r"lists theirs/jobs/.*; reports are in thaw-jobs-files\."):
        report.read(part._replace(bucket="theirs"))


def test_news_that_cannot_be_written_fail_the_part() -> None:
    report = Report(["a"], [[done("a")]])
    report.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, "a"), "null"]["size_bytes"] = {"N": "x"}
    with pytest.raises(UnappliedNewsError, match="report's news of archive/a could not be written"):
        report.read_all()
    assert not report.world.state.waves[0].reported


def test_a_report_that_is_not_there_yet_is_waited_for() -> None:
    report = Report(["a"], [[done("a")]])
    del report.world.s3.files[JOBS_BUCKET, f"{FOLDER}/manifest.json"]
    with pytest.raises(ReportNotThereError, match=r"job batch-1 \(Complete\) is not in thaw-jobs-files; if"):
        report.reader.open(JOB, 1)


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
def test_a_batch_job_that_ended_before_its_first_task_has_no_report(status: str) -> None:
    report = Report(["a"], [])
    del report.world.s3.files[JOBS_BUCKET, f"{FOLDER}/manifest.json"]
    report.batch.status, report.batch.reasons = status, ["Manifest not found"]
    wave = report.read_all()
    assert wave.reported
    assert wave.problem.startswith(f"S3 says of {WHAT}: Manifest not found")
    assert ("0 rows for 1 objects" in wave.problem) is (status == "Failed")


def test_a_wave_that_the_job_does_not_have_is_no_wave() -> None:
    report = Report(["a"], [[done("a")]])
    with pytest.raises(NoSuchWaveError, match="Job july has 1 waves, none with the number 2"):
        report.reader.open(JOB, 2)


def test_what_was_read_of_an_earlier_reading_is_forgotten() -> None:
    report = Report(["a"], [[done("a")]])
    report.world.put(f"{job_files.report_counts_folder(JOB, 1)}old.json", b'{"rows": 7}')
    assert report.read_all().problem == ""


def test_another_waves_report_is_left_alone() -> None:
    report = Report(["a"], [[done("a")]])
    report.world.states.update(
        JOB, lambda state: replace(state, waves=(*state.waves, Wave(2, 1, 1, "key", batch_job_id="batch-2")))
    )
    report.read_all()
    assert [wave.reported for wave in report.world.state.waves] == [True, False]
