"""Finds the inventory that a plan is made of: given, fresh enough, under way, or asked of Glacier.

https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-inventory.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thaw.core.job_states import JobState
from thaw.core.retrieval_jobs import Action, RetrievalJob, RetrievalStatus, inventory_description
from thaw.core.times import to_iso
from thaw.core.vault_files import inventory_file
from thaw.core.vault_requests import VaultRequest
from thaw.core.vault_states import Inventory, VaultState
from thaw.store.error_codes import error_code
from thaw.store.vault_states import VaultStates
from thaw.vaults.cloud_planning import MAX_INVENTORY_BYTES
from thaw.vaults.errors import InventoryError
from thaw.vaults.last_inventories import LastInventory, last_inventory

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_stepfunctions import SFNClient

MARGIN = timedelta(hours=2)
"""An inventory of another job is used if its output can be read for so long still."""

_FORMATS = ("CSV", "JSON")
_GONE = "ResourceNotFoundException"
_WAITS_NO_MORE = frozenset(("TaskTimedOut", "TaskDoesNotExist", "InvalidToken"))


@dataclass(frozen=True)
class Inventories:
    """Of the vaults of one account and Region; Glacier tells of the end of jobs at `topic_arn`."""

    glacier: "GlacierClient"
    stepfunctions: "SFNClient"
    states: VaultStates
    topic_arn: str
    now: Callable[[], datetime]

    def ready(self, state: JobState) -> bool:
        """Whether there is an inventory to download, or none is needed; asks Glacier for one if need be.

        Raises InventoryError for one that Glacier could not make, ClientError.
        """
        request = _vault_of(state)
        vault = self.states.read(state.job_id)
        if request.plan or vault.plan:
            return True
        if request.inventory:
            self._keep(state.job_id, _given(state.job_id, request.inventory))
            return True
        if vault.inventory is None or vault.inventory.source:
            vault = self._keep(state.job_id, self._found(state, request))
        return self._is_made(vault, request)

    def wait(self, state: JobState, token: str) -> None:
        """Keeps the token of the step that waits, and lets it go on where the inventory is there already:
        its notification may have come before the token. Raises as `ready` does."""
        vault = self.states.update(state.job_id, lambda now: replace(now, token=token))
        if vault.inventory is not None and not self._is_made(vault, _vault_of(state)):
            return
        try:
            self.stepfunctions.send_task_success(taskToken=token, output="{}")
        except ClientError as exc:
            if error_code(exc) not in _WAITS_NO_MORE:
                raise

    def _is_made(self, vault: VaultState, request: VaultRequest) -> bool:
        inventory = vault.inventory
        if inventory is None:
            return False
        if inventory.checked or inventory.source:
            return True
        try:
            document = self.glacier.describe_job(vaultName=request.vault, jobId=inventory.retrieval_job_id)
        except ClientError as exc:
            if error_code(exc) != _GONE:
                raise
            self.states.update(vault.job_id, lambda now: replace(now, inventory=None))
            return False
        job = RetrievalJob.of(cast("dict[str, Any]", document))
        if job.status is RetrievalStatus.FAILED:
            self.states.update(vault.job_id, lambda now: replace(now, inventory=None))
            raise InventoryError(
                f"Glacier could not make the inventory of vault {request.vault}"
                f" ({job.message or 'no reason'}): resume the transfer, which asks for it again."
            )
        return job.status is RetrievalStatus.SUCCEEDED

    def _found(self, state: JobState, request: VaultRequest) -> Inventory:
        """The newest that can be used, one that we have asked for already, or a new one.

        Of when an inventory is that a retrieval brings, Glacier does not tell: it is the last that there was
        when it was asked for, which is the last that there is, or ours tell its date themselves. One that
        Athena has to plan is CSV.
        """
        moment, last = self.now(), last_inventory(self.glacier, request.vault) or LastInventory()
        jobs = sorted(self._jobs(request.vault), key=lambda pair: pair[1].created_at, reverse=True)
        for document, job in jobs:
            if _format(document) != "CSV" and job.size_bytes > MAX_INVENTORY_BYTES:
                continue
            date = last.date if last.date <= job.created_at else job.inventory_date
            if self._is_usable(state, job, _is_fresh(date, last, request, moment)):
                return _retrieved(state.job_id, job, _format(document), date)
        answer = self.glacier.initiate_job(
            vaultName=request.vault,
            jobParameters={
                "Type": "inventory-retrieval",
                "Format": "CSV",
                "Description": inventory_description(state.job_id, state.run, last.date),
                "SNSTopic": self.topic_arn,
            },
        )
        return Inventory(
            retrieval_job_id=answer["jobId"],
            key=inventory_file(state.job_id, "csv"),
            requested_at=to_iso(moment),
            inventory_date=last.date,
        )

    def _is_usable(self, state: JobState, job: RetrievalJob, fresh: bool) -> bool:  # noqa: FBT001 - of that job
        this_run = (job.inventory_of, job.inventory_run) == (state.job_id, state.run)
        if _vault_of(state).new_inventory and not this_run:
            return False
        if job.status is RetrievalStatus.IN_PROGRESS:
            return job.inventory_of == state.job_id
        return (this_run or fresh) and job.readable_until >= to_iso(self.now() + MARGIN)

    def _jobs(self, vault: str) -> Iterator[tuple[dict[str, Any], RetrievalJob]]:
        """Retrievals of whole inventories that Glacier remembers."""
        for page in self.glacier.get_paginator("list_jobs").paginate(accountId="-", vaultName=vault):
            for item in page.get("JobList", ()):
                document = cast("dict[str, Any]", item)
                if document.get("Action") == Action.INVENTORY and _is_whole(document):
                    yield document, RetrievalJob.of(document)

    def _keep(self, job_id: str, inventory: Inventory) -> VaultState:
        return self.states.update(job_id, lambda now: _with_inventory(now, inventory))


def _with_inventory(now: VaultState, inventory: Inventory) -> VaultState:
    known = now.inventory
    same = known and (known.source, known.retrieval_job_id) == (inventory.source, inventory.retrieval_job_id)
    return now if same else replace(now, inventory=inventory)


def _given(job_id: str, source: str) -> Inventory:
    name = source.removesuffix(".gz")
    kind = "JSON" if name.endswith(".json") else "CSV"
    return Inventory(source=source, format=kind, key=inventory_file(job_id, kind.lower()))


def _retrieved(job_id: str, job: RetrievalJob, kind: str, date: str) -> Inventory:
    return Inventory(
        retrieval_job_id=job.job_id,
        format=kind,
        key=inventory_file(job_id, kind.lower()),
        requested_at=job.created_at,
        inventory_date=date,
    )


def _is_fresh(date: str, last: LastInventory, request: VaultRequest, now: datetime) -> bool:
    """Whether an inventory of `date` ("": nobody knows) is young enough, or none is younger; with a limit of
    no hours none is."""
    hours = request.max_inventory_age_hours
    return bool(date and hours) and date >= min(to_iso(now - timedelta(hours=hours)), last.date)


def _is_whole(document: dict[str, Any]) -> bool:
    """Not one of a range of dates, or of a page."""
    asked: dict[str, Any] = document.get("InventoryRetrievalParameters") or {}
    narrowed = any(asked.get(name) for name in ("StartDate", "EndDate", "Limit", "Marker"))
    return not narrowed and _format(document) in _FORMATS


def _format(document: dict[str, Any]) -> str:
    asked: dict[str, Any] = document.get("InventoryRetrievalParameters") or {}
    return asked.get("Format") or "JSON"


def _vault_of(state: JobState) -> VaultRequest:
    if state.request.vault is None:
        raise InventoryError(f"Job {state.job_id} is no transfer of a vault: it has no inventory.")
    return state.request.vault
