"""Vault transfers as watchers find them, for tests: their states and records."""

from dataclasses import replace
from typing import Any

from tests.core.watched import after, job
from thaw.core.archives import VAULT_CLASS, archive_object_id, vault_bucket
from thaw.core.history import History
from thaw.core.job_requests import CopyRequest, Way
from thaw.core.job_states import JobState, Loaded
from thaw.core.jobs import Totals
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.vault_requests import VaultRequest
from thaw.core.vault_states import Plan, VaultState

VAULT = "photos"


def transfer(tier: str = "Standard", timeout_hours: int | None = None, **more: Any) -> JobState:
    """A transfer under way, all of whose archives were asked for."""
    state = job(copies=True, way=Way.VAULT)
    request = replace(
        state.request,
        bucket=vault_bucket(VAULT),
        tier=tier,
        manifest="",
        vault=VaultRequest(VAULT),
        copy=CopyRequest(destination_bucket="live", destination_prefix="v/"),
        timeout_hours=timeout_hours,
    )
    loaded = Loaded(by_storage_class={VAULT_CLASS: Totals(10, 10_000)})
    return replace(replace(state, request=request, loaded=loaded), **more)


def vault_state(**more: Any) -> VaultState:
    """Of a transfer whose plan has one part of ten rows."""
    plan = Plan(parts=1, archives=10, size_bytes=10_000, excluded=0, renamed=0, existing=0)
    return replace(VaultState("job-1", plan=plan), **more)


def archive_record(history: History, archive_id: str = "a", tier: str = "Standard") -> ObjectRecord:
    """The record of an archive of 1,000 bytes."""
    entry = ManifestEntry("job-1", vault_bucket(VAULT), archive_id, 1000, VAULT_CLASS, tier)
    return ObjectRecord(archive_object_id(VAULT, archive_id), entry, history, 1)


def retrieved(hours: float = 5.0, asked: float = 0.0) -> History:
    """An archive that was retrieved so many hours after START."""
    return History(
        restore_requested_at=after(asked),
        restore_completed_at=after(hours),
        restore_expires_at=after(hours + 24),
    )
