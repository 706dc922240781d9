"""`thaw vault list` and `plan`: what an owner of vaults sees before anything is deployed or asked for."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analytics.__main__ import run
from analytics.cli import clients
from local.glacier_server import GlacierServer
from tests.analytics.vault_commands import serve
from tests.jobs.served import TRANSFER, restoring
from tests.vaults.finished import CREATED
from thaw.core.vault_runs import vault_job_id

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

JOB = vault_job_id("photos", "live", "photos/")
HEADER = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash"
PLAN = ["vault", "plan", "--region", "eu-west-1"]


def _use(monkeypatch: pytest.MonkeyPatch, server: GlacierServer) -> None:
    """The command finds the vaults of this server, whatever Region it looks in."""

    def client(_region: str | None = None) -> "GlacierClient":
        return server.client()

    monkeypatch.setattr(clients, "glacier", client)


@pytest.fixture
def glacier(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlacierServer]:
    """An account with two vaults, and no stack."""
    monkeypatch.delenv("THAW_STACK_OUTPUTS", raising=False)
    with GlacierServer() as server:
        server.vault("photos")
        server.vault("films")
        _use(monkeypatch, server)
        yield server


@pytest.mark.usefixtures("glacier")
def test_vaults_are_listed_without_a_stack(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vault", "list", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(each["vault"] for each in told) == ["films", "photos"]
    assert [each["transfers"] for each in told] == [[], []]
    assert {type(each["archives"]) for each in told} == {int}


@pytest.mark.usefixtures("glacier")
def test_vaults_are_listed_with_their_transfers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = serve(monkeypatch, tmp_path)
    served.steps = [restoring] * 3
    for prefix in ("photos/", "x/", "y/"):
        served.service.transfer({**TRANSFER, "destination_prefix": prefix})
    assert run(["vault", "list", "--json"]) == 0
    told = {line["vault"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert len(told["photos"]["transfers"]) == 3
    first = {"job_id": JOB, "status": "Restoring", "destination": "s3://live/photos/"}
    assert first in told["photos"]["transfers"]
    assert run(["vault", "list"]) == 0
    assert f"{JOB}: Restoring" in capsys.readouterr().out


def test_an_account_without_vaults_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("THAW_STACK_OUTPUTS", raising=False)
    with GlacierServer() as server:
        _use(monkeypatch, server)
        assert run(["vault", "list"]) == 0
    assert capsys.readouterr().err == "There is no vault in this account and Region.\n"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Three archives: two of one name, the third too old."""
    rows = [
        f'a1,"a.jpg",{CREATED},1000,{"0a" * 32}',
        f'a2,"a.jpg",{CREATED},2000,{"0b" * 32}',
        f'a3,"old.jpg",2010-01-01T00:00:00Z,5,{"0c" * 32}',
    ]
    path = tmp_path / "inventory.csv"
    path.write_text("\n".join([HEADER, *rows, ""]))
    return path


def planned(folder: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(gzip.decompress((folder / "plan.csv.gz").read_bytes()).decode().splitlines())]


def test_a_plan_is_made_here_with_names_cost_and_duration(
    tmp_path: Path, inventory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, names = tmp_path / "plan", tmp_path / "names.csv"
    names.write_text("archive_id,name\na2,b.jpg\nunknown,c.jpg\n")
    options = ["--prefix", "photos", "--names", str(names), "--created-from", "2012-01-01T00:00:00Z"]
    assert run([*PLAN, str(inventory), "--out", str(out), *options]) == 0
    assert [(row["archive_id"], row["key"]) for row in planned(out)] == [
        ("a1", "photos/a.jpg"),
        ("a2", "photos/b.jpg"),
    ]
    said = capsys.readouterr().out.splitlines()
    assert said[:4] == [
        "2 archives (3,000 bytes) of 3 rows, the largest of 2,000 bytes.",
        (
            "0 keys were made valid or unique, 0 archives have no name in their description, 1 given names"
            " are of no archive."
        ),
        "Excluded: 1 FilteredByDate.",
        f"The plan: {out}/plan.csv.gz; what is not in it, with the reasons: {out}/excluded.csv.gz.",
    ]
    assert [tier for tier in ("Expedited", "Standard", "Bulk") if any(tier in line for line in said[4:])] == [
        "Expedited",
        "Standard",
        "Bulk",
    ]


@pytest.mark.parametrize(
    ("options", "archives"),
    [(["--min-size", "1001"], ["a2"]), (["--max-size", "5"], ["a3"]), (["--name", "old*"], ["a3"])],
)
def test_the_plan_has_only_what_is_chosen(
    tmp_path: Path, inventory: Path, options: list[str], archives: list[str]
) -> None:
    assert run([*PLAN, str(inventory), "--out", str(tmp_path / "plan"), *options]) == 0
    assert [row["archive_id"] for row in planned(tmp_path / "plan")] == archives


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.csv", "--out", "new"], "nowhere.csv is no file."),
        (["{inventory}", "--out", "{folder}"], "exists; give --out a new folder."),
        (["{inventory}", "--out", "new", "--names", "nowhere.csv"], "nowhere.csv is no file."),
        (["{inventory}", "--out", "new", "--region", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    tmp_path: Path,
    inventory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = [each.format(inventory=inventory, folder=tmp_path) for each in arguments]
    assert run([*PLAN, *said]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "new").exists()


def test_what_is_no_inventory_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    assert run([*PLAN, str(wrong), "--out", str(tmp_path / "plan")]) == 2
    assert "wrong.csv" in capsys.readouterr().err


def test_prices_are_of_a_region(
    tmp_path: Path, inventory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert run(["vault", "plan", str(inventory), "--out", str(tmp_path / "plan")]) == 2
    assert capsys.readouterr().err == "thaw: Which Region? Give --region, or set AWS_REGION.\n"
