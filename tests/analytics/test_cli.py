"""The `thaw` command: what it says, what it exits with, and that nothing it does is left out of the docs."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
from moto import mock_aws

from analytics.__main__ import run
from analytics.cli import thaw
from tests.store.tables import COMPLETION, COPY, REQUEST, item_of, record
from thaw.core.history import merge
from thaw.core.rollups import contributions

ROOT = Path(__file__).resolve().parents[2]
TABLES = {"thaw-objects": ("object_path", "version_id"), "thaw-rollups": ("job_id", "metric")}
SUMMARY = {
    "schema": 1, "job_id": "job-1", "created_at": "2026-11-21T00:00:00.000Z", "tier": "Bulk",
    "objects": 3, "size_bytes": 3000, "by_storage_class": {"GLACIER": {"objects": 3, "size_bytes": 3000}},
    "by_bucket": {"archive": {"objects": 3, "size_bytes": 3000}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "DEFAULT_REGION": "us-east-1",
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "y",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        yield


@pytest.fixture
def deployed() -> Any:
    """Both tables, with three objects and their counters, the job not registered yet."""
    client: Any = boto3.client("dynamodb")
    for name, keys in TABLES.items():
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        )
    copied = merge(merge(REQUEST, COMPLETION), COPY)
    for one in (record("a"), record("b", history=REQUEST), record("c", history=copied)):
        client.put_item(TableName="thaw-objects", Item={**item_of(one), "status": {"S": one.status}})
        for (job_id, metric, name), amount in contributions(one).items():
            client.update_item(
                TableName="thaw-rollups",
                Key={"job_id": {"S": job_id}, "metric": {"S": f"{metric}#0"}},
                UpdateExpression="ADD #name :amount",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":amount": {"N": str(amount)}},
            )
    return client


@pytest.fixture
def registered(deployed: Any, tmp_path: Path) -> Any:
    summary = tmp_path / "summary.json"
    summary.write_text(json.dumps(SUMMARY))
    assert run(["job", "register", str(summary)]) == 0
    return deployed


def test_register_says_what_it_registered_and_may_be_repeated(
    registered: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert registered
    assert run(["job", "register", str(tmp_path / "summary.json")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Job job-1: 3 objects, 3,000 bytes registered."


def test_register_reads_from_s3(deployed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployed
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="manifests")
    s3.put_object(Bucket="manifests", Key="july/summary.json", Body=json.dumps(SUMMARY).encode())
    assert run(["job", "register", "s3://manifests/july/summary.json"]) == 0
    assert "Job job-1" in capsys.readouterr().out


def test_register_reads_any_key_that_s3_allows(deployed: Any) -> None:
    assert deployed
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="manifests")
    s3.put_object(Bucket="manifests", Key="a#1?/summary.json", Body=json.dumps(SUMMARY).encode())
    assert run(["job", "register", "s3://manifests/a#1?/summary.json"]) == 0


def test_progress_shows_every_status_and_the_total(
    registered: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert registered
    assert run(["progress"]) == 0
    shown = capsys.readouterr().out
    for status in ("PENDING", "RESTORING", "RESTORED", "COPIED", "FAILED", "EXPIRED", "total"):
        assert status in shown
    assert re.search(r"COPIED\s*│\s*1 │\s*33.3 │\s*1,000 │\s*33.3", shown)


def test_progress_as_json_is_one_object_a_job(registered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert registered
    capsys.readouterr()
    assert run(["progress", "--job", "job-1", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["by_status"]["RESTORING"] == {"objects": 1, "size_bytes": 1000}


def test_watch_does_not_return_before_every_object_is_final_even_when_piped(
    registered: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_fail(_seconds: float) -> None:
        registered.update_item(
            TableName="thaw-rollups",
            Key={"job_id": {"S": "job-1"}, "metric": {"S": "status#1"}},
            UpdateExpression="ADD restoring_objects :minus, failed_objects :two",
            ExpressionAttributeValues={":minus": {"N": "-1"}, ":two": {"N": "2"}},
        )

    monkeypatch.setattr(import_module("analytics.cli.progress"), "pause", all_fail)
    capsys.readouterr()
    assert run(["progress", "--watch", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["by_status"]["FAILED"]["objects"] == 2


def test_verify_prints_the_proof_line(registered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert registered
    assert run(["verify"]) == 0
    assert re.search(
        r"^Job job-1: 3 objects read, \d+ numbers recomputed, zero drift\.$",
        capsys.readouterr().out,
        re.MULTILINE,
    )


def test_verify_names_the_drift_and_fails(registered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    key = {"job_id": {"S": "job-1"}, "metric": {"S": "status#0"}}
    registered.update_item(
        TableName="thaw-rollups",
        Key=key,
        UpdateExpression="ADD copied_objects :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert run(["verify", "--job", "job-1"]) == 1
    assert "status copied_objects: stored 2, recomputed 1" in capsys.readouterr().out


def test_prepare_accounts_for_every_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "manifest.csv"
    source.write_text("archive,a%20key\narchive,a%20key\narchive,bad%escape\n")
    out = tmp_path / "out"
    assert (
        run(["manifest", "prepare", str(source), "--job", "july", "--tier", "Bulk", "--out", str(out)]) == 0
    )
    said = capsys.readouterr().out
    assert "1 objects (0 bytes) of 3 rows; 1 duplicates, 0 filtered, 1 rejected." in said
    assert json.loads((out / "summary.json").read_text())["objects"] == 1


def test_verify_without_a_job_also_tells_of_objects_that_no_registered_job_has(
    deployed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deployed
    assert run(["verify"]) == 1
    assert "Job job-1 is not registered, and the table holds 3 objects of it." in capsys.readouterr().out


def test_a_preparation_that_leaves_no_object_fails_and_says_where_to_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "manifest.csv"
    source.write_text("archive,bad%escape\n")
    options = ["--job", "july", "--tier", "Expedited", "--out", str(tmp_path / "out")]
    assert run(["manifest", "prepare", str(source), *options]) == 1
    said = capsys.readouterr()
    assert "1 rejected" in said.out
    assert "Batch Operations takes Standard and Bulk only" in said.out
    assert "nothing to import" in said.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["progress", "--job", "nobody"], "No job 'nobody' is registered in thaw-rollups"),
        (["job", "register", "missing.json"], "missing.json"),
        (["job", "register"], "Missing argument 'SUMMARY'"),
        (["manifest", "prepare", "x.csv", "--job", "a/b", "--tier", "Bulk", "--out", "o"], "Job id 'a/b'"),
        (
            ["manifest", "prepare", "x.csv", "--job", "j", "--tier", "Fast", "--out", "o"],
            "'Fast' is not one of",
        ),
        (["reconcile", "b", "--copy-rule", "/x", "live/"], "needs a source_bucket"),
        (["unheard-of"], "No such command 'unheard-of'"),
        (["job", "register", "."], "Is a directory"),
        (
            [
                "manifest",
                "prepare",
                "x",
                "--job",
                "j",
                "--tier",
                "bulk",
                "--out",
                "o",
                "--storage-class",
                "GLACEIR",
            ],
            "Storage class 'GLACEIR' does not exist; S3 has GLACIER, DEEP_ARCHIVE",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    deployed: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert deployed
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_the_region_may_come_as_aws_region(
    registered: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert registered
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert run(["progress", "--json"]) == 0
    assert '"job_id": "job-1"' in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["manifest"]])
def test_a_command_without_its_subcommand_shows_its_help(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) > 5, "help is for reading, not for one line"


def test_without_a_region_the_way_out_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DEFAULT_REGION", "REGION", "PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert run(["progress"]) == 1
    assert capsys.readouterr().err == "thaw: You must specify a region. Set AWS_REGION, or AWS_PROFILE.\n"


def test_a_missing_table_says_what_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["progress"]) == 1
    assert "Is Thaw deployed in this account and Region" in capsys.readouterr().err


def commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in thaw.commands.items():
        if isinstance(command, click.Group):
            found += [(f"{name} {inner}", each) for inner, each in command.commands.items()]
        else:
            found.append((name, command))
    return found


@pytest.mark.parametrize(("name", "command"), commands())
def test_each_command_has_an_example_and_is_in_the_docs(name: str, command: click.Command) -> None:
    assert (command.epilog or "").startswith(f"Example: thaw {name}")
    docs = (ROOT / "docs" / "cli.md").read_text()
    assert f"thaw {name}" in docs
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert f"`{parameter.opts[0]}`" in docs, (
                f"option {parameter.opts[0]} of `thaw {name}` is in no doc"
            )


def test_python_m_analytics_is_the_same_command() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert 'thaw = "analytics.__main__:main"' in text
