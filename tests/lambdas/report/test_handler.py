"""A run writes every report, dated and newest, and then tells; a run that fails tells nobody."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from analytics.report_layout import RUN_COLUMNS, Form, Home
from analytics.schema import REPORTS, Origin
from lambdas.environment import SettingsError
from lambdas.report import handler as module
from lambdas.report.errors import RequestError
from lambdas.report.handler import RUN_METRICS
from lambdas.report.request import parse_request
from tests.fakes.dynamodb import ROLLUPS, Call, Fault, client_error
from tests.fakes.stored_s3 import File
from tests.lambdas.environment import REGION, set_variables
from tests.lambdas.report.deployed import CONTEXT, NOW, RUN, Deployed, deployed
from tests.lambdas.report.test_settings import ENVIRONMENT
from tests.store.tables import COPIED, COPY, REQUEST, record
from thaw.core.errors import TotalsError
from thaw.core.history import Failure

RESTORED = REQUEST._replace(
    restore_completed_at="2026-11-21T07:30:00.000Z", restore_expires_at="2026-11-28T00:00:00.000Z"
)
EXPIRED = RESTORED._replace(restore_expires_at="2026-11-22T00:00:00.000Z")
FAILED = REQUEST._replace(failure=Failure("2026-11-21T05:00:00.000Z", "AccessDenied", "no"))
RECORDS = [
    record('copied/ü,"1".bin', history=RESTORED._replace(copied_at=COPIED)),
    record("copied/2.bin", history=COPY),
    record("restored.bin", history=RESTORED),
    record("expired.bin", history=EXPIRED),
    record("failed.bin", history=FAILED),
    record("pending.bin"),
]


@pytest.fixture
def reporting() -> Deployed:
    return deployed(RECORDS)


def rows(file: File) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.body.decode())))


def parquet(file: File, tmp_path: Any) -> list[tuple[Any, ...]]:
    path = tmp_path / "report.parquet"
    path.write_bytes(file.body)
    return duckdb.read_parquet(str(path)).fetchall()


def names_of(kind: str) -> list[str]:
    return [each.report for each in parse_request({"reports": kind}, NOW).wanted]


@pytest.mark.parametrize("kind", list(Origin))
def test_every_report_is_there_as_csv_and_parquet_dated_and_newest(reporting: Deployed, kind: str) -> None:
    answer = reporting.invoke(kind)
    assert set(answer["rows"]) == set(names_of(kind))
    assert len(reporting.files) == 4 * len(names_of(kind))
    for name in names_of(kind):
        columns = [column.name for column in REPORTS[name].columns]
        assert reporting.latest(name).body.decode().splitlines()[0].split(",") == columns
        assert len(rows(reporting.latest(name))) == answer["rows"][name] > 0, name
        for form in Form:
            assert reporting.latest(name, form) == reporting.dated(name, form)


def test_parquet_tells_whose_figures_they_are_and_of_when(reporting: Deployed, tmp_path: Any) -> None:
    reporting.now = NOW.replace(microsecond=345_999)
    reporting.invoke(["progress"])
    found = parquet(reporting.latest("progress", Form.PARQUET), tmp_path)
    assert {row[-len(RUN_COLUMNS) :] for row in found} == {
        ("123456789012", "eu-north-1", NOW.replace(tzinfo=None))
    }
    assert len(found) == 6


def test_counters_tell_of_the_time_they_were_read_whatever_time_the_run_is_for(reporting: Deployed) -> None:
    reporting.now = NOW + timedelta(hours=5)
    reporting.invoke("rollups")
    metadata = reporting.dated("progress").metadata
    assert metadata == {"as-of": "2026-11-22T08:00:02.345Z", "run": "2026-11-22T03:00:00.000Z"}
    assert "The counters at 2026-11-22T08:00:02.345Z:" in reporting.topic.messages[0]["Message"]


def test_objects_tell_of_the_time_that_the_run_is_for(reporting: Deployed) -> None:
    reporting.now = NOW + timedelta(hours=5)
    reporting.invoke("objects")
    assert reporting.dated("attention").metadata["as-of"] == "2026-11-22T03:00:00.000Z"
    early = deployed(RECORDS)
    early.invoke("objects", as_of="2026-11-21T04:00:00Z")
    assert rows(early.latest("attention")) == [], "later events are as if they had not happened"


def test_what_needs_attention_is_said_most_urgent_first(reporting: Deployed) -> None:
    reporting.invoke("objects")
    found = rows(reporting.latest("attention"))
    assert [(row["key"], row["reason"]) for row in found] == [
        ("expired.bin", "expired_uncopied"),
        ("failed.bin", "failed"),
        ("copied/2.bin", "untracked_copy"),
    ]
    assert found[0]["expires_at"] == EXPIRED.restore_expires_at
    assert found[1]["error_code"] == "AccessDenied"


def test_the_message_has_the_headline_and_the_places(reporting: Deployed) -> None:
    reporting.invoke("objects")
    (message,) = reporting.topic.messages
    assert message["TopicArn"] == ENVIRONMENT["TOPIC_ARN"]
    assert message["Subject"] == "Thaw eu-north-1: 33.3 % of 6 objects copied, 3 need attention"
    assert "3 objects need attention: 1 expired_uncopied, 1 failed, 1 untracked_copy." in message["Message"]
    place = "s3://reports/thaw/latest/csv/attention/123456789012/eu-north-1/attention.csv"
    assert f"attention: {place}" in message["Message"].splitlines()
    values = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert values == {
        "reports": "objects",
        "run": "2026-11-22T03:00:00.000Z",
        "account": "123456789012",
        "region": "eu-north-1",
        "jobs": "1",
        "objects": "6",
        "copied_objects": "2",
        "percent_copied": "33.3",
        "attention": "3",
    }


def test_a_run_that_did_not_look_says_nothing_of_attention_and_asks_no_athena(reporting: Deployed) -> None:
    reporting.invoke("rollups")
    (message,) = reporting.topic.messages
    assert message["Subject"] == "Thaw eu-north-1: 33.3 % of 6 objects copied"
    assert "attention" not in message["MessageAttributes"]
    assert "attention" not in message["Message"]
    assert reporting.connected == 0


def test_athena_scans_once_a_report_and_is_left_in_order(reporting: Deployed) -> None:
    reporting.invoke("objects")
    assert len(reporting.athena.statements) == 2
    assert reporting.connected == reporting.athena.closed == 1


def test_the_counters_are_read_by_one_query_a_job(reporting: Deployed) -> None:
    reporting.dynamodb.calls.clear()
    reporting.invoke("rollups")
    assert [call.operation for call in reporting.dynamodb.calls] == ["Query", "Query"], "the register, a job"


def test_a_rerun_for_the_same_time_overwrites(reporting: Deployed) -> None:
    reporting.invoke("rollups")
    before = dict(reporting.files)
    reporting.now = NOW + timedelta(minutes=2)
    reporting.invoke("rollups")
    assert set(reporting.files) == set(before), "no second file"
    assert reporting.latest("progress").metadata["as-of"] == "2026-11-22T03:02:02.345Z"
    assert (
        reporting.latest("progress").body
        == before[next(k for k in before if "latest/csv/progress/" in k)].body
    )


def test_a_late_retry_does_not_put_older_figures_over_newer_ones(reporting: Deployed) -> None:
    reporting.now = NOW + timedelta(days=1)
    reporting.invoke("objects", as_of="2026-11-23T03:00:00Z")
    reporting.invoke("objects")
    assert reporting.latest("attention").metadata["run"] == "2026-11-23T03:00:00.000Z"
    assert reporting.dated("attention").metadata["run"] == "2026-11-22T03:00:00.000Z"
    lines = reporting.topic.messages[1]["Message"].splitlines()
    place = "s3://reports/thaw/dated/csv/attention/123456789012/eu-north-1/2026-11-22/030000Z.csv"
    assert f"attention: {place} (latest/ holds a newer run)" in lines


def test_a_run_at_the_same_moment_is_not_written_over_blindly(reporting: Deployed) -> None:
    reporting.invoke("rollups")
    key = next(key for key in reporting.files if "latest/csv/forecast" in key)

    def other_run_writes(putting: str) -> None:
        if putting == key:
            reporting.files[key] = reporting.files[key]._replace(body=b"newer")

    reporting.s3.on_put = other_run_writes
    with pytest.raises(ClientError, match="PreconditionFailed"):
        reporting.invoke("rollups")
    assert len(reporting.topic.messages) == 1


@pytest.mark.parametrize(
    "part", ["dated/parquet/forecast", "latest/csv/progress/", "latest/parquet/forecast"]
)
def test_a_run_that_cannot_write_all_raises_and_tells_nobody(reporting: Deployed, part: str) -> None:
    def full(key: str) -> None:
        if part in key:
            raise client_error("PutObject", "SlowDown")

    names = ["progress", "forecast"]
    reporting.invoke(names, as_of="2026-11-22T02:00:00Z")
    before = {key: file for key, file in reporting.files.items() if "latest/" in key}
    reporting.now = NOW + timedelta(seconds=1)
    reporting.s3.on_put = full
    with pytest.raises(ClientError, match="SlowDown"):
        reporting.invoke(names)
    assert len(reporting.topic.messages) == 1, "of the run before"
    if "dated" in part or "progress/" in part:
        assert {key: reporting.files[key] for key in before} == before
    reporting.s3.on_put = lambda _: None
    reporting.invoke(names)
    assert {file.metadata["run"] for key, file in reporting.files.items() if "latest/" in key} == {
        "2026-11-22T03:00:00.000Z"
    }, "tried again, it ends as if nothing had happened"


def test_the_run_s_own_files_are_all_there_before_the_first_newest(reporting: Deployed) -> None:
    reporting.invoke("rollups")
    dated = [place for place, key in enumerate(reporting.s3.puts) if "/dated/" in key]
    latest = [place for place, key in enumerate(reporting.s3.puts) if "/latest/" in key]
    assert max(dated) < min(latest)


def test_a_run_that_cannot_tell_has_failed(reporting: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    reporting.topic.broken = True
    with pytest.raises(ClientError, match="InternalError"):
        reporting.invoke("rollups")
    assert "RollupReportRuns" not in capsys.readouterr().out, "no finished run is counted"


def test_impossible_counters_are_read_again_and_then_fail_the_run(reporting: Deployed) -> None:
    reads: list[Call] = []

    def note(call: Call) -> Fault | None:
        reads.append(call)
        return None

    reporting.dynamodb.tables[ROLLUPS]["job-1", "status#0"]["copied_objects"] = {"N": "9"}
    reporting.dynamodb.on_call = note
    with pytest.raises(TotalsError, match="thaw verify --job job-1"):
        reporting.invoke("rollups")
    assert len(reads) > 2
    assert reporting.files == {}


def test_a_stack_without_jobs_writes_empty_reports_and_says_so() -> None:
    empty = deployed([])
    empty.invoke("rollups")
    empty.invoke("objects")
    assert {len(rows(empty.latest(name))) for name in REPORTS} == {0}
    for message in empty.topic.messages:
        assert "No job is registered." in message["Message"]
        assert "percent_copied" not in message["MessageAttributes"]
    assert empty.topic.messages[1]["Subject"].endswith("- of 0 objects copied, 0 need attention")


def test_other_accounts_files_in_the_same_bucket_are_left_alone(reporting: Deployed) -> None:
    other = Home("999999999999", "us-east-1")
    reporting.invoke("rollups")
    key = next(key for key in reporting.files if "latest/csv/progress/" in key)
    theirs = key.replace("123456789012/eu-north-1", "/".join(other))
    reporting.files[theirs] = File(b"theirs", {}, "text/csv")
    reporting.now = NOW + timedelta(hours=1)
    reporting.invoke("rollups")
    assert reporting.latest("progress", home=other).body == b"theirs"


def test_a_finished_run_is_counted_by_its_kind(
    reporting: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    reporting.invoke("objects")
    reporting.invoke("rollups")
    reporting.invoke(["progress"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    objects, rollups, chosen = lines
    assert (objects[RUN_METRICS["objects"]], objects["AttentionObjects"]) == ([1], [3])
    assert (rollups[RUN_METRICS["rollups"]], "AttentionObjects" in rollups) == ([1], False)
    assert chosen["ChosenReportRuns"] == [1]
    logged = [json.loads(line) for line in reporting.log.getvalue().splitlines()]
    assert {line["correlation_id"] for line in logged} == {CONTEXT.aws_request_id}
    assert logged[0]["rows"] == {"temporary_storage": 2, "attention": 3}


def test_what_is_asked_for_in_vain_is_refused_before_anything_is_read(reporting: Deployed) -> None:
    reporting.dynamodb.calls.clear()
    with pytest.raises(RequestError):
        reporting.invoke(["progres"])
    assert reporting.dynamodb.calls == []


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    set_variables(monkeypatch, ENVIRONMENT)
    module.write_reports.cache_clear()
    yield monkeypatch
    module.write_reports.cache_clear()


def test_the_function_is_made_once_from_its_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POWERTOOLS_SERVICE_NAME", "report")
    environment.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    function = module.write_reports()
    assert function.settings.reports_bucket == "reports"
    assert function.tools.s3.meta.region_name == REGION
    assert module.write_reports() is function
    connection = function.tools.athena()
    assert (connection.work_group, connection.catalog_name, connection.schema_name) == (
        "thaw",
        "thaw_dynamodb",
        "thaw",
    )
    assert function.tools.now().utcoffset() == timedelta(0)


def test_a_wrong_environment_is_told_at_the_first_event(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("TOPIC_ARN")
    with pytest.raises(SettingsError, match="Environment variable TOPIC_ARN is not set"):
        module.handler({"reports": "rollups", "as_of": RUN}, CONTEXT)
