"""Closes a transfer: ends the uploads that it has open, then has the manifest written."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.times import to_iso
from thaw.core.vault_states import VaultState
from thaw.core.vault_watching import given_up, manifest_is_due, may_close, settled
from thaw.jobs.executions import MAX_NAME
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import OpenUpload
from thaw.vaults.errors import ArchiveRefusedError
from thaw.vaults.landings import Landings
from thaw.vaults.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_THREADS = 16
_NEVER = "MISSING"
_RUNNING = ("RUNNING", "PENDING_REDRIVE")


class _Attempt(NamedTuple):
    """An execution that writes the manifest: Step Functions' word for how it is, and when it began."""

    status: str
    began_at: str


@dataclass(frozen=True)
class Closer:
    """Closes transfers. `machine_arn` is of the state machine that writes manifests; `now()` is fixed-width
    ISO-8601."""

    states: JobStates
    vaults: VaultStates
    uploads: Uploads
    landings: Landings
    machines: "SFNClient"
    machine_arn: str
    now: Callable[[], str]

    def look(
        self, state: JobState, vault: VaultState, progress: Progress, seconds_left: Callable[[], float]
    ) -> None:
        """Does what is due of a transfer that is under way. Raises ClientError."""
        done = state.requested and settled(progress)
        over = given_up(state, self.now())
        if state.closed and not done and not over:
            self._reopen(state)
        if state.closed or not (done or over):
            return
        if (done or not state.keep_uploads) and self._end_uploads(state, seconds_left):
            return
        if (done or may_close(state, self.now())) and vault.plan is not None:
            self._write_manifest(state, vault, vault.plan.parts)

    def _reopen(self, state: JobState) -> None:
        """Something came after all, behind the manifest: it is written anew when that is done."""
        self.states.update(
            state.job_id, lambda now: replace(now, closed=False) if now.run == state.run else now
        )

    def _end_uploads(self, state: JobState, seconds_left: Callable[[], float]) -> int:
        """How many were open; those that time is left for are ended. Those of this transfer alone, by their
        ids: never by a prefix of keys."""
        uploads = list(self.uploads.rows.all(state.job_id))
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(partial(self._end_upload, state, seconds_left), uploads):
                pass
        return len(uploads)

    def _end_upload(self, state: JobState, seconds_left: Callable[[], float], upload: OpenUpload) -> None:
        """One whose destination the stack does not have any more is forgotten: nobody of ours may end it."""
        if seconds_left() <= 0:
            return
        try:
            landing = self.landings.of(state.request, upload.key)
        except ArchiveRefusedError:
            self.uploads.rows.end(upload)
            return
        self.uploads.end_for_good(upload, landing)

    def _write_manifest(self, state: JobState, vault: VaultState, parts: int) -> None:
        last = self._last(vault)
        if last.status in _RUNNING or not manifest_is_due(vault, last.began_at, self.now()):
            return
        attempt = vault.manifest_attempts + 1
        arn = self._start(state, parts, attempt)

        def change(now: VaultState) -> VaultState:
            if now.run != vault.run or now.manifest_attempts >= attempt:
                return now
            return replace(now, manifest_execution=arn, manifest_attempts=attempt)

        self.vaults.update(state.job_id, change)

    def _last(self, vault: VaultState) -> _Attempt:
        if not vault.manifest_execution:
            return _Attempt(_NEVER, "")
        try:
            answer = self.machines.describe_execution(executionArn=vault.manifest_execution)
        except self.machines.exceptions.ExecutionDoesNotExist:
            return _Attempt(_NEVER, "")
        return _Attempt(answer["status"], to_iso(answer["startDate"]))

    def _start(self, state: JobState, parts: int, attempt: int) -> str:
        """The ARN of the execution, the same however often this attempt is started."""
        ending = f"-{state.run}-{attempt}"
        name = state.job_id[: MAX_NAME - len(ending)] + ending
        try:
            return self.machines.start_execution(
                stateMachineArn=self.machine_arn,
                name=name,
                input=json.dumps({"job_id": state.job_id, "parts": parts}),
            )["executionArn"]
        except self.machines.exceptions.ExecutionAlreadyExists:
            return f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
