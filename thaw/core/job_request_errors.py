"""Why a job is not begun: one class, with the HTTP status that says whose fault it is."""

from thaw.core.errors import ThawError

BAD_REQUEST = 400
NOT_FOUND = 404
CONFLICT = 409
TOO_LARGE = 413
REFUSED = 422


class JobRefusedError(ThawError):
    """A request that nothing is begun for. `status` is its HTTP status, 400 to 499."""

    def __init__(self, message: str, status: int = REFUSED) -> None:
        super().__init__(message)
        self.status = status
