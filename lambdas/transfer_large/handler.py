"""The transfer_large function: one step of the transfer of an archive too large for one function's time.

The state machine `transfer-large` calls it with the actions begin, parts (for each group of them), complete,
and abort, with its whole state, when one of these failed.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.metrics import publish
from lambdas.tools import seconds_left
from lambdas.transferring import Clients, Made, make, real_clients
from lambdas.vault_settings import VaultSettings
from thaw.copying.outcomes import Again, Failed
from thaw.core.archive_parts import Group
from thaw.core.archives import Pointer
from thaw.vaults.large import Begun, LargeTransfer
from thaw.vaults.outcomes import Outcome, Transferred

SPARE_SECONDS = 180.0
"""Of the function's time: no part begins so late. The largest, of 4 GiB, takes most of it."""


@dataclass(frozen=True)
class TransferLarge:
    """The function with all it needs, so that tests can give it other clients."""

    made: Made
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Does the step that `event` names."""
        self.logger.set_correlation_id(context.aws_request_id)
        made, left = self.made, seconds_left(context, SPARE_SECONDS)
        transfer = LargeTransfer(made.tasks, made.judge, made.archives, made.recorder, left)
        steps: Mapping[str, Callable[[LargeTransfer, Mapping[str, Any]], dict[str, Any]]] = {
            "begin": self._begin,
            "parts": self._parts,
            "complete": self._complete,
            "abort": self._abort,
        }
        return steps[event["action"]](transfer, event)

    def _begin(self, transfer: LargeTransfer, event: Mapping[str, Any]) -> dict[str, Any]:
        begun = transfer.begin(_pointer(event))
        if isinstance(begun, Begun):
            groups = [group._asdict() for group in begun.groups]
            return {"done": False, "upload_id": begun.upload_id, "groups": groups}
        self._publish(begun)
        return {"done": True, "upload_id": "", "groups": []}

    def _parts(self, transfer: LargeTransfer, event: Mapping[str, Any]) -> dict[str, Any]:
        group = Group(event["group"]["first"], event["group"]["last"])
        return {"transferred": transfer.parts(_pointer(event), event["upload_id"], group)}

    def _complete(self, transfer: LargeTransfer, event: Mapping[str, Any]) -> dict[str, Any]:
        self._publish(transfer.complete(_pointer(event), event["upload_id"]))
        return {"done": True}

    def _abort(self, transfer: LargeTransfer, event: Mapping[str, Any]) -> dict[str, Any]:
        state = event["state"]
        self._publish(transfer.abort(_pointer(state), state["error"]))
        return {"done": True}

    def _publish(self, outcome: Outcome) -> None:
        transferred = outcome if isinstance(outcome, Transferred) else None
        counts = {
            "TransferredArchives": int(transferred is not None),
            "TransferredBytes": transferred.shipment.archive.size_bytes if transferred else 0,
            "FailedArchives": int(isinstance(outcome, Failed)),
        }
        publish(self.metrics, counts)
        self.logger.info("Transferred", counts=counts, outcome=_said(outcome))


def _pointer(event: Mapping[str, Any]) -> Pointer:
    return Pointer(event["job_id"], event["part"], event["line"])


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, Failed | Again):
        return f"{outcome.error_code}: {outcome.error_message}"
    return outcome.shipment.landing.uri if isinstance(outcome, Transferred) else outcome.reason


@cache
def transfer_large() -> TransferLarge:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    return make_function(VaultSettings.from_environment(os.environ), real_clients())


def make_function(settings: VaultSettings, clients: Clients, **how: Any) -> TransferLarge:
    """The function of the stack that `settings` tell of; `how` as `make` takes it."""
    return TransferLarge(make(settings, clients, **how), Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: a step in, what the state machine needs for the next out."""
    return transfer_large().handle(event, context)
