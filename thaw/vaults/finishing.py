"""Writes the manifest of a transfer at its end, a part after the other, adds it up, and closes the transfer.

Every step can be repeated: a part is written from its plan and records as they are then, over what was there.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from thaw.core.archives import PlannedArchive
from thaw.core.job_states import JobState
from thaw.core.jobs import Totals
from thaw.core.keys import ObjectId
from thaw.core.vault_files import (
    failed_folder,
    manifest_counts,
    manifest_folder,
    manifest_summary,
    part_name,
    plan_folder,
)
from thaw.core.vault_states import Plan, VaultState
from thaw.jobs.folder import JobFolder
from thaw.store.items import id_of
from thaw.store.job_states import JobStates
from thaw.store.reader import BATCH_GET_ITEMS, chunks, read_items
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import VaultUploads
from thaw.vaults.errors import ManifestError, OpenUploadsError
from thaw.vaults.manifest_rows import by_status, record_id, row_of
from thaw.vaults.manifests import FailedRow, ManifestRow, write_rows
from thaw.vaults.plan_parts import PlanReader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_s3 import S3Client

    Item = Mapping[str, AttributeValueTypeDef]

_READERS = 16


@dataclass(frozen=True)
class PartCounts:
    """What a part of the plan has become: archives and bytes by status, as of this run."""

    run: int
    by_status: Mapping[str, Totals] = field(default_factory=dict[str, Totals])


@dataclass(frozen=True)
class Finisher:
    """Finishes transfers. `pause(seconds)` waits, `now()` is fixed-width ISO-8601."""

    dynamodb: "DynamoDBClient"
    objects_table: str
    states: JobStates
    vaults: VaultStates
    uploads: VaultUploads
    plans: PlanReader
    s3: "S3Client"
    jobs_bucket: str
    pause: Callable[[float], None]
    now: Callable[[], str]

    def write_part(self, job_id: str, key: str) -> PartCounts | None:
        """Writes the parts of the manifest and of what failed that belong to the part `key` of the plan.

        None for a file of a former, longer plan. Raises ManifestError, PlanError, JobNotFoundError,
        MalformedItemError, ContentionError, ClientError.
        """
        state, vault = self.states.read(job_id), self.vaults.read(job_id)
        number = _number(job_id, key)
        if number >= _plan(vault).parts:
            return None
        archives = self.plans.part(job_id, number)
        found = self._items(state, archives)
        rows = [row_of(state, archive, found.get(record_id(state, archive))) for archive in archives]
        done = [row for row in rows if isinstance(row, ManifestRow)]
        failed = [row for row in rows if isinstance(row, FailedRow)]
        name, write = part_name(number), partial(write_rows, self.s3, self.jobs_bucket)
        write(manifest_folder(job_id) + name, ManifestRow._fields, done)
        write(failed_folder(job_id) + name, FailedRow._fields, failed)
        counts = PartCounts(state.run, by_status(rows))
        self._write(manifest_counts(job_id, number), asdict(counts))
        return counts

    def close(self, job_id: str) -> dict[str, Any]:
        """Adds the parts up, writes the summary, and closes the transfer; returns the summary.

        Raises ManifestError where a part is missing or of another run, or the sum is not the plan's;
        OpenUploadsError; JobNotFoundError, ClientError.
        """
        state, vault = self.states.read(job_id), self.vaults.read(job_id)
        plan = _plan(vault)
        found = self._sum(state, plan)
        self._check_uploads(state)
        summary = {
            **_head(state, vault),
            "closed_at": self.now(),
            "parts": plan.parts,
            "archives": plan.archives,
            "size_bytes": plan.size_bytes,
            "excluded": plan.excluded,
            "by_status": {name: totals._asdict() for name, totals in sorted(found.items())},
        }
        self._write(manifest_summary(job_id), summary)
        self.states.update(job_id, partial(_closed, run=state.run))
        return summary

    def _items(self, state: JobState, archives: Iterable[PlannedArchive]) -> "dict[ObjectId, Item]":
        ids = [record_id(state, archive) for archive in archives]
        return {
            id_of(item): item
            for some in chunks(ids, BATCH_GET_ITEMS)
            for item in read_items(self.dynamodb, self.objects_table, some, self.pause)
        }

    def _sum(self, state: JobState, plan: Plan) -> dict[str, Totals]:
        objects, size_bytes = Counter[str](), Counter[str]()
        with ThreadPoolExecutor(_READERS) as pool:
            for counts in pool.map(partial(self._counts, state), range(plan.parts)):
                for name, totals in counts.by_status.items():
                    objects[name] += totals.objects
                    size_bytes[name] += totals.size_bytes
        if (objects.total(), size_bytes.total()) != (plan.archives, plan.size_bytes):
            raise ManifestError(
                f"The manifest of {state.job_id} has {objects.total():,} archives of {size_bytes.total():,}"
                f" bytes, its plan {plan.archives:,} of {plan.size_bytes:,}: it is not closed; is its folder"
                " in the jobs bucket as it was?"
            )
        return {name: Totals(objects[name], size_bytes[name]) for name in objects}

    def _counts(self, state: JobState, number: int) -> PartCounts:
        key = manifest_counts(state.job_id, number)
        content = self._folder.find(key)
        if content is None:
            raise ManifestError(f"Part {number} of the manifest of {state.job_id} is missing: {key}.")
        fields = json.loads(content)
        if fields["run"] != state.run:
            raise ManifestError(
                f"Part {number} of the manifest of {state.job_id} is of run {fields['run']}, not of"
                f" {state.run}: write it again."
            )
        return PartCounts(fields["run"], {name: Totals(*pair) for name, pair in fields["by_status"].items()})

    def _check_uploads(self, state: JobState) -> None:
        left = next(iter(self.uploads.all(state.job_id)), None)
        if left is not None and not state.keep_uploads:
            raise OpenUploadsError(
                f"Upload {left.upload_id} of s3://{left.bucket}/{left.key} is still open: {state.job_id} is"
                " closed when it is completed or aborted."
            )

    def _write(self, key: str, document: Mapping[str, Any]) -> None:
        self._folder.write(key, json.dumps(document, indent=1).encode())

    @property
    def _folder(self) -> JobFolder:
        return JobFolder(self.s3, self.jobs_bucket)


def _plan(vault: VaultState) -> Plan:
    if vault.plan is None:
        raise ManifestError(f"Transfer {vault.job_id} has no plan, and so no manifest: resume it.")
    return vault.plan


def _number(job_id: str, key: str) -> int:
    name = key.removeprefix(plan_folder(job_id))
    digits = name.removeprefix("part-").partition(".")[0]
    if not digits.isdecimal() or name != part_name(int(digits)):
        raise ManifestError(f"{key} is no part of the plan of {job_id}; give one of {plan_folder(job_id)}.")
    return int(digits)


def _head(state: JobState, vault: VaultState) -> dict[str, Any]:
    """What the manifest is of."""
    request, copy, inventory = state.request.vault, state.request.copy, vault.inventory
    return {
        "job_id": state.job_id,
        "run": state.run,
        "vault": request.vault if request else "",
        "destination": f"s3://{copy.destination_bucket}/{copy.destination_prefix}" if copy else "",
        "bucket_owner": request.bucket_owner if request else "",
        "storage_class": copy.storage_class if copy else "",
        "inventory": asdict(inventory) if inventory else None,
    }


def _closed(state: JobState, run: int) -> JobState:
    """A later run is another one: what closes this one does not close that."""
    return replace(state, closed=True) if state.run == run else state
