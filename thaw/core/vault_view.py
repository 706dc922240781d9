"""A vault transfer as the API and `thaw vault show` tell of it, beside what they tell of every job."""

from typing import Any

from thaw.core import vault_files
from thaw.core.job_states import JobState
from thaw.core.redaction import redacted
from thaw.core.vault_states import Inventory, Plan, VaultState


def vault_view(state: JobState, vault: VaultState | None, jobs_bucket: str) -> dict[str, Any] | None:
    """How the transfer stands with its vault; None for a job of another way, and before its request is good.

    Files are named as soon as they are there: those of the plan with it, the manifest at the end of a run.
    """
    if vault is None:
        return None
    return {
        "inventory": None if vault.inventory is None else _inventory(vault.inventory),
        "plan": None if vault.plan is None else _plan(vault.plan),
        "looked_at": vault.next_part * vault_files.ROWS_PER_PART + vault.next_line,
        "held": redacted(vault.held) or None,
        "paused_until": vault.paused_until or None,
        "pause_reason": redacted(vault.pause_reason) or None,
        "conflict": redacted(vault.conflict) or None,
        "swept_at": vault.swept_at or None,
        "files": files(state, vault, jobs_bucket),
    }


def _inventory(inventory: Inventory) -> dict[str, Any]:
    return {
        "source": inventory.source or None,
        "format": inventory.format,
        "requested_at": inventory.requested_at or None,
        "inventory_date": inventory.inventory_date or None,
        "size_bytes": inventory.size_bytes,
        "read_bytes": inventory.read_bytes,
        "checked": inventory.checked,
    }


def _plan(plan: Plan) -> dict[str, int]:
    return {
        "archives": plan.archives,
        "size_bytes": plan.size_bytes,
        "excluded": plan.excluded,
        "renamed": plan.renamed,
        "existing": plan.existing,
    }


def files(state: JobState, vault: VaultState, jobs_bucket: str) -> dict[str, str]:
    """What people read of a transfer, as s3:// URIs by their purpose, as soon as it is there."""
    named = {
        "plan": vault_files.plan_file if vault.plan else None,
        "excluded": vault_files.excluded_file if vault.plan else None,
        "preview": vault_files.preview_file if vault.plan else None,
        "manifest": vault_files.manifest_summary if state.closed else None,
    }
    return {
        name: f"s3://{jobs_bucket}/{place(state.job_id)}"
        for name, place in named.items()
        if place is not None
    }
