"""Sweeps the retrieval jobs of a transfer: what nobody told of, what will lapse, what Glacier has forgotten.

Once through the list of a vault's retrieval jobs, as Glacier tells the truth; then, not every time, through
the rows of the plan for which the list showed none.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.core.vault_states import VaultState
from thaw.core.vault_sweeping import Finding, Moment
from thaw.core.vault_watching import sweep_is_due
from thaw.core.watch_figures import hours_before
from thaw.queues import is_empty, send_all
from thaw.store.error_codes import error_code
from thaw.store.vault_states import VaultStates
from thaw.vaults.asking import OWN_ACCOUNT
from thaw.vaults.findings import Finder
from thaw.vaults.sweep_places import SweepPlace, read_place, write_place

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

SEARCHES = 12
"""Sweeps, of which one goes through the rows of the plan too; of those that look after what is late, two."""

_SEARCHES_LATE = 2
_STALE_MARKER = "InvalidParameterValueException"


@dataclass(frozen=True)
class SweepClients:
    """What a sweep lists, keeps its place in, and sends to."""

    glacier: "GlacierClient"
    s3: "S3Client"
    sqs: "SQSClient"
    jobs_bucket: str
    queue_url: str


@dataclass(frozen=True)
class Sweeper:
    """Sweeps transfers. `now()` is fixed-width ISO-8601."""

    clients: SweepClients
    vaults: VaultStates
    finder: Finder
    rules: JobRules
    now: Callable[[], str]

    def run(
        self, state: JobState, vault: VaultState, *, late: bool, seconds_left: Callable[[], float]
    ) -> Counter[str]:
        """Begins a sweep if one is due, or goes on with it, until it is through or the time is used up; what
        it did, by name. Raises ClientError, UnappliedNewsError, PlanError."""
        counts: Counter[str] = Counter()
        place = self._place(state, vault, late=late)
        if place is None:
            return counts
        moment = Moment(self.now(), vault.swept_at, self._queue_is_empty())
        through = False
        while not through and seconds_left() > 0:
            if place.listed:
                through = self._search(state, vault, place, counts)
            else:
                self._list(state, place, moment, counts)
                place.searching = place.listed and self._is_to_search(place, late=late)
        self._keep(vault, place, through=through)
        return counts

    def _place(self, state: JobState, vault: VaultState, *, late: bool) -> SweepPlace | None:
        """Where to go on, None when no sweep is due."""
        going_on = bool(vault.sweep_began_at)
        minutes = self.rules.vault_sweep_minutes
        if not going_on and not sweep_is_due(vault, minutes, late=late, now=self.now()):
            return None
        last = read_place(self.clients.s3, self.clients.jobs_bucket, state.job_id)
        if last is not None and last.run != state.run:
            last = None
        if last is not None and going_on:
            return last
        return SweepPlace(state.run, self.now(), searched_at=last.searched_at if last else "")

    def _list(self, state: JobState, place: SweepPlace, moment: Moment, counts: Counter[str]) -> None:
        """One page of the list of retrieval jobs."""
        jobs, marker = self._page(state, place)
        found = self.finder.of_jobs(state, jobs, place, moment)
        bodies = [json.dumps(document) for document in found.to_send]
        unsent = send_all(self.clients.sqs, self.clients.queue_url, bodies)
        counts.update(found.counts)
        counts[Finding.SEND.value] -= unsent
        place.marker, place.listed = marker, not marker

    def _page(self, state: JobState, place: SweepPlace) -> tuple[list[Mapping[str, Any]], str]:
        """https://docs.aws.amazon.com/amazonglacier/latest/dev/api-jobs-get.html"""
        request: dict[str, Any] = {"marker": place.marker} if place.marker else {}
        name = state.request.vault.vault if state.request.vault else ""
        try:
            answer = self.clients.glacier.list_jobs(accountId=OWN_ACCOUNT, vaultName=name, **request)
        except ClientError as exc:
            if not place.marker or error_code(exc) != _STALE_MARKER:
                raise
            place.marker = ""
            return self._page(state, place)
        return [dict(job) for job in answer["JobList"]], answer.get("Marker") or ""

    def _is_to_search(self, place: SweepPlace, *, late: bool) -> bool:
        sweeps = _SEARCHES_LATE if late else SEARCHES
        before = hours_before(place.began_at, sweeps * self.rules.vault_sweep_minutes / 60)
        return place.searched_at <= before

    def _search(self, state: JobState, vault: VaultState, place: SweepPlace, counts: Counter[str]) -> bool:
        """One part of the plan; whether all that were asked for are looked at."""
        parts = vault.plan.parts if vault.plan else 0
        if not place.searching or place.part >= parts or place.part > vault.next_part:
            return True
        counts.update(self.finder.of_part(state, vault, place))
        place.part += 1
        return False

    def _keep(self, vault: VaultState, place: SweepPlace, *, through: bool) -> None:
        if through and place.searching:
            place.searched_at = place.began_at
        if through:
            place.seen = {}
        write_place(self.clients.s3, self.clients.jobs_bucket, vault.job_id, place)
        began = "" if through else place.began_at
        swept = {"swept_at": place.began_at} if through else {}

        def change(now: VaultState) -> VaultState:
            return replace(now, sweep_began_at=began, **swept) if now.run == vault.run else now

        self.vaults.update(vault.job_id, change)

    def _queue_is_empty(self) -> bool:
        return is_empty(self.clients.sqs, self.clients.queue_url)
