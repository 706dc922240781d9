"""A vault transfer in words, for a terminal."""

from collections.abc import Iterator

from analytics.cli.job_text import describe
from analytics.cli.vault_list import destination
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Progress
from thaw.core.progress_events import count
from thaw.core.redaction import redacted
from thaw.core.vault_states import Inventory, Plan, VaultState
from thaw.core.vault_view import files
from thaw.core.watch_figures import eta

_PURPOSES = {
    "plan": "The plan",
    "excluded": "What is not moved, with the reasons",
    "preview": "Cost and duration by tier",
    "manifest": "The manifest",
}


EDITABLE = ", to read and edit there; `resume` carries it out as it is then"


def describe_vault(state: JobState, vault: VaultState | None, jobs_bucket: str) -> Iterator[str]:
    """Where the transfer stands, a line each; `vault` is None before its request is found good."""
    status, *rest = describe(state, jobs_bucket)
    yield status
    request = state.request
    if request.vault is not None and request.copy is not None:
        yield (
            f"Vault {request.vault.vault} to {destination(state)}, in {request.copy.storage_class},"
            f" by {request.tier} retrievals."
        )
    if vault is not None:
        yield from _standing(vault)
    yield from rest
    if vault is not None:
        for name, place in files(state, vault, jobs_bucket).items():
            editable = name == "plan" and state.status is JobStatus.DRY_RUN
            yield f"{_PURPOSES[name]}{EDITABLE if editable else ''}: {place}"


def expected_end(state: JobState, progress: Progress, now: str) -> str:
    """A line on when the transfer may be done, "" where nothing tells."""
    counted = count(state, progress)
    at = "" if state.ended else eta(state, counted.done, counted.total, now)
    return f"{counted.percent} % are in S3; at the pace so far all are at {at}." if at else ""


def _standing(vault: VaultState) -> Iterator[str]:
    if vault.inventory is not None:
        yield _inventory(vault.inventory)
    if vault.plan is not None:
        yield _plan(vault.plan)
    if vault.held:
        yield f"Nothing is requested now: {redacted(vault.held)}"
    if vault.pause_reason:
        yield f"Nothing is requested before {vault.paused_until}: {redacted(vault.pause_reason)}"
    if vault.conflict:
        yield f"Conflict: {redacted(vault.conflict)}"


def _inventory(inventory: Inventory) -> str:
    if inventory.source:
        return f"Inventory: {inventory.source}, {_bytes(inventory)}."
    if not inventory.size_bytes:
        return f"Inventory: asked of Glacier at {inventory.requested_at}; it takes some hours."
    return f"Inventory of {inventory.inventory_date or 'an unknown time'}: {_bytes(inventory)}."


def _bytes(inventory: Inventory) -> str:
    if inventory.checked:
        return f"{inventory.size_bytes:,} bytes, checked"
    return f"{inventory.read_bytes:,} of {inventory.size_bytes:,} bytes read"


def _plan(plan: Plan) -> str:
    return (
        f"Plan: {plan.archives:,} archives ({plan.size_bytes:,} bytes), {plan.excluded:,} others excluded;"
        f" {plan.renamed:,} renamed, {plan.existing:,} with an object at their key already."
    )
