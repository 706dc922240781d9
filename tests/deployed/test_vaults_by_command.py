"""`thaw vault` on a deployed stack: begun, stopped, gone on with, and a verdict, under IAM enforcement."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.__main__ import run
from local.emulator import Emulator
from tests.deployed.jobs import WARM
from tests.deployed.vaults import VAULT, VaultStack, vault_stack
from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_watching import UPLOADS_REST_HOURS
from thaw.core.watch_figures import hours_before

pytestmark = pytest.mark.emulator

SIZE = 1000
ARCHIVES = {f"{number:02}.txt": b"%02d" % number * (SIZE // 2) for number in range(12)}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, glacier_seconds=0.2, wait_scale=0.02) as running:
        yield running


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> VaultStack:
    """One that asks for three archives at a time, and no more."""
    return vault_stack(emulator, vault_staged_bytes=3 * SIZE)


@pytest.fixture(autouse=True)
def environment(stack: VaultStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `thaw demo --keep` prints."""
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps(dict(stack.outputs)))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**stack.emulator.environment(), "THAW_STACK_OUTPUTS": str(outputs)}.items():
        monkeypatch.setenv(name, value)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_vault_is_moved_in_two_runs_and_proven(
    stack: VaultStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = stack.put(ARCHIVES)
    assert run(["vault", "list"]) == 0
    assert VAULT in capsys.readouterr().out
    assert run(["vault", "transfer", VAULT, "--to", f"s3://{WARM}/in", "--tier", "EXPEDITED", "--json"]) == 0
    job_id = json.loads(capsys.readouterr().out)["BulkJobId"]
    stack.watch_until(lambda: stack.state(job_id).started_at and 0 < copied(stack, job_id) < len(ids))
    assert run(["vault", "stop", job_id]) == 0
    assert "is being stopped" in capsys.readouterr().out
    stack.states.update(job_id, stopped_a_while_ago)
    assert stack.watch_until_ended(job_id) is JobStatus.CANCELLED
    done = copied(stack, job_id)
    asked = stack.emulator.control_glacier()["calls"]["InitiateJob"]
    assert 0 < done < len(ids)
    assert run(["vault", "verify", job_id]) == 1, "not all of it is there"
    assert run(["vault", "resume", job_id]) == 0
    assert stack.watch_until_ended(job_id, 100.0) is JobStatus.COMPLETE
    more = stack.emulator.control_glacier()["calls"]["InitiateJob"] - asked
    assert more <= len(ids) - done, "only what was not done"
    assert run(["vault", "show", job_id]) == 0
    assert run(["vault", "manifest", job_id, "--out", str(tmp_path / "manifest.csv")]) == 0
    told = {row["archive_id"]: row["key"] for row in rows(tmp_path / "manifest.csv")}
    assert told == {archive_id: f"in/{name}" for name, archive_id in ids.items()}
    capsys.readouterr()
    assert run(["vault", "verify", job_id, "--read"]) == 0
    assert capsys.readouterr().out.startswith(f"SAFE: all {len(ids)} archives")
    assert stack.stored("in/") == {f"in/{name}": body for name, body in ARCHIVES.items()}
    stack.emulator.client("s3").delete_object(Bucket=WARM, Key="in/00.txt")
    assert run(["vault", "verify", job_id]) == 1
    assert ids["00.txt"] in capsys.readouterr().out


def stopped_a_while_ago(state: JobState) -> JobState:
    """Nothing that was begun before the stop can still be under way."""
    return replace(state, cancel_requested_at=hours_before(state.cancel_requested_at, UPLOADS_REST_HOURS))


def copied(stack: VaultStack, job_id: str) -> int:
    return stack.objects(job_id).get("COPIED", 0)
