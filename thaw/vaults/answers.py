"""What Glacier's answers to requests for archives mean."""

from enum import Enum
from typing import NamedTuple

from botocore.exceptions import ClientError

from thaw.core.events import MAX_ERROR_TEXT
from thaw.store.error_codes import error_code

_SERVER_ERRORS = 500

_THROTTLED = frozenset(
    {"ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"}
)
_TIMED_OUT = frozenset({"RequestTimeoutException", "RequestTimeout"})

_HOLDING = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InsufficientCapacityException",
        "LimitExceededException",
        "NoLongerSupportedException",
        "PolicyEnforcedException",
        "UnrecognizedClientException",
    }
)
"""About no archive but all: the account's retrieval policy, its rights, no capacity for Expedited.
https://docs.aws.amazon.com/amazonglacier/latest/dev/api-error-responses.html"""


class Kind(Enum):
    """What Glacier's answer means for what is asked next."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"
    """Asked too fast, however slowly it is: later."""
    HELD = "held"
    """Nothing is taken for now, whatever archive it is."""
    UNANSWERED = "unanswered"
    """No answer, or that of a server in trouble."""
    GONE = "gone"
    """There is no such archive in the vault."""
    REFUSED = "refused"
    """For this archive, with a code."""
    UNSENT = "unsent"
    """Not asked for, because those before were throttled, held or unanswered."""


class Answer(NamedTuple):
    """`at` is when Glacier took the request, fixed-width ISO-8601; else `code` and `message` say why not."""

    kind: Kind
    at: str = ""
    code: str = ""
    message: str = ""


def problem(error: Exception) -> Answer:
    """The answer that an error of the client is."""
    if not isinstance(error, ClientError):
        return Answer(Kind.UNANSWERED, code=type(error).__name__, message=str(error)[:MAX_ERROR_TEXT])
    message = error.response.get("Error", {}).get("Message", "")[:MAX_ERROR_TEXT]
    return Answer(_kind(error, message), code=error_code(error), message=message)


def _kind(error: ClientError, message: str) -> Kind:
    code = error_code(error)
    if code in _THROTTLED:
        return Kind.THROTTLED
    if code == "ResourceNotFoundException":
        return Kind.HELD if message.lower().startswith("vault not found") else Kind.GONE
    if code in _HOLDING:
        return Kind.HELD
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Kind.UNANSWERED if status >= _SERVER_ERRORS or code in _TIMED_OUT else Kind.REFUSED
