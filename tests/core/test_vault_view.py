"""A transfer is told with its inventory, its plan, what holds it, and where its files are."""

from dataclasses import replace
from typing import Any

from tests.core.test_vault_request_parsing import ASKED
from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_request_parsing import parse_vault_transfer
from thaw.core.vault_states import Inventory, Plan, VaultState
from thaw.core.vault_view import vault_view

AT = "2026-11-21T03:04:05.000Z"
STATE = JobState("v", parse_vault_transfer(ASKED), JobStatus.RESTORING, AT)
INVENTORY = Inventory(
    retrieval_job_id="secret",
    requested_at=AT,
    inventory_date=AT,
    size_bytes=9,
    read_bytes=8,
)
PLAN = Plan(parts=2, archives=1500, size_bytes=10**9, excluded=3, renamed=4, existing=5)


def told(vault: VaultState, **more: Any) -> dict[str, Any]:
    view = vault_view(replace(STATE, **more), vault, "files")
    assert view is not None
    return view


def test_before_its_request_is_found_good_nothing_is_told() -> None:
    assert vault_view(STATE, None, "files") is None


def test_of_what_is_not_there_yet_nothing_is_told() -> None:
    view = told(VaultState("v"))
    assert view.pop("looked_at") == 0
    assert view.pop("files") == {}
    assert set(view.values()) == {None}


def test_its_inventory_and_its_plan() -> None:
    view = told(VaultState("v", inventory=INVENTORY, plan=PLAN, next_part=1, next_line=7))
    assert view["inventory"] == {
        "source": None,
        "format": "CSV",
        "requested_at": AT,
        "inventory_date": AT,
        "size_bytes": 9,
        "read_bytes": 8,
        "checked": False,
    }
    assert view["plan"] == {
        "archives": 1500,
        "size_bytes": 10**9,
        "excluded": 3,
        "renamed": 4,
        "existing": 5,
    }
    assert view["looked_at"] == 1007


def test_its_files_are_named_when_they_are_there() -> None:
    planned = VaultState("v", plan=PLAN)
    assert told(planned)["files"] == {
        "plan": "s3://files/jobs/v/vault/plan.csv.gz",
        "excluded": "s3://files/jobs/v/vault/excluded.csv.gz",
        "preview": "s3://files/jobs/v/vault/preview.json",
    }
    assert told(planned, closed=True)["files"]["manifest"] == "s3://files/jobs/v/vault/manifest.json"


def test_what_holds_it_tells_no_account() -> None:
    sentence = "arn:aws:s3:::live/a of account 123456789012 is another object"
    told_all = told(VaultState("v", held=sentence, pause_reason=sentence, paused_until=AT, conflict=sentence))
    assert "123456789012" not in str(told_all)
    assert all(told_all[name] for name in ("held", "pause_reason", "paused_until", "conflict"))
