"""`thaw vault manifest`, `verify` and `show` over the tables and buckets of a transfer that has ended."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from moto import mock_aws

from analytics.__main__ import run
from analytics.cli import clients
from benchmarks.tables import JOBS, ROLLUPS
from tests.analytics.vault_commands import deploy
from tests.vaults.finished import (
    COPIED,
    FAILED,
    JOB,
    JOBS_BUCKET,
    REGION,
    TARGET,
    Described,
    Transfer,
    archive,
)
from thaw.core.history import History
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobStatus
from thaw.vaults.manifests import FailedRow, ManifestRow

RULES = JobRules(REGION, vaults=("photos",), copy_destinations=(Destination(TARGET),))
TOLD: dict[str, Described] = {}
"""What Glacier tells of the vault of the transfer that has ended."""

SAFE = "SAFE: all 2 archives ("


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_REGION", REGION)
    names = {"jobs_table": JOBS, "rollups_table": ROLLUPS, "jobs_bucket": JOBS_BUCKET}
    deploy(monkeypatch, tmp_path, job_rules=RULES.to_json(), **names)
    monkeypatch.setattr(clients, "glacier", glacier)
    with mock_aws():
        yield


def glacier(region: str | None = None) -> Described:
    """The Glacier of the commands; it is asked in the Region of the stack."""
    assert region == REGION
    return TOLD["vault"]


def ended(*parts: dict[str, History | None], excluded: tuple[str, ...] = ()) -> Transfer:
    """A transfer whose manifest is written."""
    transfer = Transfer(*parts, excluded=excluded)
    transfer.finish()
    transfer.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    TOLD["vault"] = transfer.glacier
    return transfer


def rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(text.splitlines())]


def test_the_manifest_is_one_csv_of_all_parts(capsys: pytest.CaptureFixture[str]) -> None:
    ended({"a": COPIED, "f": FAILED}, {"b": COPIED})
    assert run(["vault", "manifest", JOB]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == ",".join(ManifestRow._fields)
    assert [(row["archive_id"], row["key"]) for row in rows(said.out)] == [
        ("a_id", "old/a"),
        ("b_id", "old/b"),
    ]
    assert said.err == f"Transfer {JOB}: COPIED 2, FAILED 1.\n"


def test_what_failed_is_one_csv_with_the_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    ended({"a": COPIED}, {"f": FAILED})
    assert run(["vault", "manifest", JOB, "--failed"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == ",".join(FailedRow._fields)
    assert [(row["archive_id"], row["error_code"]) for row in rows(said)] == [("f_id", "ArchiveNotFound")]


@pytest.mark.parametrize("name", ["photos.csv", "photos.csv.gz"])
def test_the_manifest_goes_into_a_file_that_is_whole_or_not_there(tmp_path: Path, name: str) -> None:
    transfer = ended({"a": COPIED}, {"b": COPIED})
    out = tmp_path / "out" / name
    out.parent.mkdir()
    assert run(["vault", "manifest", JOB, "--out", str(out)]) == 0
    content = out.read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    assert [row["archive_id"] for row in rows(text)] == ["a_id", "b_id"]
    transfer.s3.delete_object(Bucket=JOBS_BUCKET, Key=f"jobs/{JOB}/vault/manifest/part-00001.csv.gz")
    assert run(["vault", "manifest", JOB, "--out", str(out)]) == 1
    assert out.read_bytes() == content
    assert [*out.parent.iterdir()] == [out]


def test_before_its_end_a_transfer_has_no_manifest(capsys: pytest.CaptureFixture[str]) -> None:
    Transfer({"a": COPIED})
    assert run(["vault", "manifest", JOB]) == 1
    assert "its manifest is written at its end; wait for it, or stop it" in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--read", "--threads", "2"]])
def test_a_vault_whose_archives_are_all_there_is_safe_to_delete(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    ended({"a": COPIED}, {"b": COPIED})
    assert run(["vault", "verify", JOB, *options]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(SAFE)
    assert ("every byte read" in line) == bool(options)


def test_what_speaks_against_it_is_told_and_the_exit_code_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    transfer = ended({"a": COPIED, "b": COPIED, "f": FAILED}, excluded=("x",))
    transfer.s3.delete_object(Bucket=TARGET, Key="old/b")
    assert run(["vault", "verify", JOB]) == 1
    *told, verdict = capsys.readouterr().out.splitlines()
    assert sorted(told) == [
        "Excluded: x_id: The plan left it out: FilteredByName.",
        "Failed: f_id (old/f): FAILED: Glacier has it no more. (ArchiveNotFound)",
        "Missing: b_id (old/b): Nothing is at s3://target/old/b.",
    ]
    assert verdict.startswith("NOT SAFE: 3 of 4 archives")


def test_all_that_speaks_against_it_fits_into_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended({"a": COPIED, "f": FAILED})
    out = tmp_path / "problems.csv"
    assert run(["vault", "verify", JOB, "--out", str(out)]) == 1
    assert [(row["archive_id"], row["doubt"]) for row in rows(out.read_text())] == [("f_id", "Failed")]
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("in_s3", [False, True])
def test_a_newer_inventory_is_a_file_here_or_in_s3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, in_s3: bool
) -> None:
    transfer = ended({"a": COPIED, "b": COPIED})
    newer = transfer.inventory(["a"])
    place = "s3://thaw-jobs/newer.csv" if in_s3 else str(tmp_path / "newer.csv")
    if in_s3:
        transfer.s3.put_object(Bucket=JOBS_BUCKET, Key="newer.csv", Body=newer)
    else:
        Path(place).write_bytes(newer)
    dated = ["--inventory-date", "2026-11-20T00:00:00Z"]
    assert run(["vault", "verify", JOB, "--inventory", place, *dated]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1 archives of the manifest are not in the inventory any more."
    told = (
        f"SAFE: all 1 archives ({archive('a').size_bytes} bytes) of vault photos in the inventory {place} of"
    )
    assert said[1].startswith(f"{told} 2026-11-20T00:00:00.000Z")
    assert run(["vault", "verify", JOB, "--inventory", place]) == 1


def test_an_inventory_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    ended({"a": COPIED})
    assert run(["vault", "verify", JOB, "--inventory", "nowhere.csv"]) == 2
    assert capsys.readouterr().err == "thaw: nowhere.csv is no file.\n"


def test_a_bucket_of_another_region_is_asked_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ended({"a": COPIED})
    far = replace(RULES, copy_destinations=(Destination(TARGET, region="us-west-2"),))
    names = {"jobs_table": JOBS, "rollups_table": ROLLUPS, "jobs_bucket": JOBS_BUCKET}
    deploy(monkeypatch, tmp_path, job_rules=far.to_json(), **names)
    asked: list[str | None] = []
    s3 = clients.s3

    def noted(region_name: str | None = None) -> object:
        asked.append(region_name)
        return s3(region_name)

    monkeypatch.setattr(clients, "s3", noted)
    assert run(["vault", "verify", JOB]) == 0
    assert asked == [None, None, "us-west-2"], "the service, the jobs bucket, the objects"


def test_an_ended_transfer_is_shown_with_its_manifest(capsys: pytest.CaptureFixture[str]) -> None:
    ended({"a": COPIED})
    assert run(["vault", "show", JOB, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["vault"]["files"]["manifest"] == f"s3://{JOBS_BUCKET}/jobs/{JOB}/vault/manifest.json"
