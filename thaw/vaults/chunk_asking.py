"""Asks Glacier for those of a chunk of archives that need it, as far as the budgets go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from thaw.core.archives import PlannedArchive
from thaw.core.history import History
from thaw.core.job_states import JobState
from thaw.core.vault_needs import cost_of, failed
from thaw.store.vault_agains import MAX_ATTEMPTS, VaultAgains
from thaw.vaults.allowances import Allowance
from thaw.vaults.answers import Answer, Kind
from thaw.vaults.asking import Asker, Wish
from thaw.vaults.chunks import Chunk, Want, reason_to_pause
from thaw.vaults.existing import CONFLICT
from thaw.vaults.judging import RETRIEVAL_FAILED
from thaw.vaults.news import ArchiveRecords, News
from thaw.vaults.walking import Row

NOT_FOUND = "ArchiveNotFound"
"""The error code of an archive that the vault does not have (any more)."""

LookUp = Callable[[JobState, Sequence[PlannedArchive]], Mapping[str, News]]
"""Finds the objects of archives that are at their keys already, as news by archive id; none for what has to
be retrieved."""

_TRANSIENT = (Kind.THROTTLED, Kind.HELD, Kind.UNSENT)


@dataclass(frozen=True)
class ChunkAsker:
    """Asks for chunks of archives. `now()` is fixed-width ISO-8601."""

    agains: VaultAgains
    records: ArchiveRecords
    asker: Asker
    look_up: LookUp
    now: Callable[[], str]

    def ask(
        self,
        state: JobState,
        rows: Sequence[Row],
        allowance: Allowance,
        seconds_left: Callable[[], float],
    ) -> Chunk:
        """Asks for those of `rows` that need it; what it comes to is not written yet.

        What costs nothing comes first: a window that is prolonged must not wait for the next day.
        """
        chunk = Chunk()
        wanted = self._without_existing(state, self._wanted(state, rows, chunk), chunk)
        wanted.sort(key=lambda want: want.cost.retrieves)
        granted = allowance.grant([want.size for want in wanted])
        chunk.held = allowance.held
        chunk.left.update(want.row for want in wanted[granted:])
        asked = wanted[:granted]
        answers = self._answers(state, asked, seconds_left)
        pairs = list(zip(asked, answers, strict=True))
        allowance.give_back([want.size for want, answer in pairs if answer.kind is not Kind.ACCEPTED])
        chunk.counts.update(answer.kind.value for answer in answers)
        chunk.pause = reason_to_pause(answers)
        chunk.stop = bool(chunk.pause) or any(answer.kind in _TRANSIENT for answer in answers)
        alone = len(answers) == 1 or any(answer.kind is Kind.ACCEPTED for answer in answers)
        for want, answer in pairs:
            self._take(want, answer, chunk, alone=alone)
        return chunk

    def _wanted(self, state: JobState, rows: Sequence[Row], chunk: Chunk) -> list[Want]:
        now, wanted = self.now(), list[Want]()
        records = self.records.of(state, (row.archive.archive_id for row in rows))
        for row in rows:
            record = records.get(row.archive.archive_id)
            cost = record and cost_of(record, now, again=row.again is not None)
            if record is None or cost is None:
                continue
            if row.again and row.again.attempts >= MAX_ATTEMPTS:
                chunk.news[record.id] = News(failed(now, RETRIEVAL_FAILED, row.again.reason), {})
            else:
                wanted.append(Want(row, record, cost))
        return wanted

    def _without_existing(self, state: JobState, wanted: Sequence[Want], chunk: Chunk) -> list[Want]:
        """What has to be retrieved: not what is at its key already, nor what something else is at."""
        looked = [want.row.archive for want in wanted if want.row.archive.exists]
        found = self.look_up(state, looked)
        for want in wanted:
            news = found.get(want.row.archive.archive_id)
            if news:
                chunk.news[want.record.id] = news
                chunk.counts["conflicts" if news.history.failure.at else "found"] += 1
            if news and news.history.failure.error_code == CONFLICT:
                chunk.conflict = chunk.conflict or want.row.archive.key
        return [want for want in wanted if want.row.archive.archive_id not in found]

    def _answers(
        self, state: JobState, asked: Sequence[Want], seconds_left: Callable[[], float]
    ) -> list[Answer]:
        if not asked:
            return []
        vault = state.request.vault.vault if state.request.vault else ""
        wishes = [Wish(want.row.pointer, want.row.archive.archive_id) for want in asked]
        return self.asker.ask(vault, state.request.tier, wishes, seconds_left)

    def _take(self, want: Want, answer: Answer, chunk: Chunk, *, alone: bool) -> None:
        """What an answer means for the archive; `alone`: it cannot be due to all of them."""
        kind, now = answer.kind, self.now()
        if kind is Kind.ACCEPTED:
            chunk.news[want.record.id] = News(History(restore_requested_at=answer.at), {})
        elif kind is Kind.GONE:
            chunk.news[want.record.id] = News(failed(now, NOT_FOUND, answer.message), {})
        elif kind in _TRANSIENT or (kind is Kind.UNANSWERED and not alone):
            chunk.left.add(want.row)
        else:
            self._again(want, answer, now, chunk)

    def _again(self, want: Want, answer: Answer, now: str, chunk: Chunk) -> None:
        """Tried again a few times, then given up with the service's code."""
        row = want.row
        again = self.agains.ask(
            row.pointer,
            f"initiate {now}",
            reason=f"{answer.code}: {answer.message}",
            size_bytes=row.archive.size_bytes,
            failed=True,
        )
        if again.attempts >= MAX_ATTEMPTS:
            chunk.news[want.record.id] = News(failed(now, answer.code, answer.message), {})
        if again.attempts >= MAX_ATTEMPTS and not row.again:
            self.agains.done(again)
