"""The transfer_archives function: what Glacier has staged, or failed to, becomes objects and records.

A message that could not be served now is returned for another try; its last try makes its archive FAILED.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.metrics import publish
from lambdas.tools import seconds_left
from lambdas.transferring import Clients, make, real_clients
from lambdas.vault_settings import VaultSettings
from thaw.copying.making import SERVICE_ERRORS, code_of
from thaw.copying.outcomes import Again, Failed, Left
from thaw.copying.tasks import Delivery
from thaw.queues import send_later
from thaw.store.vault_states import VaultStates
from thaw.vaults.handing_over import HandingOver
from thaw.vaults.inventory_waits import wake
from thaw.vaults.outcomes import Noted, Outcome, Refused, Transferred, Waiting
from thaw.vaults.transferring import Batch, Transferrer

WAIT_SECONDS = 900
"""Until a message is delivered that waits for something that nobody can tell the end of: SQS's longest."""

_METRICS: Mapping[type[Outcome], str] = {
    Transferred: "TransferredArchives",
    Failed: "FailedArchives",
    Refused: "FailedArchives",
    Noted: "NotedArchives",
    Left: "LeftArchives",
    Again: "RetriedArchives",
    Waiting: "RetriedArchives",
}


@dataclass(frozen=True)
class TransferArchives:
    """The function with all it needs, so that tests can give it other clients."""

    transferrer: Transferrer
    vaults: VaultStates
    clients: Clients
    logger: Logger
    metrics: Metrics

    def handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Transfers the batch in `event` (an SQS event) and names the messages to be delivered again."""
        self.logger.set_correlation_id(context.aws_request_id)
        deliveries = [
            Delivery(record.message_id, record.body, int(record.attributes.approximate_receive_count))
            for record in SQSEvent(event).records
        ]
        batch = self.transferrer.transfer(deliveries, seconds_left(context))
        outcomes = {**batch.outcomes, **self._wake(batch)}
        self._log(outcomes)
        self._publish(outcomes)
        again = [name for name, outcome in outcomes.items() if isinstance(outcome, Again)]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}

    def _wake(self, batch: Batch) -> dict[str, Outcome]:
        woken: dict[str, Outcome] = {}
        for name, job_id in batch.inventories.items():
            try:
                waited = wake(self.vaults, self.clients.stepfunctions, job_id)
                woken[name] = Left(f"the inventory for {job_id} is there; somebody waited: {waited}")
            except SERVICE_ERRORS as exc:
                woken[name] = Again(code_of(exc), str(exc))
        return woken

    def _log(self, outcomes: Mapping[str, Outcome]) -> None:
        for name, outcome in outcomes.items():
            if isinstance(outcome, Failed | Again):
                reason = f"{outcome.error_code}: {outcome.error_message}"
                final = isinstance(outcome, Failed)
                self.logger.warning("Not transferred", message_id=name, reason=reason, final=final)
            elif isinstance(outcome, Left | Noted):
                self.logger.info("Left", message_id=name, reason=outcome.reason)

    def _publish(self, outcomes: Mapping[str, Outcome]) -> None:
        counts = Counter(dict.fromkeys(_METRICS.values(), 0))
        counts.update(_METRICS[type(outcome)] for outcome in outcomes.values())
        sizes = [o.shipment.archive.size_bytes for o in outcomes.values() if isinstance(o, Transferred)]
        counts["TransferredBytes"] = sum(sizes)
        publish(self.metrics, counts)
        self.logger.info("Transferred", counts=counts)


@cache
def transfer_archives() -> TransferArchives:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    return make_function(VaultSettings.from_environment(os.environ), real_clients())


def make_function(settings: VaultSettings, clients: Clients, **how: Any) -> TransferArchives:
    """The function of the stack that `settings` tell of; `how` as `make` takes it."""
    made = make(settings, clients, **how)
    handing_over = HandingOver(clients.stepfunctions, settings.transfer_large_machine_arn)
    transferrer = Transferrer(
        made.tasks,
        made.judge,
        made.archives,
        made.recorder,
        handing_over,
        settings.max_receive_count,
        lambda body: send_later(clients.sqs(), settings.queue_url, body, WAIT_SECONDS),
    )
    return TransferArchives(transferrer, made.vaults, clients, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: an SQS event in, the messages to be delivered again out."""
    return transfer_archives().handle(event, context)
