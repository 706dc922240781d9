"""Writes what became of archives into their records, all of a batch at once, and then tidies up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from thaw.copying.making import SERVICE_ERRORS, code_of
from thaw.copying.outcomes import Again, Failed, Left
from thaw.core.history import NOTHING, History, merge
from thaw.core.vault_states import VaultState
from thaw.core.vault_watching import with_conflict, with_refusals
from thaw.store.vault_states import VaultStates
from thaw.store.writer import Outcome as Written
from thaw.store.writer import RecordWriter, Result
from thaw.vaults.outcomes import Noted, Outcome, Refused, Transferred
from thaw.vaults.tasks import Place
from thaw.vaults.uploads import Uploads


@dataclass(frozen=True)
class Recorder:
    """Records first, forgets uploads then: what is not recorded is found again by its upload."""

    writer: RecordWriter
    vaults: VaultStates
    uploads: Uploads

    def record(
        self, places: Mapping[str, Place], outcomes: Mapping[str, Outcome], news: Mapping[str, History]
    ) -> dict[str, Outcome]:
        """The outcomes by name (of one archive each), `Again` where what follows of one could not be written,
        `Left` where the record is another job's by now. `news` are known of an archive beside its outcome."""
        told = {name: merge(news.get(name, NOTHING), _news(one)) for name, one in outcomes.items()}
        written = {places[name].target: each for name, each in told.items() if each != NOTHING}
        ids = {name: places[name].record.id for name in outcomes}
        jobs = {ids[name]: places[name].pointer.job_id for name in outcomes}
        extras = {ids[name]: one.extras for name, one in outcomes.items() if isinstance(one, Transferred)}
        results = self.writer.apply(written, jobs, extras) if written else {}
        return {
            name: self._recorded(places[name], one, results.get(places[name].target))
            for name, one in outcomes.items()
        }

    def refused(self, places: Sequence[Place], reason: str) -> None:
        """Notes that archives, of one job, were refused by the place that all of its archives go to. Raises
        StoreError, ClientError."""

        def change(vault: VaultState) -> VaultState:
            return with_refusals(vault, (place.archive.archive_id for place in places), reason)

        self.vaults.update(places[0].pointer.job_id, change)

    def waits(self, place: Place, now: str) -> bool:
        """Whether the transfer of this archive is paused, for it or for Glacier. Raises ClientError."""
        return self.vaults.read(place.pointer.job_id).paused_until > now

    def _recorded(self, place: Place, outcome: Outcome, result: Result | None) -> Outcome:
        if isinstance(result, Exception):
            return Again(code_of(result), str(result))
        if result is Written.UNTRACKED:
            return Left(f"the archive has no record of job {place.pointer.job_id} any more")
        try:
            self._tidy(place, outcome)
        except SERVICE_ERRORS as exc:
            return Again(code_of(exc), str(exc))
        return outcome

    def _tidy(self, place: Place, outcome: Outcome) -> None:
        if isinstance(outcome, Transferred) and outcome.upload is not None:
            self.uploads.rows.end(outcome.upload)
        elif isinstance(outcome, Refused) and outcome.conflict:
            self.vaults.update(place.pointer.job_id, partial(with_conflict, key=outcome.conflict))


def _news(outcome: Outcome) -> History:
    return outcome.news if isinstance(outcome, Transferred | Failed | Noted) else NOTHING
