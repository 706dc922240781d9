"""The function answers an SQS batch: done, to be tried again, or buried with its reason."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.environment import SettingsError
from lambdas.track_events import handler as module
from lambdas.track_events.copies import Copies
from lambdas.track_events.handler import MAX_REASON, TrackEvents
from lambdas.track_events.settings import Settings
from tests.fakes.dynamodb import Call, FakeDynamoDB, Fault, client_error
from tests.fakes.sqs import FakeSQS
from tests.lambdas.environment import REGION, set_variables
from tests.lambdas.messages import body, completed, requested, sample, sqs_event
from tests.lambdas.track_events.test_settings import COPIER, ENVIRONMENT
from tests.store.loads import job_state, states
from tests.store.tables import REQUEST, assert_exact, history_of, record, tables, writer
from thaw.core.copy_messages import CopyMessage
from thaw.jobs.copy_queue import CopyQueue

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = Settings.from_environment(ENVIRONMENT)
CONTEXT = cast("LambdaContext", SimpleNamespace(aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef"))
POISON = "not JSON"


@dataclass
class Deployed:
    """The function on tables and a dead-letter queue in memory."""

    fake: FakeDynamoDB
    dead: FakeSQS = field(default_factory=FakeSQS)
    log: io.StringIO = field(default_factory=io.StringIO)
    copies: Copies | None = None

    def invoke(self, bodies: dict[str, str], receive_count: int = 1) -> list[str]:
        """The ids of the messages to be tried again."""
        function = TrackEvents(
            SETTINGS,
            writer(self.fake),
            self.dead.client,
            Logger(service=f"track_events {id(self)}", stream=self.log),  # loggers of one name share a stream
            Metrics(namespace="Thaw", service="track_events"),
            self.copies,
        )
        response = function.handle(sqs_event(bodies, receive_count), CONTEXT)
        assert response.keys() == {"batchItemFailures"}
        assert all(failure.keys() == {"itemIdentifier"} for failure in response["batchItemFailures"])
        assert_exact(self.fake)
        return [str(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]

    def buried(self) -> dict[str, str]:
        """Message id -> reason, of what is in the dead-letter queue."""
        return {
            message["MessageAttributes"]["MessageId"]["StringValue"]: message["MessageAttributes"]["Reason"][
                "StringValue"
            ]
            for message in self.dead.sent
        }


def _throttled(operation: str = "BatchGetItem") -> Callable[[Call], Fault | None]:
    error = client_error(operation, "ThrottlingException")
    return lambda call: Fault(before=error) if call.operation == operation else None


@pytest.fixture
def deployed() -> Deployed:
    return Deployed(tables([record("a"), record("b")]))


def test_a_good_batch_leaves_nothing_to_try_again(deployed: Deployed) -> None:
    assert (
        deployed.invoke({"1": body(requested("a")), "2": body(requested("b")), "3": sample("s3-test-event")})
        == []
    )
    assert history_of(deployed.fake, "a") == history_of(deployed.fake, "b") == REQUEST
    assert deployed.dead.sent == []


def test_poison_is_buried_at_once_with_its_reason_and_its_good_events_applied(deployed: Deployed) -> None:
    poison = body(requested("a"), beside=[{}])
    assert deployed.invoke({"bad": poison, "good": body(requested("b"))}) == []
    assert history_of(deployed.fake, "a") == history_of(deployed.fake, "b") == REQUEST
    (message,) = deployed.dead.sent
    assert message["QueueUrl"] == SETTINGS.dead_letter_queue_url
    assert message["MessageBody"] == poison, "so that it can be sent to the queue again"
    assert deployed.buried().keys() == {"bad"}
    assert deployed.buried()["bad"].startswith("Record 2 of 2: The event ")


def test_messages_that_cannot_be_applied_now_are_named_alone(deployed: Deployed) -> None:
    error = client_error("TransactWriteItems", "ThrottlingException")
    deployed.fake.on_call = lambda call: (
        Fault(before=error) if "archive/a" in str(call.request.get("TransactItems")) else None
    )
    deployed.fake.tables["objects"].update(tables(record(f"{n}") for n in range(98)).tables["objects"])
    bodies = {str(n): body(requested(str(n))) for n in range(98)} | {"a": body(requested("a"))}
    failed = deployed.invoke(bodies)
    assert "a" in failed
    assert len(failed) == 1, "the others went in a transaction of their own"
    assert deployed.dead.sent == []


def test_a_batch_of_which_nothing_can_be_applied_is_returned_whole(deployed: Deployed) -> None:
    deployed.fake.on_call = _throttled()
    assert deployed.invoke({"1": body(requested("a")), "2": body(requested("b"))}) == ["1", "2"]
    assert deployed.dead.sent == []


def test_a_message_on_its_last_receive_is_buried_with_its_reason(deployed: Deployed) -> None:
    deployed.fake.on_call = _throttled()
    last = SETTINGS.max_receive_count
    assert deployed.invoke({"m": body(requested("a"))}, receive_count=last - 1) == ["m"]
    assert deployed.dead.sent == []
    assert deployed.invoke({"m": body(requested("a"))}, receive_count=last) == []
    assert deployed.buried()["m"].startswith("ClientError: An error occurred (ThrottlingException)")


def test_poison_that_also_failed_is_tried_again_before_it_is_buried_with_both_reasons(
    deployed: Deployed,
) -> None:
    deployed.fake.on_call = _throttled()
    poison = {"m": body(requested("a"), beside=[{}])}
    assert deployed.invoke(poison) == ["m"]
    assert deployed.invoke(poison, receive_count=SETTINGS.max_receive_count) == []
    assert deployed.buried()["m"].startswith("Record 2 of 2: ")
    assert "ThrottlingException" in deployed.buried()["m"]


def test_poison_that_cannot_be_buried_stays_in_the_queue(deployed: Deployed) -> None:
    deployed.dead.broken = True
    assert deployed.invoke({"bad": POISON, "good": body(requested("a"))}) == ["bad"]
    assert history_of(deployed.fake, "a") == REQUEST


def test_a_reason_of_any_text_can_be_sent(deployed: Deployed) -> None:
    error = client_error("BatchGetItem", "ValidationException", "\x00\ud800\uffff\n" + "k" * 2000)
    deployed.fake.on_call = lambda _: Fault(before=error)
    last = SETTINGS.max_receive_count
    assert deployed.invoke({"bad": body(requested("a"))}, receive_count=last) == []
    reason = deployed.buried()["bad"]
    assert len(reason) == MAX_REASON
    assert reason.isprintable()


def test_the_reason_is_logged_with_the_message_and_the_request(deployed: Deployed) -> None:
    deployed.fake.on_call = _throttled()
    deployed.invoke({"bad": POISON, "late": body(requested("a"))})
    lines = {line["message"]: line for line in map(json.loads, deployed.log.getvalue().splitlines())}
    buried, retried = lines["Sent to the dead-letter queue"], lines["Will be tried again"]
    assert (buried["level"], buried["message_id"]) == ("ERROR", "bad")
    assert buried["reason"].startswith("A message that is not JSON")
    assert (retried["level"], retried["message_id"]) == ("WARNING", "late")
    assert "ThrottlingException" in retried["reason"]
    assert {line["correlation_id"] for line in lines.values()} == {CONTEXT.aws_request_id}


def test_metrics_are_one_line_that_cloudwatch_reads(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    bodies = {
        "1": body(requested("a"), requested("x")),
        "2": body(requested("a")),
        "3": sample("s3-created-put"),
        "bad": POISON,
    }
    deployed.invoke(bodies)
    deployed.invoke(bodies)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    names = {
        *("AppliedEvents", "UnchangedEvents", "UntrackedEvents", "IgnoredEvents"),
        *("PoisonMessages", "RetriedMessages"),
    }
    (directive,) = first["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Thaw", [["service"]])
    assert first["service"] == "track_events"
    assert {(metric["Name"], metric["Unit"]) for metric in directive["Metrics"]} == {
        (n, "Count") for n in names
    }
    assert _counts(first, names) == _expected(AppliedEvents=2)
    assert _counts(second, names) == _expected(UnchangedEvents=2)


def _expected(**events: int) -> dict[str, int]:
    counts = {"AppliedEvents": 0, "UnchangedEvents": 0, "UntrackedEvents": 1, "IgnoredEvents": 1}
    return {**counts, "PoisonMessages": 1, "RetriedMessages": 0, **events}


def _counts(line: dict[str, Any], names: set[str]) -> dict[str, float]:
    return {name: line[name][0] for name in names}


def test_retried_messages_are_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.fake.on_call = _throttled()
    deployed.invoke({"1": body(requested("a")), "2": body(completed("b"))})
    assert json.loads(capsys.readouterr().out)["RetriedMessages"] == [2]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    set_variables(monkeypatch, ENVIRONMENT)
    module.track_events.cache_clear()
    yield monkeypatch
    module.track_events.cache_clear()


def test_the_function_is_made_once_from_its_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POWERTOOLS_SERVICE_NAME", "track_events")
    environment.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    function = module.track_events()
    assert function.settings == SETTINGS
    assert function.sqs.meta.region_name == REGION
    assert module.track_events() is function


def test_only_a_stack_that_starts_jobs_hands_over_to_the_copier(environment: pytest.MonkeyPatch) -> None:
    assert module.track_events().copies is None
    for names in ({"JOBS_TABLE"}, {"COPY_QUEUE_URL"}, set(COPIER)):
        module.track_events.cache_clear()
        for name in COPIER:
            environment.setenv(name, COPIER[name] if name in names else "")
        assert (module.track_events().copies is not None) == (names == set(COPIER))


def test_a_message_whose_object_could_not_be_handed_over_is_tried_again(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    states(deployed.fake).create(job_state("job-1", copies=True))
    queue = FakeSQS()
    deployed.copies = Copies(states(deployed.fake), CopyQueue(queue.client, "https://copies"), lambda: 0)
    queue.refuses = lambda text: '"key":"a"' in text
    assert deployed.invoke({"1": body(completed("a")), "2": body(completed("b"))}) == ["1"]
    queue.refuses = lambda _: False
    assert deployed.invoke({"1": body(completed("a"))}) == []
    keys = [CopyMessage.from_json(message["MessageBody"]).key for message in queue.sent]
    assert keys == ["b", "a"]
    counted = [json.loads(line)["CopyMessages"] for line in capsys.readouterr().out.splitlines()]
    assert counted == [[1], [1]]


def test_a_wrong_environment_is_told_at_the_first_event(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("OBJECTS_TABLE")
    with pytest.raises(SettingsError, match="Environment variable OBJECTS_TABLE is not set"):
        module.handler(sqs_event({}), CONTEXT)
