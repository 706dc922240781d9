"""The copy_objects function: copies the restored objects that a batch of the copies queue names.

A message that could not be served now is returned for another try; its last try makes its object FAILED,
with S3's error code. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.copying import CLIENT_CONFIG, parts
from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import seconds_left
from thaw.copying.batch import Batch, Copier
from thaw.copying.handing_over import HandingOver
from thaw.copying.outcomes import Again, Copied, Failed, Left, Outcome
from thaw.copying.tasks import Delivery

_METRICS: Mapping[type[Outcome], str] = {
    Copied: "CopiedObjects",
    Failed: "FailedCopies",
    Left: "LeftCopies",
    Again: "RetriedCopies",
}


@dataclass(frozen=True)
class CopyObjects:
    """The function with all it needs, so that tests can give it other clients."""

    copier: Copier
    logger: Logger
    metrics: Metrics

    def handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Copies the batch in `event` (an SQS event) and names the messages to be delivered again."""
        self.logger.set_correlation_id(context.aws_request_id)
        deliveries = [
            Delivery(record.message_id, record.body, int(record.attributes.approximate_receive_count))
            for record in SQSEvent(event).records
        ]
        batch = self.copier.copy(deliveries, seconds_left(context))
        self._log(batch)
        self._publish(batch)
        again = [name for name, outcome in batch.outcomes.items() if isinstance(outcome, Again)]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}

    def _log(self, batch: Batch) -> None:
        for name, outcome in batch.outcomes.items():
            if isinstance(outcome, Failed | Again):
                reason = f"{outcome.error_code}: {outcome.error_message}"
                self.logger.warning("Not copied", message_id=name, reason=reason, final=_is_final(outcome))
            elif isinstance(outcome, Left):
                self.logger.info("Left", message_id=name, reason=outcome.reason)
        for name, error in batch.deletions.items():
            if error is not None:
                self.logger.error("Source not deleted", message_id=name, reason=str(error))

    def _publish(self, batch: Batch) -> None:
        counts = Counter(dict.fromkeys(_METRICS.values(), 0))
        counts.update(_METRICS[type(outcome)] for outcome in batch.outcomes.values())
        copied = [one for one in batch.outcomes.values() if isinstance(one, Copied) and not one.again]
        counts["CopiedBytes"] = sum(one.work.size_bytes for one in copied)
        counts["UndeletedSources"] = sum(error is not None for error in batch.deletions.values())
        publish(self.metrics, counts)
        self.logger.info("Copied", counts=counts)


def _is_final(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed)


@cache
def copy_objects() -> CopyObjects:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = JobSettings.from_environment(os.environ)
    made = parts(settings)
    handing_over = HandingOver(
        cache(lambda: boto3.client("stepfunctions", config=CLIENT_CONFIG)), settings.copy_large_machine_arn
    )
    copier = Copier(made.tasks, made.preparer, made.recorder, handing_over, settings.copy_max_receive_count)
    return CopyObjects(copier, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: an SQS event in, the messages to be delivered again out."""
    return copy_objects().handle(event, context)
