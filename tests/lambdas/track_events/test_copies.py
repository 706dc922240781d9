"""What becomes readable is handed to the copier where its job copies, and never lost."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from lambdas.track_events.copies import REMEMBERED_SECONDS, Copies
from lambdas.track_events.tracker import COPY_MESSAGES, Message, Tracked, track
from tests.fakes.dynamodb import Call, FakeDynamoDB, Fault, client_error
from tests.fakes.sqs import FakeSQS
from tests.lambdas.messages import S3Record, body, completed, copied, requested
from tests.store.loads import asked, job_state, load, states, turn
from tests.store.tables import COMPLETED, COMPLETION, COPY, assert_exact, record, tables, writer
from thaw.core.copy_messages import CopyMessage
from thaw.core.history import merge
from thaw.core.job_requests import CopyRequest
from thaw.core.job_states import JobStatus
from thaw.core.records import ObjectRecord
from thaw.jobs.copy_queue import CopyQueue

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/thaw-copies"


@dataclass
class Copier:
    """Tables with records, the queue of the copier, and a clock that is set by hand."""

    fake: FakeDynamoDB
    sqs: FakeSQS = field(default_factory=FakeSQS)
    seconds: float = 0.0
    _copies: Copies | None = None

    def track(self, *bodies: str) -> Tracked:
        self._copies = self._copies or Copies(
            states(self.fake), CopyQueue(self.sqs.client, URL), lambda: self.seconds
        )
        messages = [Message(str(number), text) for number, text in enumerate(bodies)]
        tracked = track(messages, (), writer(self.fake), self._copies)
        assert_exact(self.fake)
        assert {message["QueueUrl"] for message in self.sqs.sent} <= {URL}
        return tracked

    def sent(self) -> list[CopyMessage]:
        """What the copier was told, and forgets."""
        told = [CopyMessage.from_json(message["MessageBody"]) for message in self.sqs.sent]
        self.sqs.sent.clear()
        return told


def _copier(*records: ObjectRecord, copies: bool = True, status: JobStatus = JobStatus.RESTORING) -> Copier:
    copier = Copier(tables(records))
    states(copier.fake).create(job_state("job-1", copies=copies, status=status))
    return copier


def _message(key: str, version_id: str = "null") -> CopyMessage:
    return CopyMessage("job-1", "archive", key, version_id, 1000)


def _throttled(operation: str) -> Callable[[Call], Fault | None]:
    error = client_error(operation, "ThrottlingException")
    return lambda call: Fault(before=error) if call.operation == operation else None


def test_what_was_restored_is_to_be_copied() -> None:
    copier = _copier(record("a"), record("b+ é", "v1"), record("c"))
    tracked = copier.track(body(completed("a"), completed("b+ é", "v1")), body(requested("c")))
    assert copier.sent() == [_message("a"), _message("b+ é", "v1")]
    assert tracked.counts[COPY_MESSAGES] == 2
    assert tracked.failed == {}
    assert copier.fake.count("GetItem") == 1, "a job is read once for all its objects"


def test_an_event_that_comes_again_is_told_again() -> None:
    copier = _copier(record("a"))
    copier.track(body(completed("a")))
    tracked = copier.track(body(completed("a")))
    assert copier.sent() == [_message("a")] * 2
    assert (tracked.counts["UnchangedEvents"], tracked.counts[COPY_MESSAGES]) == (1, 1)


def test_two_events_of_one_object_are_one_message() -> None:
    copier = _copier(record("a"))
    later = completed("a", "v9")._replace(at="2026-11-21T07:31:00.000Z")
    copier.track(body(completed("a")), body(later))
    assert copier.sent() == [_message("a")]


@pytest.mark.parametrize(
    "events",
    [
        [requested("a")],
        [completed("a"), S3Record("ObjectRestore:Delete", "2026-11-29T00:00:00.000Z", "a")],
        [completed("x")],
    ],
    ids=["requested", "lapsed already", "nobody asked for it"],
)
def test_what_is_not_readable_is_not_handed_over(events: list[S3Record]) -> None:
    copier = _copier(record("a"))
    copier.track(body(*events))
    assert copier.sent() == []


def test_a_copy_that_is_there_is_not_made_again() -> None:
    copier = _copier(record("a", history=merge(COMPLETION, COPY)))
    copier.track(body(completed("a")))
    assert copier.sent() == []


@pytest.mark.parametrize(
    ("copies", "status", "sent"),
    [
        (True, JobStatus.LOADING, True),
        (True, JobStatus.COPYING, True),
        (True, JobStatus.TIMEOUT, True),
        (True, JobStatus.COMPLETE_WITH_FAILURES, True),
        (True, JobStatus.CANCELLED, False),
        (True, JobStatus.FAILED, False),
        (False, JobStatus.RESTORING, False),
    ],
)
def test_the_job_decides(*, copies: bool, status: JobStatus, sent: bool) -> None:
    copier = _copier(record("a"), copies=copies, status=status)
    copier.track(body(completed("a")))
    assert copier.sent() == ([_message("a")] if sent else [])


def test_a_job_that_this_stack_did_not_start_copies_nothing() -> None:
    copier = Copier(tables([record("a")]))
    assert copier.track(body(completed("a"))).failed == {}
    assert copier.sent() == []


def test_a_job_is_read_again_after_a_minute() -> None:
    copier = _copier(record("a"), copies=False)
    for seconds, reads in ((0, 1), (REMEMBERED_SECONDS - 1, 1), (REMEMBERED_SECONDS, 2)):
        copier.seconds = seconds
        copier.track(body(completed("a")))
        assert copier.fake.count("GetItem") == reads
    copy = CopyRequest()
    states(copier.fake).update(
        "job-1", lambda state: replace(state, request=replace(state.request, copy=copy))
    )
    copier.seconds += REMEMBERED_SECONDS
    copier.track(body(completed("a")))
    assert copier.sent() == [_message("a")]


def test_news_of_a_former_life_hand_nothing_over() -> None:
    copier = _copier()
    load(copier.fake, asked("old", "a"), now="2026-11-20T00:00:00.000Z")
    states(copier.fake).create(job_state("old"))
    turn(copier.fake, "old", JobStatus.COMPLETE)
    load(copier.fake, asked("job-1", "a"), now="2026-11-22T00:00:00.000Z")
    assert COMPLETED < "2026-11-22"
    assert copier.track(body(completed("a"))).counts["UnchangedEvents"] == 1
    assert copier.sent() == []


def test_a_record_that_moves_on_while_its_event_is_applied_is_copied_by_its_new_job() -> None:
    copier = _copier(record("a", job_id="old"), copies=True)
    moves = [lambda: _give_to_job_1(copier.fake)]

    def on_call(call: Call) -> None:
        if call.operation == "TransactWriteItems" and moves:
            moves.pop()()

    copier.fake.on_call = on_call
    copier.track(body(completed("a")))
    assert copier.sent() == [_message("a")]


def _give_to_job_1(fake: FakeDynamoDB) -> None:
    states(fake).create(job_state("old", status=JobStatus.CANCELLED))
    load(fake, asked("job-1", "a"), now="2026-11-21T00:00:00.000Z")


def test_a_message_that_could_not_be_handed_over_is_tried_again_and_no_other() -> None:
    copier = _copier(record("a"), record("b"))
    copier.sqs.refuses = lambda text: '"key":"a"' in text
    tracked = copier.track(body(completed("a")), body(completed("b")), body(requested("a")))
    assert tracked.failed.keys() == {"0", "2"}
    assert tracked.failed["0"] == "Not handed to the copier: InternalError try again"
    assert tracked.counts[COPY_MESSAGES] == 1
    copier.sqs.refuses = lambda _: False
    copier.sqs.sent.clear()
    assert copier.track(body(completed("a")), body(requested("a"))).failed == {}
    assert copier.sent() == [_message("a")]


def test_a_job_that_cannot_be_read_fails_its_messages_and_no_others() -> None:
    copier = _copier(record("a"), record("b"))
    copier.fake.on_call = _throttled("GetItem")
    tracked = copier.track(
        body(completed("a")), body(completed("b")), body(requested("b")), body(copied("x"))
    )
    assert tracked.failed.keys() == {"0", "1", "2"}
    assert "ThrottlingException" in tracked.failed["0"]
    assert copier.fake.count("GetItem") == 1, "once for both"
    assert copier.sent() == []


def test_events_that_could_not_be_applied_hand_nothing_over() -> None:
    copier = _copier(record("a"))
    copier.fake.on_call = _throttled("TransactWriteItems")
    assert copier.track(body(completed("a"))).failed.keys() == {"0"}
    assert copier.sent() == []


def test_a_batch_without_restored_objects_costs_nothing_more() -> None:
    copier = _copier(record("a"), record("b"))
    copier.track(body(requested("a"), copied("b")))
    assert (copier.fake.count("GetItem"), copier.sqs.batches) == (0, 0)


def test_without_a_copier_nothing_is_read_sent_or_counted() -> None:
    fake = tables([record("a")])
    tracked = track([Message("m", body(completed("a")))], (), writer(fake))
    assert COPY_MESSAGES not in tracked.counts
    assert [call.operation for call in fake.calls] == ["BatchGetItem", "TransactWriteItems"]
