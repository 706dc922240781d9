"""The copy_large function: one step of the copy of an object too large for one function's time.

The state machine `copy-large` calls it with the actions begin, parts (for each group of them), complete,
and abort, with its whole state, when one of these failed.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.copy_large.documents import group_of, message_in, to_document, upload_of
from lambdas.copying import Parts, parts
from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import seconds_left
from thaw.copying.large import Ended, LargeCopy
from thaw.copying.outcomes import Copied, Failed, Left, Outcome

SPARE_SECONDS = 60.0
"""Of the function's time: no part begins so late."""


@dataclass(frozen=True)
class CopyLarge:
    """The function with all it needs, so that tests can give it other clients."""

    parts: Parts
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Does the step that `event` names."""
        self.logger.set_correlation_id(context.aws_request_id)
        made = self.parts
        copy = LargeCopy(made.tasks, made.preparer, made.recorder, seconds_left(context, SPARE_SECONDS))
        steps: Mapping[str, Callable[[LargeCopy, Mapping[str, Any]], dict[str, Any]]] = {
            "begin": self._begin,
            "parts": self._parts,
            "complete": self._complete,
            "abort": self._abort,
        }
        return steps[event["action"]](copy, event)

    def _begin(self, copy: LargeCopy, event: Mapping[str, Any]) -> dict[str, Any]:
        message = message_in(event)
        begun = copy.begin(message)
        if isinstance(begun, Ended):
            self._publish(begun)
            return {"done": True, "upload": None, "groups": []}
        groups = [group._asdict() for group in begun.groups]
        return {"done": False, "upload": to_document(message, begun.upload), "groups": groups}

    def _parts(self, copy: LargeCopy, event: Mapping[str, Any]) -> dict[str, Any]:
        return {"copied": copy.parts(upload_of(event["upload"]), group_of(event["group"]))}

    def _complete(self, copy: LargeCopy, event: Mapping[str, Any]) -> dict[str, Any]:
        self._publish(copy.complete(message_in(event["upload"]["message"]), upload_of(event["upload"])))
        return {"done": True}

    def _abort(self, copy: LargeCopy, event: Mapping[str, Any]) -> dict[str, Any]:
        state = event["state"]
        document = state.get("begun", {}).get("upload")
        upload = upload_of(document) if document else None
        self._publish(copy.abort(message_in(state), upload, state["error"]))
        return {"done": True}

    def _publish(self, ended: Ended) -> None:
        outcome = ended.outcome
        copied = outcome if isinstance(outcome, Copied) else None
        counts = {
            "CopiedObjects": int(copied is not None),
            "CopiedBytes": copied.work.size_bytes if copied and not copied.again else 0,
            "FailedCopies": int(isinstance(outcome, Failed)),
            "LeftCopies": int(isinstance(outcome, Left)),
            "UndeletedSources": int(ended.undeleted is not None),
        }
        publish(self.metrics, counts)
        if ended.undeleted is not None:
            self.logger.error("Source not deleted", reason=str(ended.undeleted))
        self.logger.info("Copied", counts=counts, outcome=_said(outcome))


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, Failed):
        return f"{outcome.error_code}: {outcome.error_message}"
    return outcome.reason if isinstance(outcome, Left) else type(outcome).__name__


@cache
def copy_large() -> CopyLarge:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    return CopyLarge(parts(JobSettings.from_environment(os.environ)), Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: a step in, what the state machine needs for the next out."""
    return copy_large().handle(event, context)
