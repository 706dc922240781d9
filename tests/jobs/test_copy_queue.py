"""Copy messages go ten a request; what is not taken is told, each for itself."""

import json

import pytest

from tests.fakes.sqs import FakeSQS
from tests.store.tables import record
from thaw.core.copy_messages import CopyMessage
from thaw.jobs.copy_queue import CopyQueue, CopyQueueError, message_of

URL = "https://sqs.eu-north-1.amazonaws.com/123456789012/thaw-copies"


def _messages(count: int) -> list[CopyMessage]:
    return [message_of(record(f"{number}.csv", "v1")) for number in range(count)]


def _sent(sqs: FakeSQS) -> list[CopyMessage]:
    assert {message["QueueUrl"] for message in sqs.sent} <= {URL}
    return [CopyMessage.from_json(message["MessageBody"]) for message in sqs.sent]


def test_a_message_tells_of_its_record() -> None:
    assert message_of(record("a", "v1")) == CopyMessage("job-1", "archive", "a", "v1", 1000)


@pytest.mark.parametrize(("count", "batches"), [(0, 0), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_ten_messages_are_one_request(count: int, batches: int) -> None:
    sqs = FakeSQS()
    assert CopyQueue(sqs.client, URL).send(iter(_messages(count))) == {}
    assert (_sent(sqs), sqs.batches) == (_messages(count), batches)


def test_what_the_queue_did_not_take_is_told_and_the_rest_is_sent() -> None:
    sqs = FakeSQS()
    sqs.refuses = lambda body: json.loads(body)["key"] in ("3.csv", "12.csv")
    messages = _messages(15)
    assert CopyQueue(sqs.client, URL).send(messages) == {
        messages[3]: "InternalError try again",
        messages[12]: "InternalError try again",
    }
    assert len(sqs.sent) == 13


def test_a_request_that_fails_concerns_all_its_messages() -> None:
    sqs = FakeSQS()
    sqs.broken = True
    refused = CopyQueue(sqs.client, URL).send(_messages(2))
    assert refused.keys() == set(_messages(2))
    assert all(reason.startswith("ClientError: An error occurred (Service") for reason in refused.values())


def test_all_or_an_error_that_names_the_object() -> None:
    sqs = FakeSQS()
    queue = CopyQueue(sqs.client, URL)
    queue.send_all(_messages(3))
    assert len(sqs.sent) == 3
    sqs.refuses = lambda body: "2.csv" in body
    with pytest.raises(CopyQueueError, match=r"did not take archive/2\.csv: InternalError try again"):
        queue.send_all(_messages(3))
