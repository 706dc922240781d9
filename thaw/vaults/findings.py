"""What a sweep finds of retrieval jobs and of archives without one, and what it writes down of that."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from thaw.core.archives import Pointer
from thaw.core.history import NOTHING
from thaw.core.job_states import JobState
from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.retrieval_jobs import Action, RetrievalJob
from thaw.core.vault_states import VaultState
from thaw.core.vault_sweeping import Finding, Moment, answers, lapsed, of_job, of_row
from thaw.store.reader import BATCH_GET_ITEMS, chunks
from thaw.store.vault_agains import VaultAgains
from thaw.vaults.errors import PlanError
from thaw.vaults.judging import window_over
from thaw.vaults.news import ArchiveRecords, News
from thaw.vaults.plan_parts import PlanReader
from thaw.vaults.sweep_places import SweepPlace
from thaw.vaults.walking import Row, passed_lines

_REASONS = {
    Finding.LONGER: "It was retrieved, and will not be transferred before its 24 hours are over.",
    Finding.LAPSED: "It was retrieved, and not transferred within 24 hours.",
    Finding.LOST: "It was asked for, and Glacier does not know the retrieval job.",
    Finding.PASSED: "It was not asked for.",
}


class Listed(NamedTuple):
    """A retrieval job of the transfer, as ListJobs describes it."""

    pointer: Pointer
    job: RetrievalJob
    document: Mapping[str, Any]


@dataclass
class Findings:
    """Documents `to_send` to the queue; how often what was found, by its name."""

    to_send: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    counts: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True)
class Finder:
    """Compares what Glacier lists with the records. `now()` is fixed-width ISO-8601."""

    plans: PlanReader
    records: ArchiveRecords
    agains: VaultAgains
    now: Callable[[], str]

    def of_jobs(
        self, state: JobState, documents: Sequence[Mapping[str, Any]], place: SweepPlace, moment: Moment
    ) -> Findings:
        """Sees to the retrieval jobs of this transfer among those listed, and notes in `place` which rows
        they are of. Raises UnappliedNewsError, PlanError, ClientError."""
        found, news = Findings(), dict[ObjectId, News]()
        ours = self._ours(state, documents)
        records = self.records.of(state, {listed.job.archive_id for listed in ours})
        for listed in ours:
            record = records.get(listed.job.archive_id)
            if record is None:
                continue
            finding = of_job(listed.job, record, moment)
            if finding is not Finding.NOTHING or answers(listed.job, moment.now):
                place.see(listed.pointer)
            if finding is Finding.SEND:
                found.to_send.append(listed.document)
            else:
                self._note(listed.pointer, record, finding, listed.job, news)
            found.counts[finding.value] += 1
        self.records.write(state, news)
        return found

    def of_part(self, state: JobState, vault: VaultState, place: SweepPlace) -> Counter[str]:
        """Sees to the rows of the place's part that were passed and for which no retrieval job was seen."""
        counts: Counter[str] = Counter()
        rows = self.plans.part(state.job_id, place.part)
        lines = passed_lines(vault, place.part, len(rows))
        pointers = (Pointer(state.job_id, place.part, line) for line in lines)
        unseen = (Row(each, rows[each.line]) for each in pointers if not place.has_seen(each))
        for chunk in chunks(unseen, BATCH_GET_ITEMS):
            news = dict[ObjectId, News]()
            records = self.records.of(state, (row.archive.archive_id for row in chunk))
            for row in chunk:
                record = records.get(row.archive.archive_id)
                if record is not None:
                    finding = of_row(record, place.began_at, self.now(), state.started_at)
                    self._note(row.pointer, record, finding, None, news)
                    counts[finding.value] += 1
            self.records.write(state, news)
        return counts

    def _ours(self, state: JobState, documents: Sequence[Mapping[str, Any]]) -> list[Listed]:
        """Of this transfer, and of its plan as it is: an older plan had other archives in its rows."""
        ours: list[Listed] = []
        for document in documents:
            pointer = Pointer.of(document.get("JobDescription") or "")
            if pointer and pointer.job_id == state.job_id and document["Action"] == Action.ARCHIVE:
                ours.append(Listed(pointer, RetrievalJob.of(document), document))
        return [listed for listed in ours if self._is_of_the_plan(listed)]

    def _is_of_the_plan(self, listed: Listed) -> bool:
        try:
            rows = self.plans.part(listed.pointer.job_id, listed.pointer.part)
        except PlanError:
            return False
        line = listed.pointer.line
        return line < len(rows) and rows[line].archive_id == listed.job.archive_id

    def _note(
        self,
        pointer: Pointer,
        record: ObjectRecord,
        finding: Finding,
        job: RetrievalJob | None,
        news: dict[ObjectId, News],
    ) -> None:
        """Has the archive asked for again: once for what happened, however often it is found."""
        if finding is Finding.NOTHING:
            return
        if finding is Finding.LAPSED:
            told = lapsed(record, job.completed_at if job else "")
            news.update({record.id: News(told, {})} if told != NOTHING else {})
        self.agains.ask(
            pointer,
            _cause(record, finding, job),
            reason=_REASONS[finding],
            size_bytes=record.entry.size_bytes or 0,
            failed=finding is Finding.LOST,
        )


def _cause(record: ObjectRecord, finding: Finding, job: RetrievalJob | None) -> str:
    """What happened, named as by whoever else finds it: of a window that is over, by its retrieval job."""
    if job is not None:
        return window_over(job.job_id) if finding is Finding.LAPSED else f"{finding.value} {job.job_id}"
    history = record.history
    since = history.restore_requested_at if finding is Finding.LOST else history.restore_expires_at
    return f"{finding.value} {since}"
