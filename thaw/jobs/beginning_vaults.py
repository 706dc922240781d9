"""Lets a vault transfer that is loaded and registered begin: from here on its archives are requested."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_runs import begun
from thaw.jobs.changes import refuse_cancelled
from thaw.store.job_states import JobStates
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_states import VaultStates


@dataclass(frozen=True)
class VaultBeginner:
    """Begins transfers; `now()` is fixed-width ISO-8601."""

    states: JobStates
    vaults: VaultStates
    agains: VaultAgains
    now: Callable[[], str]

    def begin(self, job_id: str) -> JobState:
        """The job, Restoring: whoever requests archives finds it so, and begins at the start of its plan.

        Beginning again changes nothing. What an earlier run was to request again is forgotten, since this one
        looks at every archive. Raises CancelledError.
        """
        state = self.states.read(job_id)
        refuse_cancelled(state)
        if state.started_at:
            return state
        self.vaults.update(job_id, lambda vault: begun(vault, state.run))
        self.agains.forget(job_id)
        return self.states.update(job_id, self._restoring)

    def _restoring(self, state: JobState) -> JobState:
        refuse_cancelled(state)
        return replace(state, status=JobStatus.RESTORING, started_at=state.started_at or self.now())
