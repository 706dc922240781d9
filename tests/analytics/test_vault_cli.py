"""`thaw vault`: transfers begun, told, stopped and resumed; the same service as the API's."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.__main__ import run
from analytics.cli import job_stack
from analytics.cli.vault_text import EDITABLE, describe_vault
from analytics.cli.vault_transfer import transfer_body
from tests.analytics.vault_commands import deploy, lines, parsed, serve
from tests.jobs.served import FOUND, JOBS_BUCKET, LISTED, Served, failed, progress_of, refused, restoring
from thaw.core.job_states import JobState, JobStatus, Loaded
from thaw.core.times import parse
from thaw.core.vault_files import preview_file
from thaw.core.vault_request_parsing import parse_vault_transfer
from thaw.core.vault_runs import validated, vault_job_id
from thaw.core.vault_states import Inventory, Plan, VaultState
from thaw.jobs.service import JobService
from thaw.jobs.stack import JobStack

JOB = vault_job_id("photos", "live", "old/")
ASK = ["vault", "transfer", "photos", "--to", "s3://live/old"]
PLACE = "Vault photos to s3://live/old/, in STANDARD, by Bulk retrievals."
AT = "2026-11-20T00:00:00.000Z"
PLAN = Plan(parts=1, archives=1200, size_bytes=3_000_000, excluded=3, renamed=4, existing=5)
INVENTORY = Inventory(requested_at=AT, inventory_date=AT, size_bytes=9000, read_bytes=9000, checked=True)


PLANNED = (
    "Plan: 1,200 archives (3,000,000 bytes), 3 others excluded; 4 renamed, 5 with an object at their key"
    " already."
)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Served:
    return serve(monkeypatch, tmp_path)


def good(served: Served) -> None:
    """The workflow finds the next request good."""

    def step(state: JobState) -> JobState:
        served.vaults.create(VaultState(state.job_id))
        served.vaults.update(state.job_id, lambda vault: validated(vault, state))
        return state

    served.steps = [step]


def begun(served: Served, capsys: pytest.CaptureFixture[str], **more: Any) -> None:
    """A transfer that is under way, with what `more` says of its vault."""
    good(served)
    assert run(ASK) == 0
    served.states.update(JOB, restoring)
    served.vaults.update(JOB, lambda vault: replace(vault, **more))
    capsys.readouterr()


def test_a_transfer_is_begun_and_told(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    good(served)
    assert run(ASK) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [f"Job {JOB}: Preparing.", PLACE]
    assert said.err == f"Still being prepared: thaw vault show {JOB} tells how it goes.\n"
    assert served.machines.started == [f"{JOB}-1"]


def test_as_json_it_is_what_the_api_tells(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.steps = [restoring]
    assert run([*ASK, "--json", "--tier", "standard", "--storage-class", "GLACIER_IR"]) == 0
    told = parsed(capsys)
    assert (told["BulkJobId"], told["bucket"], told["vault"]) == (JOB, "vault:photos", None)
    assert (told["request"]["tier"], told["request"]["storage_class"]) == ("STANDARD", "GLACIER_IR")


def test_what_the_options_say_is_what_the_api_takes() -> None:
    said: dict[str, Any] = {
        "vault": "photos",
        "to": "s3://live/old/x",
        "storage_class": "DEEP_ARCHIVE",
        "tier": "EXPEDITED",
        "created_from": None,
        "min_size_bytes": 0,
        "name_pattern": "*.jpg",
        "names": "s3://manifests/n.csv",
        "cross_region": True,
        "dry_run": False,
        "replan": True,
        "timeout_hours": 5,
    }
    request = parse_vault_transfer(transfer_body(said))
    assert request.copy is not None
    assert request.vault is not None
    assert (request.copy.destination_bucket, request.copy.destination_prefix) == ("live", "old/x/")
    assert (request.vault.min_size_bytes, request.vault.names) == (0, "s3://manifests/n.csv")
    assert (request.vault.replan, request.vault.cross_region, request.timeout_hours) == (True, True, 5)


def test_times_and_sizes_are_as_people_write_them(served: Served) -> None:
    good(served)
    options = ["--created-from", "2013-01-01T00:00:00+01:00", "--max-size", "1.5GiB", "--dry-run"]
    assert run([*ASK, *options]) == 0
    request = served.states.read(JOB).request
    assert request.vault is not None
    assert request.vault.created_from == parse("2012-12-31T23:00:00Z")
    assert (request.vault.max_size_bytes, request.dry_run) == (3 * 2**29, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["vault", "transfer", "photos", "--to", "live/x"], "--to is live/x; write s3://BUCKET or s3://"),
        (["vault", "transfer", "films", "--to", "s3://live"], "Vault films is not among the stack's vaults"),
        ([*ASK, "--to", "s3://elsewhere"], "Archives may not go to elsewhere/: the stack's copy_dest"),
        ([*ASK, "--plan", "plan.csv"], 'plan is "plan.csv"; it must be a file in S3, s3://BUCKET/KEY.'),
        ([*ASK, "--plan", "s3://manifests/p", "--name", "*"], "A plan is used as it is: leave out name_"),
        (["vault", "resume", "nobody"], 'There is no job "nobody".'),
        (["vault", "show", "nobody"], 'There is no job "nobody".'),
        (["vault", "stop", "nobody"], 'There is no job "nobody".'),
        (["vault", "verify", "nobody"], 'There is no job "nobody".'),
        (["vault", "manifest", "nobody"], 'There is no job "nobody".'),
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


@pytest.mark.parametrize("command", ["show", "stop", "manifest", "verify"])
def test_a_job_of_objects_is_no_transfer(
    served: Served, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    served.steps = [restoring]
    served.service.create({**LISTED, "job_id": "july"})
    assert run(["vault", command, "july"]) == 2
    assert capsys.readouterr().err == (
        "thaw: Job july is no transfer of a vault: `thaw job show july` tells of it.\n"
    )
    assert not served.states.read("july").cancel_requested_at


def test_a_transfer_that_is_under_way_is_not_begun_again(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(served, capsys)
    assert run(ASK) == 2
    assert f"Vault photos is being moved to this place by job {JOB}" in capsys.readouterr().err


def test_a_refused_or_failed_transfer_says_so_by_its_exit_code(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    served.steps = [refused]
    assert run(ASK) == 2
    assert served.states.list(1).states == []
    served.steps = [failed]
    assert run(ASK) == 1
    assert capsys.readouterr().out.startswith(f"Job {JOB}: Failed. role/thaw-batch may not")


def test_a_transfer_is_shown_with_all_that_matters(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(served, capsys, plan=PLAN, inventory=INVENTORY, held="The budget is used up.", conflict="Another.")
    served.vaults.update(JOB, lambda vault: replace(vault, paused_until=AT, pause_reason="PolicyEnforced."))
    served.states.update(JOB, lambda state: replace(state, validated=None, trouble=("paused",)))
    served.progress[JOB] = progress_of(JOB, pending=3, copied=1)
    assert run(["vault", "show", JOB]) == 0
    told = lines(capsys)
    folder = f"s3://{JOBS_BUCKET}/jobs/{JOB}/vault"
    assert told[:11] == [
        f"Job {JOB}: Restoring.",
        PLACE,
        "Inventory of 2026-11-20T00:00:00.000Z: 9,000 bytes, checked.",
        PLANNED,
        "Nothing is requested now: The budget is used up.",
        "Nothing is requested before 2026-11-20T00:00:00.000Z: PolicyEnforced.",
        "Conflict: Another.",
        "Needs attention: paused.",
        f"The plan: {folder}/plan.csv.gz",
        f"What is not moved, with the reasons: {folder}/excluded.csv.gz",
        f"Cost and duration by tier: {folder}/preview.json",
    ]
    assert told[11].startswith("25 % are in S3; at the pace so far all are at 20")
    assert any("COPIED" in line for line in told[12:])


def test_the_plan_of_a_dry_run_alone_may_be_edited_where_it_is(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(served, capsys, plan=PLAN)
    state, _, vault = served.service.show(JOB)
    ended = replace(state, status=JobStatus.DRY_RUN)
    told = [*describe_vault(ended, vault, JOBS_BUCKET)]
    assert f"The plan{EDITABLE}: s3://{JOBS_BUCKET}/jobs/{JOB}/vault/plan.csv.gz" in told


def test_an_inventory_is_told_as_it_comes(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    for inventory, sentence in (
        (Inventory(requested_at=AT), f"Inventory: asked of Glacier at {AT}; it takes some hours."),
        (
            replace(INVENTORY, checked=False, read_bytes=8),
            "Inventory of 2026-11-20T00:00:00.000Z: 8 of 9,000",
        ),
        (replace(INVENTORY, source="s3://m/i.csv"), "Inventory: s3://m/i.csv, 9,000 bytes, checked."),
        (replace(INVENTORY, inventory_date=""), "Inventory of an unknown time: 9,000 bytes, checked."),
    ):
        served.dynamodb.tables["jobs"].clear()
        served.machines.running.clear()
        begun(served, capsys, inventory=inventory)
        assert run(["vault", "show", JOB]) == 0
        assert lines(capsys)[2].startswith(sentence)


def test_a_dry_run_shows_names_cost_and_duration(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    begun(served, capsys, plan=PLAN)
    served.states.update(
        JOB, lambda state: replace(state, status=JobStatus.DRY_RUN, started_at="", validated=FOUND)
    )
    tier = {"tier": "Bulk", "cost_usd": "12.3400", "cost_leaves_out": "transfer", "hours": 12.5}
    preview = {
        "names": [{"description": "d", "key": "old/d"}, {"description": "", "key": "old/x"}],
        "tiers": [{**tier, "quota_days": 2}],
    }
    served.s3.objects[JOBS_BUCKET, preview_file(JOB)] = json.dumps(preview).encode()
    assert run(["vault", "show", JOB]) == 0
    said = capsys.readouterr().out
    assert "For example:\n  d -> old/d\n  (no description) -> old/x\n" in said
    (row,) = [line for line in said.splitlines() if "12.3400" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "Bulk",
        "12.3400",
        "12.5",
        "2",
        "transfer",
    ]


def test_what_is_under_way_shows_no_preview_and_what_has_ended_no_end_to_come(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(served, capsys, plan=PLAN)
    served.s3.objects[JOBS_BUCKET, preview_file(JOB)] = b'{"names": [], "tiers": []}'
    served.progress[JOB] = progress_of(JOB, pending=3, copied=1)
    assert run(["vault", "show", JOB]) == 0
    said = capsys.readouterr().out
    assert ("For example:" in said, "at the pace so far" in said) == (False, True)
    served.states.update(JOB, lambda state: replace(state, status=JobStatus.CANCELLED))
    assert run(["vault", "show", JOB]) == 0
    assert "at the pace so far" not in capsys.readouterr().out


def test_a_plan_whose_preview_is_gone_is_shown_without_it(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(served, capsys, plan=PLAN)
    served.states.update(JOB, lambda state: replace(state, started_at=""))
    assert run(["vault", "show", JOB]) == 0
    assert "For example" not in capsys.readouterr().out


def test_shown_as_json_it_has_its_vault(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    begun(served, capsys, plan=PLAN)
    for group in ("vault", "job"):
        assert run([group, "show", JOB, "--json"]) == 0
        assert parsed(capsys)["vault"]["plan"]["archives"] == 1200


def test_a_transfer_whose_archives_are_all_done_says_what_it_waits_for(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(served, capsys)
    served.progress[JOB] = progress_of(JOB, copied=2, failed=1)
    assert run(["vault", "show", JOB]) == 0
    said = capsys.readouterr().out
    assert "the transfer ends when its manifest is written" in said


@pytest.mark.parametrize("options", [[], ["--keep-uploads"]])
def test_a_transfer_is_stopped(
    served: Served, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    begun(served, capsys)
    assert run(["vault", "stop", JOB, *options]) == 0
    assert capsys.readouterr().out == (
        f"Transfer {JOB} is being stopped; it ends in some minutes."
        f" `thaw vault resume {JOB}` goes on with it.\n"
    )
    state = served.states.read(JOB)
    assert (bool(state.cancel_requested_at), state.keep_uploads) == (True, bool(options))


def test_a_stopped_transfer_is_resumed(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    begun(served, capsys, plan=PLAN)
    served.states.update(
        JOB, lambda state: replace(state, status=JobStatus.CANCELLED, loaded=Loaded(objects=1))
    )
    good(served)
    assert run(["vault", "resume", JOB, "--tier", "expedited", "--timeout-hours", "7"]) == 0
    state = served.states.read(JOB)
    assert (state.run, state.request.tier, state.request.timeout_hours) == (2, "Expedited", 7)
    assert served.vaults.read(JOB).plan == PLAN


def test_a_stack_without_vaults_has_no_machine_for_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = serve(monkeypatch, tmp_path)
    deploy(monkeypatch, tmp_path, transfer_vault_machine_arn="")
    stacks: list[JobStack] = []

    def service(stack: JobStack, *_: object, **__: object) -> JobService:
        stacks.append(stack)
        return served.service

    monkeypatch.setattr(job_stack, "job_service", service)
    assert run(["vault", "show", JOB]) == 2
    assert [stack.transfer_vault_machine_arn for stack in stacks] == [""]
