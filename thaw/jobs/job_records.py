"""The records of objects whose restores are requested: which of them need it, and what S3 answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from thaw.core.history import History
from thaw.core.job_states import JobState
from thaw.core.keys import ObjectId, object_path
from thaw.core.lives import Place, place_of
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.errors import UnappliedNewsError
from thaw.jobs.refused_requests import RefusedRequest
from thaw.jobs.request_lines import RequestLine
from thaw.jobs.restoring import Answer
from thaw.store.reader import RecordReader
from thaw.store.writer import Outcome, RecordWriter


@dataclass(frozen=True)
class JobRecords:
    """The records of the objects of jobs."""

    reader: RecordReader
    writer: RecordWriter

    def needing(self, state: JobState, lines: Sequence[RequestLine], now: str) -> list[RequestLine]:
        """Those of `lines` whose objects need a request at `now` (fixed-width ISO-8601): not what is being
        restored, readable or copied, nor what another job has by now. Raises UnappliedNewsError."""
        targets = {_target(state, line): line for line in lines}
        needing: list[RequestLine] = []
        for target, found in self.reader.find(targets).items():
            if isinstance(found, Exception):
                raise UnappliedNewsError(f"A record of job {state.job_id} cannot be read: {found}") from found
            if found is not None and _needs_request(found, state.job_id, now):
                needing.append(targets[target])
        return needing

    def answered(
        self, state: JobState, answers: Sequence[tuple[RequestLine, Answer]]
    ) -> list[RefusedRequest]:
        """Writes what S3 said to the records, and returns what it refused. Raises UnappliedNewsError."""
        news = [(line, answer) for line, answer in answers if isinstance(answer, History)]
        results = self.writer.apply({_target(state, line): history for line, history in news})
        for target, result in results.items():
            if not isinstance(result, Outcome):
                raise UnappliedNewsError(
                    f"What S3 answered about {target.ids[0].object_path} of job {state.job_id} could not be"
                    f" written: {result}"
                ) from result
        return [_refused(line, history) for line, history in news if history.failure.at]


def _needs_request(record: ObjectRecord, job_id: str, now: str) -> bool:
    return record.entry.job_id == job_id and place_of(record.history, now) is Place.REQUESTS


def _refused(line: RequestLine, news: History) -> RefusedRequest:
    at, code, message = news.failure
    return RefusedRequest(line.key, line.version_id, code, message, at)


def _target(state: JobState, line: RequestLine) -> Target:
    return Target((ObjectId(object_path(state.request.bucket, line.key), line.version_id),))
