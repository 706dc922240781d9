"""`thaw job`: the same service as the API's, told in words, against real clients."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from analytics.__main__ import run
from analytics.cli import clients, job_stack
from analytics.cli.job_create import request_body
from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, FakeDynamoDB
from tests.jobs.served import (
    ACCOUNT,
    FOUND,
    JOBS_BUCKET,
    MACHINE,
    RULES,
    TOPIC,
    Served,
    failed,
    progress_of,
    refused,
)
from thaw.core.job_request_parsing import parse_job_request
from thaw.core.job_requests import CopyRequest, Way
from thaw.core.job_states import JobState, JobStatus, Loaded, Wave
from thaw.jobs.service import JobService
from thaw.jobs.stack import JobStack


class Raw:
    """An answer's body: no job."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield b"<DescribeJobResult/>"


ACCOUNTED = "2 objects (3,000 bytes) of 4 rows; 1 duplicates, 0 filtered, 1 rejected."
ASK = ["job", "create", "--bucket", "manifests", "--key", "july.csv", "--tier", "bulk", "--days", "7"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Served:
    """The commands work on this service; the stack's outputs are there."""
    served = Served()
    outputs = {
        "create_job_machine_arn": MACHINE,
        "job_rules": RULES.to_json(),
        "jobs_table": "jobs",
        "rollups_table": "rollups",
        "jobs_bucket": JOBS_BUCKET,
        "progress_topic_arn": TOPIC,
    }
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    monkeypatch.setenv("THAW_STACK_OUTPUTS", str(tmp_path / "outputs.json"))
    for name in ("dynamodb", "s3", "s3control", "stepfunctions"):
        monkeypatch.setattr(clients, name, lambda: None)

    def service(stack: JobStack, *_: object, **__: object) -> JobService:
        assert stack == JobStack(RULES, ACCOUNT, "jobs", "rollups", JOBS_BUCKET, MACHINE)
        return served.service

    monkeypatch.setattr(job_stack, "job_service", service)
    return served


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """AWS in memory, as boto3 sees it."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3


def only_state(served: Served) -> JobState:
    (state,) = served.states.list(10).states
    return state


def test_create_begins_a_job_and_says_what_was_found(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*ASK, "--job", "july", "--client-tag", "summer"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Job july: Restoring.",
        f"{ACCOUNTED} Typically 12 hours, and $0.01.",
        f"Rejects with their reasons: s3://{JOBS_BUCKET}/jobs/x/rejects.csv",
    ]
    assert (only_state(served).request.bucket, only_state(served).request.client_tag) == ("archive", "summer")
    assert served.machines.started == ["july-1"]


@pytest.mark.usefixtures("served")
def test_create_as_json_is_what_the_api_tells(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["SNSTopic"], told["Status"], told["request"]["key"]) == (TOPIC, "Restoring", "july.csv")


def test_create_with_a_key_that_was_used_begins_nothing(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run([*ASK, "--idempotency-key", "july"]) == 0
    assert capsys.readouterr().err == "The same request was made before; nothing was begun.\n"
    assert only_state(served).run == 1


def test_the_way_is_spelled_as_the_api_spells_it(served: Served) -> None:
    assert run([*ASK, "--way", "requests"]) == 0
    assert only_state(served).request.way is Way.REQUESTS


def test_create_does_not_wait_for_ever(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.steps = []
    assert run([*ASK, "--job", "july"]) == 0
    said = capsys.readouterr()
    assert said.out == "Job july: Preparing.\n"
    assert said.err == "Still being prepared: thaw job show july tells how it goes.\n"


def test_a_refused_job_is_one_line_and_leaves_nothing(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    served.steps = [refused]
    assert run(ASK) == 2
    assert capsys.readouterr().err == (
        "thaw: The manifest in manifests of account (account) names no archived object.\n"
    )
    assert served.states.list(10).states == []


def test_a_job_that_fails_at_once_exits_with_1(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.steps = [failed]
    assert run([*ASK, "--job", "july"]) == 1
    assert capsys.readouterr().out == "Job july: Failed. role/thaw-batch may not be assumed.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([*ASK, "--key", "missing.csv"], "There is no manifest at s3://manifests/missing.csv."),
        (
            [*ASK, "--key", "s3://manifests/july.csv"],
            "--key is s3://manifests/july.csv; give the key alone, and its bucket with --bucket.",
        ),
        ([*ASK, "--prefix", ""], "Give either key (a manifest) or prefix"),
        ([*ASK, "--with-acl"], "--with-acl is about copies: ask for them with --copy-class or --copy-to."),
        ([*ASK, "--days", "0"], "expiration_days is 0; it must be from 1 to 36500."),
        ([*ASK, "--copy-to", "elsewhere"], "Copies to elsewhere/ are not allowed"),
        (["job", "show", "nobody"], 'There is no job "nobody".'),
        (["job", "cancel", "nobody"], 'There is no job "nobody".'),
    ],
)
@pytest.mark.usefixtures("served")
def test_bad_input_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_stack_that_starts_no_jobs_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outputs.json").write_text("{}")
    monkeypatch.setenv("THAW_STACK_OUTPUTS", str(tmp_path / "outputs.json"))
    assert run(["job", "list"]) == 2
    assert capsys.readouterr().err == (
        "thaw: The stack's outputs have no create_job_machine_arn: set restore_buckets, or vaults, in its"
        " config, and deploy it again.\n"
    )


def test_jobs_are_listed_newest_first(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    request = parse_job_request({"bucket": "archive", "prefix": "", "tier": "BULK"}).request
    for day in range(1, 4):
        at = f"2026-11-0{day}T00:00:00.000Z"
        served.states.create(JobState(f"job-{day}", request, JobStatus.COMPLETE, at))
    assert run(["job", "list", "--limit", "2", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["BulkJobId"] for line in lines] == ["job-3", "job-2"]
    assert run(["job", "list"]) == 0
    shown = capsys.readouterr().out
    assert [shown.index(f"job-{day}") for day in (3, 2, 1)] == sorted(
        shown.index(f"job-{d}") for d in (3, 2, 1)
    )
    assert "2026-11-03 00:00:00" in shown


@pytest.mark.usefixtures("served")
def test_no_job_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["job", "list"]) == 0
    assert capsys.readouterr().err == "There is no job.\n"


def test_a_job_is_shown_with_all_that_matters(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--job", "july"]) == 0
    loaded = Loaded(
        objects=1, requests=1, requests_bytes=5, readable=2, elsewhere=3, elsewhere_jobs={"june": 3}
    )
    wave = Wave(1, 2, 3000, "k", batch_job_id="b-1", batch_status="Active", failed_tasks=1)
    found = replace(FOUND, cost_usd="", objects_of_unknown_size=2)
    more: dict[str, Any] = {"waves": (wave,), "trouble": ("overdue",), "cancel_requested_at": "x"}
    served.states.update("july", lambda state: replace(state, validated=found, loaded=loaded, **more))
    capsys.readouterr()
    assert run(["job", "show", "july"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Job july: Restoring.",
        f"{ACCOUNTED} Typically 12 hours, and a cost that cannot be told. The size of 2 is unknown.",
        f"Rejects with their reasons: s3://{JOBS_BUCKET}/jobs/x/rejects.csv",
        "1 to request (5 bytes), 0 being restored already, 2 readable already, 0 copied already.",
        "3 belong to other jobs and are left to them: june (3).",
        "Batch Operations job b-1: Active, 2 objects, 1 failed tasks.",
        "Needs attention: overdue.",
        "It is being cancelled.",
    ]
    reason = "Cancelled on request at x."
    served.states.update("july", lambda state: replace(state, reason=reason))
    assert run(["job", "show", "july"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Job july: Restoring. It is about to end: {reason}\n")
    assert "being cancelled" not in shown, "it is told already"


def test_what_is_not_there_is_not_told(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--job", "july"]) == 0
    wave = Wave(1, 2, 3000, "k", batch_job_id="b-1")
    found = replace(FOUND, rejects=0)
    served.states.update("july", lambda state: replace(state, validated=found, waves=(wave,)))
    capsys.readouterr()
    assert run(["job", "show", "july"]) == 0
    shown = capsys.readouterr().out
    assert "Rejects with their reasons" not in shown, "the file has no row"
    assert "Batch Operations job b-1: created, 2 objects, 0 failed tasks." in shown, "nobody has looked yet"


@pytest.mark.parametrize(
    ("objects", "times"),
    [({"restored": 2}, 1), ({"restored": 1, "failed": 1}, 1), ({"restored": 1, "pending": 1}, 0)],
)
def test_a_job_that_only_the_watcher_has_to_end_is_told(
    served: Served, capsys: pytest.CaptureFixture[str], objects: dict[str, int], times: int
) -> None:
    assert run([*ASK, "--job", "july"]) == 0
    served.progress["july"] = progress_of("july", **objects)
    capsys.readouterr()
    assert run(["job", "show", "july"]) == 0
    sentence = "No object is under way: the job ends when the watcher has seen so, in some minutes."
    assert capsys.readouterr().out.count(sentence) == times
    served.states.update("july", lambda state: replace(state, status=JobStatus.COMPLETE))
    assert run(["job", "show", "july"]) == 0
    assert sentence not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("endpoint", "reached"),
    [
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566/v20180820/jobs/job-1"),
        ("https://s3control.example.org", f"https://{ACCOUNT}.s3control.example.org/v20180820/jobs/job-1"),
    ],
)
def test_s3_control_is_reached_where_the_host_is_a_number(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, reached: str
) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    urls: list[str] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        urls.append(request.url)
        return AWSResponse(request.url, 200, HTTPHeaders(), Raw())

    client: Any = clients.s3control()
    client.meta.events.register("before-send.s3-control", answer)
    client.describe_job(AccountId=ACCOUNT, JobId="job-1")
    assert urls == [reached]


def test_a_job_is_cancelled(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--job", "july"]) == 0
    capsys.readouterr()
    assert run(["job", "cancel", "july"]) == 0
    assert capsys.readouterr().out == "Job july is being cancelled; it ends in a few minutes.\n"
    assert only_state(served).cancel_requested_at
    assert served.cancelled == ["july"]


def test_what_the_options_say_is_what_the_api_takes() -> None:
    said: dict[str, Any] = {
        "bucket": "archive",
        "prefix": "",
        "tier": "BULK",
        "expiration_days": 7,
        "storage_classes": ("GLACIER",),
        "min_size_bytes": 0,
        "copy_class": "STANDARD_IA",
        "copy_to": "live/from-archive/",
        "without": ("tags",),
        "with_acl": True,
        "delete_source": True,
        "max_uncopied_bytes": 0,
        "dry_run": False,
        "job_id": None,
    }
    request = parse_job_request(request_body(said)).request
    assert request.copy == CopyRequest(
        "STANDARD_IA", "live", "from-archive/", keep_tags=False, keep_acl=True, delete_source=True
    )
    assert request.selection is not None
    assert (request.selection.min_size_bytes, request.max_uncopied_bytes) == (0, 0)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A prepared manifest of three objects, and empty tables; its summary."""
    fake = FakeDynamoDB()
    monkeypatch.setattr(clients, "dynamodb", lambda: fake.client)
    for name in (OBJECTS, ROLLUPS, JOBS):
        monkeypatch.setenv(f"THAW_{name.upper()}_TABLE", name)
    return prepare(tmp_path, "july")


def prepare(folder: Path, job_id: str) -> Path:
    source, out = folder / "manifest.csv", folder / job_id
    source.write_text("archive,a\narchive,b\narchive,c\n")
    arguments = ["--job", job_id, "--tier", "Bulk", "--out", str(out), "--rows-per-part", "2"]
    assert run(["manifest", "prepare", str(source), *arguments]) == 0
    return out / "summary.json"


def test_load_writes_the_records_and_registers_their_totals(
    prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        capsys.readouterr()
        assert run(["job", "load", str(prepared)]) == 0
        assert capsys.readouterr().out == "Job july: 3 objects, 0 bytes registered.\n"
    assert run(["verify"]) == 0
    assert "Job july: 3 objects read" in capsys.readouterr().out


def test_load_reads_from_s3(prepared: Path, capsys: pytest.CaptureFixture[str], aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="manifests")
    for file in filter(Path.is_file, prepared.parent.rglob("*")):
        key = f"july/{file.relative_to(prepared.parent)}"
        s3.put_object(Bucket="manifests", Key=key, Body=file.read_bytes())
    assert run(["job", "load", "s3://manifests/july/summary.json"]) == 0
    assert "Job july: 3 objects, 0 bytes registered." in capsys.readouterr().out


def test_load_leaves_to_another_job_what_it_has(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["job", "load", str(prepared)]) == 0
    august = prepare(prepared.parent.parent, "august")
    capsys.readouterr()
    assert run(["job", "load", str(august)]) == 1
    said = capsys.readouterr()
    assert said.out == "3 objects belong to other jobs and are left to them: july (3).\n"
    assert said.err == "Job august has no object to load; nothing is registered.\n"
    assert run(["progress", "--job", "august"]) == 2


def test_load_registers_nothing_where_a_part_is_missing(
    prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next((prepared.parent / "import").iterdir()).unlink()
    assert run(["job", "load", str(prepared)]) == 2
    assert "objects and the summary says 3: nothing is registered" in capsys.readouterr().err
    assert run(["progress", "--job", "july"]) == 2


def test_load_without_any_import_files_says_so(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (prepared.parent / "import").iterdir():
        file.unlink()
    assert run(["job", "load", str(prepared)]) == 2
    assert "There are no import files in" in capsys.readouterr().err
