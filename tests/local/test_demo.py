"""`thaw demo` as a user runs it: to its end, and interrupted."""

import csv
import os
import re
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from analytics.schema import REPORTS
from local.demo.requested import JOB_IDS
from local.demo.run import show_environment
from local.demo.under_way import JOBS
from local.emulator import without_aws
from tests.local.lambdas import processes_of
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

THAW = Path(sys.executable).parent / "thaw"


def demo(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [THAW, "demo", *options, "--objects", "100", "--out", str(folder / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**without_aws(os.environ), "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
    )


def emulators_of(parent: int) -> list[int]:
    """The process groups that a process's children lead."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children if os.getpgid(int(child)) == int(child)]


def test_it_ends_well_and_leaves_its_reports_as_csv_files_and_as_a_page(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        shown, errors = process.communicate(timeout=150)
    assert process.returncode == 0, shown + errors
    assert shown.count("zero drift") == len(JOBS)
    assert shown.count("POST /create-job") == len(JOB_IDS)
    assert all(f"progress events of {job_id}: Restoring" in shown for job_id in JOB_IDS.values())
    assert f"function's {len(REPORTS)} reports are the same from Athena and from the live tables" in shown
    with (tmp_path / "out" / "progress.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["objects"]) for row in rows) == 100
    assert {row["job_id"] for row in rows} == set(JOBS)
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {*(f"{name}.csv" for name in REPORTS), "report.html"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "no other file is left"


@pytest.mark.chaos
@pytest.mark.timeout(240)
def test_a_vault_is_moved_through_faults_stopped_resumed_and_proven(tmp_path: Path) -> None:
    with demo(tmp_path, "--vault") as process:
        shown, errors = process.communicate(timeout=220)
    assert process.returncode == 0, shown + errors
    assert "Invalid Content-Length: 0" in shown, "an archive of no bytes is refused by Glacier"
    assert "WRONG" not in shown
    assert shown.count("/resume {}") == 2, "the plan of the dry run is run; then it is stopped and resumed"
    for kind in ("error", "failed-job", "lost-notification", "doubled-notification", "corrupt-output"):
        assert re.search(rf"[1-9][0-9]* {kind}", shown), f"{kind} has happened"
    assert "zero drift" in shown
    assert "NOT SAFE: 4 of 100 archives of vault thaw-demo-vault" in shown
    assert "1 Excluded, 3 Failed. Do not delete the vault." in shown
    folder = tmp_path / "out"
    left = {path.name for path in folder.iterdir()}
    assert left == {"plan.csv.gz", "excluded.csv.gz", "manifest.csv", "failed.csv"}
    with (folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["key"] for row in rows}) == 96
    with (folder / "failed.csv").open(newline="") as file:
        codes = sorted(row["error_code"] for row in csv.DictReader(file))
    assert codes == ["ArchiveNotFound", "ObjectConflict", "RetrievalFailed"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "no other file is left"


def test_what_is_kept_can_be_asked_and_its_jobs_seen_with_what_is_printed(tmp_path: Path) -> None:
    outputs = {
        "athena_work_group": "g",
        "athena_data_catalog": "c",
        "athena_database": "d",
        "job_api_url": "http://127.0.0.1:1/restapis/a/v1/_user_request_",
        "queue_url": "q",
    }
    shown = Console(record=True, file=StringIO())
    show_environment(shown, {"AWS_REGION": "us-east-1"}, outputs, tmp_path / "my demo" / "outputs.json")
    url = outputs["job_api_url"]
    assert shown.export_text().splitlines() == [
        "  export AWS_REGION=us-east-1",
        "  export THAW_WORK_GROUP=g",
        "  export THAW_CATALOG=c",
        "  export THAW_DATABASE=d",
        f"  export THAW_STACK_OUTPUTS='{tmp_path}/my demo/outputs.json'",
        f"  curl --aws-sigv4 aws:amz:us-east-1:execute-api --user test:test {url}/jobs",
    ]


def test_ctrl_c_in_the_middle_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Restoring"):
                break
        (group,) = emulators_of(process.pid)
        eventually(lambda: len(processes_of(group)) > 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "thaw: stopped"
    assert processes_of(group) == []
    assert list(tmp_path.iterdir()) == []
