"""Plans a transfer in a function: its sources fetched from S3, its plan written into the job's folder."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.core.job_files import import_folder
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.core.vault_files import excluded_file, plan_file, plan_folder, plan_part, preview_file
from thaw.core.vault_plans import PlanFigures
from thaw.core.vault_request_rules import destination_of
from thaw.core.vault_requests import VaultRequest
from thaw.core.vault_states import Inventory, VaultState
from thaw.jobs.estimating import Prices
from thaw.jobs.folder import JobFolder
from thaw.jobs.parts import import_part
from thaw.jobs.uploading import StreamedObject
from thaw.manifests.s3 import S3Uri, download, parse_uri
from thaw.store.error_codes import error_code
from thaw.vaults.athena_planning import AthenaPlanning, AthenaSources, Made, Unfinished
from thaw.vaults.athena_queries import AthenaQueries
from thaw.vaults.destination_keys import DestinationKeys, existing_folder, existing_piece
from thaw.vaults.errors import InventoryError, PlanError, PlanRefusedError
from thaw.vaults.inventory_text import as_csv
from thaw.vaults.landings import Landings
from thaw.vaults.plan_database import PlanDatabase, plan_database
from thaw.vaults.plan_lines import SAMPLE, Entry
from thaw.vaults.plan_output import check_rows, figures, write_excluded, write_left_out, write_parts
from thaw.vaults.plan_sources import PlanSources
from thaw.vaults.planning_cursor import PlanningCursor, former_plan, keep_cursor, open_cursor
from thaw.vaults.planning_sql import PlanParameters
from thaw.vaults.preview import Preview

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_INVENTORY_BYTES = 1_500_000_000
"""Some five million rows: with what is made of it, five to six times its size, it has to fit on the disk of a
function. Athena plans what is larger.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html"""

LISTING_SECONDS = 120.0
"""What an invocation lists for at most: a plan is made in one that has its time for it."""

OUTSIDE_BYTES = 700 * 10**6
"""Of the memory: what is not DuckDB's."""


@dataclass(frozen=True)
class CloudPlanning:
    """Plans transfers of one stack in functions of `memory_bytes`."""

    s3: "S3Client"
    landings: Landings
    jobs_bucket: str
    rules: JobRules
    prices: Prices
    memory_bytes: int
    queries: AthenaQueries

    def go_on(
        self, state: JobState, vault: VaultState, seconds_left: Callable[[], float]
    ) -> Preview | Unfinished:
        """Makes the plan of the job's run, or says what it needs before.

        Raises JobRefusedError for sources that cannot be used and a plan without an archive, PlanError where
        Athena does not make it, ClientError.
        """
        folder, begin = JobFolder(self.s3, self.jobs_bucket), seconds_left()
        cursor = open_cursor(state, folder, self._copy)
        left = lambda: LISTING_SECONDS - (begin - seconds_left())  # noqa: E731 - of the time to list
        self._keys(state, folder).go_on(cursor, left)
        keep_cursor(state, cursor, folder)
        if not cursor.listed or left() < 0:
            return Unfinished.CALL
        inventory = vault.inventory
        if inventory and inventory.size_bytes > MAX_INVENTORY_BYTES and not _vault_of(state).plan:
            return self._by_athena(state, inventory, cursor, seconds_left)
        with tempfile.TemporaryDirectory(prefix="thaw-plan-") as work:
            return self._plan(state, vault, cursor, Path(work))

    def as_edited(self, state: JobState) -> JobState:
        """The job as if the plan in its folder had been given to it."""
        vault = replace(_vault_of(state), plan=f"s3://{self.jobs_bucket}/{plan_file(state.job_id)}")
        return replace(state, request=replace(state.request, vault=vault))

    def plan_etag(self, job_id: str) -> str:
        """Of the plan as it is in the job's folder; "" where there is none."""
        try:
            return self.s3.head_object(Bucket=self.jobs_bucket, Key=plan_file(job_id))["ETag"]
        except ClientError as exc:
            if error_code(exc) in ("404", "NoSuchKey"):
                return ""
            raise

    def tidy(self, job_id: str) -> None:
        """Removes what only the making of a plan needs, once the state of the transfer has the plan."""
        JobFolder(self.s3, self.jobs_bucket).empty(existing_folder(job_id))
        self._athena.tidy(job_id)

    @property
    def _athena(self) -> AthenaPlanning:
        return AthenaPlanning(self.s3, self.queries, self.jobs_bucket, self.memory_bytes - OUTSIDE_BYTES)

    def _keys(self, state: JobState, folder: JobFolder) -> DestinationKeys:
        prefix = _copy_of(state).destination_prefix
        landing = self.landings.of(state.request, f"{prefix}-")
        return DestinationKeys(landing.client, landing.bucket, landing.owner, prefix, folder, state.job_id)

    def _plan(self, state: JobState, vault: VaultState, cursor: PlanningCursor, work: Path) -> Preview:
        with plan_database(work, self.memory_bytes - OUTSIDE_BYTES) as database:
            found = self._make(database, state, vault.inventory, cursor, work)
            _check_archives(state, found)
            parts = self._write(database, state)
            names = tuple((description, key) for description, key in database.rows(SAMPLE))
        return self._preview(state, Made(found, names, parts))

    def _by_athena(
        self,
        state: JobState,
        inventory: Inventory,
        cursor: PlanningCursor,
        seconds_left: Callable[[], float],
    ) -> Preview | Unfinished:
        request, job_id = _vault_of(state), state.job_id
        sources = AthenaSources(
            inventory=_downloaded(state, inventory),
            names=request.names,
            former=[former_plan(job_id, run) for run in cursor.former],
            existing=[existing_piece(job_id, number) for number in range(cursor.pieces)],
        )
        parameters = _parameters(request, _copy_of(state).destination_prefix)
        entry = Entry(job_id, request.vault, state.request.tier)
        try:
            made = self._athena.go_on(entry, state.run, sources, parameters, seconds_left)
        except PlanRefusedError as exc:
            raise JobRefusedError(str(exc)) from exc
        if isinstance(made, Unfinished):
            return made
        _check_archives(state, made.figures)
        return self._preview(state, made)

    def _preview(self, state: JobState, made: Made) -> Preview:
        place = destination_of(_copy_of(state), self.rules)
        preview = Preview(state, self.rules, self.prices, place.region if place else "", *made)
        JobFolder(self.s3, self.jobs_bucket).write(preview_file(state.job_id), preview.to_json())
        return preview

    def _make(
        self,
        database: PlanDatabase,
        state: JobState,
        inventory: Inventory | None,
        cursor: PlanningCursor,
        work: Path,
    ) -> PlanFigures:
        request, prefix = _vault_of(state), _copy_of(state).destination_prefix
        keys = (existing_piece(state.job_id, number) for number in range(cursor.pieces))
        existing = tuple(
            self._fetched(key, work / f"existing-{place:05}.csv.gz") for place, key in enumerate(keys)
        )
        kept = (former_plan(state.job_id, run) for run in cursor.former)
        former = tuple(
            self._fetched(key, work / f"former-{place:05}.csv.gz") for place, key in enumerate(kept)
        )
        try:
            if request.plan:
                database.take(self._file(request.plan, work / "edited"), existing, former, prefix)
                return figures(database, of_inventory=False)
            sources = PlanSources(
                inventory=self._inventory(state, inventory, work),
                names=self._file(request.names, work / "names") if request.names else None,
                former=former,
                existing=existing,
            )
            database.make(sources, _parameters(request, prefix))
        except PlanRefusedError as exc:
            raise JobRefusedError(str(exc)) from exc
        found = figures(database)
        check_rows(database, found)
        return found

    def _inventory(self, state: JobState, inventory: Inventory | None, work: Path) -> Path:
        inventory = _downloaded(state, inventory)
        path = self._fetched(inventory.key, work / "inventory")
        try:
            return as_csv(path, work / "inventory.csv")
        except InventoryError as exc:
            if not inventory.source:
                raise
            raise JobRefusedError(str(exc)) from exc

    def _write(self, database: PlanDatabase, state: JobState) -> int:
        job_id, folder = state.job_id, JobFolder(self.s3, self.jobs_bucket)
        entry = Entry(job_id, _vault_of(state).vault, state.request.tier)
        with StreamedObject(self.s3, self.jobs_bucket, plan_file(job_id)) as plan:
            parts = write_parts(database, entry, plan, folder.write)
        with StreamedObject(self.s3, self.jobs_bucket, excluded_file(job_id)) as excluded:
            write_excluded(database, excluded)
        folder.empty(plan_folder(job_id), plan_part(job_id, parts))
        folder.empty(import_folder(job_id), import_part(job_id, parts))
        write_left_out(database, entry, folder.write)
        return parts

    def _file(self, uri: str, path: Path) -> Path:
        """A file that the request names."""
        place = parse_uri(uri)
        download(self.s3, place, path)
        return path

    def _fetched(self, key: str, path: Path) -> Path:
        download(self.s3, S3Uri(self.jobs_bucket, key), path)
        return path

    def _copy(self, key: str, to: str) -> bool:
        try:
            self.s3.copy({"Bucket": self.jobs_bucket, "Key": key}, self.jobs_bucket, to)
        except ClientError as exc:
            if error_code(exc) in ("404", "NoSuchKey"):
                return False
            raise
        return True


def _downloaded(state: JobState, inventory: Inventory | None) -> Inventory:
    if inventory is None or not inventory.checked:
        raise InventoryError(f"The inventory of {state.job_id} is not downloaded: resume the transfer.")
    return inventory


def _check_archives(state: JobState, found: PlanFigures) -> None:
    if not (found.archives or state.continues or state.request.dry_run):
        raise JobRefusedError(
            f"Nothing is to be transferred: none of the {found.rows_in:,} rows of the inventory is an"
            " archive that the request leaves in; excluded.csv.gz has the reason of each."
        )


def _parameters(request: VaultRequest, prefix: str) -> PlanParameters:
    return PlanParameters(
        prefix=prefix,
        created_from=request.created_from,
        created_before=request.created_before,
        min_size_bytes=request.min_size_bytes,
        max_size_bytes=request.max_size_bytes,
        name_pattern=request.name_pattern,
    )


def _copy_of(state: JobState) -> CopyRequest:
    return state.request.copy or CopyRequest()


def _vault_of(state: JobState) -> VaultRequest:
    if state.request.vault is None:
        raise PlanError(f"Job {state.job_id} is no transfer of a vault: it has no plan.")
    return state.request.vault
