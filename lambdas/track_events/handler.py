"""The track_events function: applies a batch of S3 events from the queue, answering each message.

A message that can never be applied goes to the dead-letter queue at once, with its reason; one that
cannot be applied now is returned for another try, and its last try takes it there too.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import os
import time
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,  # pyright: ignore[reportUnknownVariableType] - its handler has no return type
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas.metrics import publish
from lambdas.tools import record_writer
from lambdas.track_events.copies import Copies
from lambdas.track_events.settings import Settings
from lambdas.track_events.tracker import Message, Tracked, track
from thaw.core.errors import ThawError
from thaw.jobs.copy_queue import CopyQueue
from thaw.store.job_states import JobStates
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

MAX_REASON = 1000
"""Characters of a reason in a message attribute, which counts towards the size of the message."""

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=3,
    read_timeout=10,
    parameter_validation=False,
)
"""Our requests are checked by their types; that botocore checks them again takes a third of the work."""


class NotAppliedError(ThawError):
    """A message's events could not all be applied this time."""


@dataclass(frozen=True)
class TrackEvents:
    """The function with all it needs, so that tests can give it other clients."""

    settings: Settings
    writer: RecordWriter
    sqs: "SQSClient"
    logger: Logger
    metrics: Metrics
    copies: Copies | None = None

    def handle(self, event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Applies the batch in `event` (an SQS event) and names the messages to be tried again."""
        self.logger.set_correlation_id(context.aws_request_id)
        messages = [Message(record.message_id, record.body) for record in SQSEvent(event).records]
        tracked = track(messages, self.settings.copy_rules, self.writer, self.copies)
        response = process_partial_response(
            event=event,
            record_handler=partial(self._settle, tracked),
            processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        )
        self._publish(tracked, len(response["batchItemFailures"]))
        return response

    def _settle(self, tracked: Tracked, record: SQSRecord) -> None:
        """Takes a poison message out of the queue; raises NotAppliedError for one to be tried again."""
        poison, failed = tracked.poison.get(record.message_id), tracked.failed.get(record.message_id)
        receives = int(record.attributes.approximate_receive_count)
        if failed and receives < self.settings.max_receive_count:
            self.logger.warning("Will be tried again", message_id=record.message_id, reason=failed)
            raise NotAppliedError(failed)
        reason = " ".join(filter(None, (poison, failed)))
        if reason:
            self.logger.error("Sent to the dead-letter queue", message_id=record.message_id, reason=reason)
            self._bury(record, reason)

    def _bury(self, record: SQSRecord, reason: str) -> None:
        printable = "".join(character if character.isprintable() else " " for character in reason)
        self.sqs.send_message(
            QueueUrl=self.settings.dead_letter_queue_url,
            MessageBody=record.body,
            MessageAttributes={
                "Reason": {"DataType": "String", "StringValue": printable[:MAX_REASON]},
                "MessageId": {"DataType": "String", "StringValue": record.message_id},
            },
        )

    def _publish(self, tracked: Tracked, retried: int) -> None:
        counts = {**tracked.counts, "PoisonMessages": len(tracked.poison), "RetriedMessages": retried}
        publish(self.metrics, counts)
        self.logger.info("Tracked", counts=counts)


@cache
def track_events() -> TrackEvents:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = Settings.from_environment(os.environ)
    dynamodb, sqs = boto3.client("dynamodb", config=CLIENT_CONFIG), boto3.client("sqs", config=CLIENT_CONFIG)
    writer = record_writer(dynamodb, settings.objects_table, settings.rollups_table, settings.rollup_slots)
    copies = _copies(settings, dynamodb, sqs)
    return TrackEvents(settings, writer, sqs, Logger(), Metrics(), copies)


def _copies(settings: Settings, dynamodb: "DynamoDBClient", sqs: "SQSClient") -> Copies | None:
    if not settings.jobs_table or not settings.copy_queue_url:
        return None
    states = JobStates(dynamodb, settings.jobs_table)
    return Copies(states, CopyQueue(sqs, settings.copy_queue_url), clock=time.monotonic)


def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event in, the messages to be tried again out."""
    return track_events().handle(event, context)
