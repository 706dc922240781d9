"""The steps of a transfer from its request to its plan; each can be done twice, by whoever comes again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from thaw.core import vault_runs
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_states import JobState, JobStatus
from thaw.core.redaction import redacted
from thaw.core.times import to_iso
from thaw.core.vault_states import Plan, VaultState
from thaw.jobs.preparing import JobNotPreparedError
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates
from thaw.vaults.athena_planning import Unfinished
from thaw.vaults.cloud_planning import CloudPlanning
from thaw.vaults.downloading import InventoryDownload
from thaw.vaults.errors import InventoryError
from thaw.vaults.inventories import Inventories
from thaw.vaults.validating import Validation


class Planned(NamedTuple):
    """What a call came to. `refused`: the job has ended, its state says why."""

    state: JobState
    done: bool
    parts: int = 0
    wait: bool = False
    """Not done, and nothing to do before some time has passed."""

    @property
    def refused(self) -> bool:
        return bool(self.state.refusal)


@dataclass(frozen=True)
class VaultPreparation:
    """Prepares transfers of one stack; `now` is the UTC clock. All raise
    JobNotFoundError, JobNotPreparedError for a job that was cancelled or has ended, and ClientError."""

    states: JobStates
    vaults: VaultStates
    validation: Validation
    inventories: Inventories
    download: InventoryDownload
    planning: CloudPlanning
    now: Callable[[], datetime]

    def validate(self, job_id: str) -> Planned:
        """Looks whether the request can be fulfilled; nothing is asked of Glacier but whether there is such
        a vault. A request at fault ends the job FAILED."""
        state = self.states.read(job_id)
        if state.refusal:
            return Planned(state, done=True)
        _open(state)
        try:
            self.validation.check(state.request)
        except JobRefusedError as exc:
            return Planned(self._refuse(state, exc), done=True)
        self.vaults.create(VaultState(job_id, run=0))
        self.vaults.update(job_id, lambda vault: vault_runs.validated(vault, state))
        return Planned(state, done=True)

    def inventory(self, job_id: str) -> bool:
        """Whether there is an inventory to download, or none is needed. Raises InventoryError."""
        return self.inventories.ready(_open(self.states.read(job_id)))

    def wait(self, job_id: str, token: str) -> None:
        """Keeps the token of the step that waits for the inventory. Raises InventoryError."""
        self.inventories.wait(_open(self.states.read(job_id)), token)

    def go_on_downloading(self, job_id: str, seconds_left: Callable[[], float]) -> bool:
        """Downloads the inventory as far as time allows; whether all of it is there, or none is needed."""
        state, vault = _open(self.states.read(job_id)), self.vaults.read(job_id)
        if vault.plan or (state.request.vault and state.request.vault.plan):
            return True
        if vault.inventory is None:
            raise InventoryError(f"The inventory of {job_id} was given up: resume the transfer.")
        name = state.request.vault.vault if state.request.vault else ""
        inventory = self.download.go_on(name, vault.inventory, seconds_left)
        self.vaults.update(job_id, lambda now: replace(now, inventory=inventory))
        return inventory.checked

    def plan(self, job_id: str, seconds_left: Callable[[], float]) -> Planned:
        """Makes the plan, unless this transfer has one; a request at fault ends the job FAILED.

        The plan of a dry run that somebody has edited since is taken as it is: nothing is loaded of it yet.
        """
        state = self.states.read(job_id)
        if state.refusal or state.status is JobStatus.DRY_RUN:
            return Planned(state, done=True)
        if state.cancel_requested_at:
            self.planning.tidy(job_id)
        _open(state)
        vault = self.vaults.read(job_id)
        edited = vault.plan is not None and self._is_edited(state, vault.plan)
        if vault.plan and not edited:
            return self._done(state, vault.plan.parts)
        planned = self.planning.as_edited(state) if edited else state
        try:
            preview = self.planning.go_on(planned, vault, seconds_left)
        except JobRefusedError as exc:
            return Planned(self._refuse(state, exc), done=True)
        if isinstance(preview, Unfinished):
            return Planned(state, done=False, wait=preview is Unfinished.TIME)
        self.states.update(job_id, lambda now: replace(_open(now), validated=preview.validated))
        plan = replace(preview.plan, etag=self.planning.plan_etag(job_id))
        self.vaults.update(job_id, lambda now: replace(now, plan=plan))
        return self._done(state, preview.parts)

    def _is_edited(self, state: JobState, plan: Plan) -> bool:
        if state.continues or not plan.etag:
            return False
        return self.planning.plan_etag(state.job_id) not in ("", plan.etag)

    def _done(self, state: JobState, parts: int) -> Planned:
        """Tidies up, and ends a dry run."""
        self.planning.tidy(state.job_id)
        if state.request.dry_run:
            ended = {"status": JobStatus.DRY_RUN, "ended_at": to_iso(self.now())}
            state = self.states.update(state.job_id, lambda now: replace(_open(now), **ended))
        return Planned(state, done=True, parts=parts)

    def _refuse(self, state: JobState, exc: JobRefusedError) -> JobState:
        refused = {
            "status": JobStatus.FAILED,
            "refusal": exc.status,
            "reason": redacted(str(exc)),
            "ended_at": to_iso(self.now()),
        }
        return self.states.update(state.job_id, lambda now: replace(_open(now), **refused))


def _open(state: JobState) -> JobState:
    if state.ended or state.cancel_requested_at:
        what = f"has ended ({state.status})" if state.ended else "was cancelled"
        raise JobNotPreparedError(f"Job {state.job_id} {what} before it was planned: nothing was requested.")
    return state
