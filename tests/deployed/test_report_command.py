"""`thaw report` on a deployed stack: the live tables, Athena and the reports bucket tell the same."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from analytics.__main__ import run
from analytics.schema import REPORTS
from local.emulator import Emulator
from tests.deployed.reporting import COMPLETED, REQUESTED, reporting_stack, restored, restoring
from tests.deployed.stack import JOB, Stack

pytestmark = pytest.mark.emulator

AS_OF = "2026-11-20T20:00:00.000Z"

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def stack(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """One object of three is restored."""
    events = restoring(REQUESTED), restored(COMPLETED, until="2026-11-28T00:00:00.000Z")
    return reporting_stack(emulator, tmp_path_factory.mktemp("job"), *events)


@pytest.fixture(autouse=True)
def environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `thaw demo --keep` prints."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.endpoint_url,
        "AWS_REGION": emulator.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)


def made(source: str, out: Path, *options: str) -> dict[str, Rows]:
    """All reports of a source, as their CSV files tell them."""
    assert run(["report", "all", "--source", source, "--out", str(out), *options]) == 0
    return {name: list(csv.DictReader(io.StringIO((out / f"{name}.csv").read_text()))) for name in REPORTS}


def athena(stack: Stack, folder: Path) -> list[str]:
    """The options that lead to the stack's Athena."""
    outputs = {name: value for name, value in stack.outputs.items() if isinstance(value, str)}
    (folder / "outputs.json").write_text(json.dumps(outputs))
    return ["--stack-outputs", str(folder / "outputs.json")]


def test_athena_and_the_live_tables_tell_the_same_of_the_past(stack: Stack, tmp_path: Path) -> None:
    live = made("dynamodb", tmp_path / "live", "--as-of", AS_OF)
    queried = made("athena", tmp_path / "athena", "--as-of", AS_OF, *athena(stack, tmp_path))
    assert queried == live
    restored = [row for row in live["progress"] if row["status"] == "RESTORED"]
    assert [(row["job_id"], row["objects"]) for row in restored] == [(JOB, "1")]
    assert float(live["restore_duration"][0]["mean_seconds"]) == 5.5 * 3600


def test_counters_and_a_scan_tell_the_same_of_now(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = [name for name in REPORTS if name not in ("temporary_storage", "attention")]
    assert run(["report", *counted, "--source", "dynamodb", "--out", str(tmp_path / "counted")]) == 0
    assert "reading all" not in capsys.readouterr().err
    queried = made("athena", tmp_path / "athena", *athena(stack, tmp_path))
    for name in ("progress", "progress_hourly", "restore_duration", "restore_duration_histogram"):
        text = (tmp_path / "counted" / f"{name}.csv").read_text()
        assert list(csv.DictReader(io.StringIO(text))) == queried[name], name


def test_the_reports_bucket_is_a_fleet_of_one(stack: Stack, tmp_path: Path, emulator: Emulator) -> None:
    for kind in ("rollups", "objects"):
        payload = json.dumps({"reports": kind, "as_of": AS_OF})
        answer: Any = emulator.client("lambda").invoke(FunctionName="thaw-report", Payload=payload)
        assert "rows" in json.loads(answer["Payload"].read())
    fleet = made(f"s3://{stack.outputs['reports_bucket']}/thaw", tmp_path / "fleet")
    for name, rows in fleet.items():
        assert {(row["account_id"], row["region"]) for row in rows} <= {(emulator.account, emulator.region)}
        assert rows or name in ("attention", "temporary_storage"), "of unknown size, and nothing urgent"
    progress = {row["status"]: row["objects"] for row in fleet["progress"]}
    assert progress == {"PENDING": "2", "RESTORED": "1"} | dict.fromkeys(
        ("RESTORING", "COPIED", "FAILED", "EXPIRED"), "0"
    )
