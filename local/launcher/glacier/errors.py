"""How Glacier refuses: https://docs.aws.amazon.com/amazonglacier/latest/dev/api-error-responses.html"""

_STATUSES = {
    "AccessDeniedException": 403,
    "InsufficientCapacityException": 503,
    "RequestTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 500,
}
_OF_THE_SERVER = frozenset({"InsufficientCapacityException", "ServiceUnavailableException"})


class GlacierError(Exception):
    """A request that Glacier refuses; codes without a status of their own are 400 Bad Request."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUSES.get(self.code, 400)

    @property
    def document(self) -> dict[str, str]:
        """The body of the answer."""
        kind = "Server" if self.code in _OF_THE_SERVER else "Client"
        return {"code": self.code, "message": str(self), "type": kind}


def invalid(message: str) -> GlacierError:
    """A parameter that Glacier does not accept."""
    return GlacierError("InvalidParameterValueException", message)


def missing(message: str) -> GlacierError:
    """A parameter that Glacier wants."""
    return GlacierError("MissingParameterValueException", message)


def not_found(message: str) -> GlacierError:
    """A vault, archive, upload or job that is not there, or not any more."""
    return GlacierError("ResourceNotFoundException", message)
