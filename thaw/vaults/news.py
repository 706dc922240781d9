"""What was learned of archives, written to their records: all of a chunk in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from thaw.core.archives import archive_object_id
from thaw.core.history import History
from thaw.core.job_states import JobState
from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.errors import UnappliedNewsError
from thaw.store.reader import RecordReader
from thaw.store.writer import RecordWriter


class News(NamedTuple):
    """What is new of a record, and what else its copy has (`thaw.store.writer.Extras`)."""

    history: History
    extras: Mapping[str, str]


@dataclass(frozen=True)
class ArchiveRecords:
    """The records of the archives of transfers."""

    reader: RecordReader
    writer: RecordWriter

    def of(self, state: JobState, archive_ids: Iterable[str]) -> dict[str, ObjectRecord]:
        """The records of archives, by their ids, of those that are in the transfer. Raises
        UnappliedNewsError where one cannot be read."""
        vault = state.request.vault.vault if state.request.vault else ""
        targets = {Target((archive_object_id(vault, id_),)): id_ for id_ in archive_ids}
        records: dict[str, ObjectRecord] = {}
        for target, found in self.reader.find(targets).items():
            if isinstance(found, Exception):
                raise UnappliedNewsError(
                    f"The record of archive {targets[target]} of job {state.job_id} cannot be read: {found}"
                ) from found
            if found is not None and found.entry.job_id == state.job_id:
                records[targets[target]] = found
        return records

    def write(self, state: JobState, news: Mapping[ObjectId, News]) -> None:
        """Raises UnappliedNewsError where one could not be written, when all others were."""
        if not news:
            return
        results = self.writer.apply(
            {Target((id_,)): each.history for id_, each in news.items()},
            dict.fromkeys(news, state.job_id),
            {id_: each.extras for id_, each in news.items() if each.extras},
        )
        for target, result in results.items():
            if isinstance(result, Exception):
                raise UnappliedNewsError(
                    f"What was learned of {target.ids[0].object_path} of job {state.job_id} could not be"
                    f" written: {result}"
                ) from result
