"""Writes what became of copies into their records, and then deletes the sources that should go."""

from collections.abc import Mapping
from dataclasses import dataclass

from thaw.copying.clients import Clients
from thaw.copying.deleting import delete_source, may_delete
from thaw.copying.errors import UnprovenCopyError
from thaw.copying.making import SERVICE_ERRORS, code_of
from thaw.copying.outcomes import Again, Copied, Failed, Left, Outcome
from thaw.copying.preparing import Task
from thaw.core.job_rules import JobRules
from thaw.core.targets import Target
from thaw.store.writer import Outcome as Written
from thaw.store.writer import RecordWriter, Result


@dataclass(frozen=True)
class Recorder:
    """Records first, deletes then: a source goes only when its record says that it is copied."""

    writer: RecordWriter
    clients: Clients
    rules: JobRules

    def record(
        self, tasks: Mapping[str, Task], outcomes: Mapping[str, Outcome]
    ) -> tuple[dict[str, Outcome], dict[str, Exception | None]]:
        """The outcomes, `Again` where the record could not be written, `Left` where it is another job's by
        now; and, of each source that should be deleted, None or why it was not."""
        targets = {name: Target((task.record.id,)) for name, task in tasks.items()}
        news = {
            targets[name]: outcome.news
            for name, outcome in outcomes.items()
            if isinstance(outcome, Copied | Failed)
        }
        jobs = {task.record.id: task.message.job_id for task in tasks.values()}
        results = self.writer.apply(news, jobs) if news else {}
        recorded = {
            name: _recorded(tasks[name], outcome, results.get(targets[name]))
            for name, outcome in outcomes.items()
        }
        return recorded, self._delete(recorded)

    def _delete(self, recorded: Mapping[str, Outcome]) -> dict[str, Exception | None]:
        deletions: dict[str, Exception | None] = {}
        for name, outcome in recorded.items():
            if isinstance(outcome, Copied) and may_delete(outcome, self.rules):
                deletions[name] = self._deleted(outcome)
        return deletions

    def _deleted(self, copied: Copied) -> Exception | None:
        if not copied.proven:
            return UnprovenCopyError(
                f"{copied.work.place.bucket}/{copied.work.place.key} was there before, and only its size says"
                " that it is a copy: compare the two, and delete the source yourself."
            )
        try:
            delete_source(self.clients, copied)
        except SERVICE_ERRORS as exc:
            return exc
        return None


def _recorded(task: Task, outcome: Outcome, result: Result | None) -> Outcome:
    if isinstance(result, Exception):
        return Again(code_of(result), str(result))
    if result is Written.UNTRACKED:
        return Left(f"the object has no record of job {task.message.job_id} any more")
    return outcome
