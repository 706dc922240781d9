"""Why an execution of `copy-large` failed, out of what Step Functions tells of it.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from thaw.copying.making import NOT_READABLE, outcome_of
from thaw.copying.outcomes import Again, Failed, Left, Outcome

PARTS_FAILED = "States.ExceedToleratedFailureThreshold"
"""What a distributed Map fails with, whatever its items failed with."""

_CODE = re.compile(r"An error occurred \(([\w.]+)\)").search


def failure_of(error: Mapping[str, str], why: Exception | None, now: str) -> Outcome:
    """What becomes of the object. `error` has `Error` and `Cause`; `why` is what S3 said, if it was asked."""
    if why is not None:
        outcome = outcome_of(why, now)
        return outcome.failed(now) if isinstance(outcome, Again) else outcome
    text = _message(error)
    named = _CODE(text)
    code = named[1] if named else error.get("Error", "") or "CopyFailed"
    if code in NOT_READABLE:
        return Left("the object is not readable any more: its next restore brings it again")
    return Failed(now, code, text)


def _message(error: Mapping[str, str]) -> str:
    """What a function said, out of the JSON that Step Functions makes the cause."""
    cause = error.get("Cause", "")
    try:
        document: Any = json.loads(cause)
        return str(document["errorMessage"])
    except (ValueError, TypeError, KeyError):
        return cause
