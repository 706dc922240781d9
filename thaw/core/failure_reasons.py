"""Why a workflow failed, in a sentence, out of the error that Step Functions hands on."""

import json
from collections.abc import Mapping
from typing import Any

from thaw.core.redaction import redacted

MAX_REASON = 1000
"""Characters: a reason stands in the job's state, in events and in answers."""


_OF_AN_ITEM = "States.ExceedToleratedFailureThreshold"
"""Of a distributed Map one of whose items failed; why, only that item's execution says."""


def reason_of(error: Mapping[str, Any]) -> str:
    """A sentence for `{"Error", "Cause"}`; the cause of a function's error is JSON with its message, of which
    nothing else is told.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    name, cause = str(error.get("Error", "")), str(error.get("Cause", ""))
    if name == _OF_AN_ITEM:
        return "A part of the job failed for good; the failed items of its Map in Step Functions say why."
    text = _message(cause) or ": ".join(filter(None, (name, cause)))
    return redacted(text or "The workflow failed and does not say why.")[:MAX_REASON]


def _message(cause: str) -> str:
    try:
        document: object = json.loads(cause)
    except ValueError:
        return ""
    if not isinstance(document, Mapping):
        return ""
    return str(document.get("errorMessage", ""))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
