"""What can be wrong with what is asked of the report function."""

from thaw.core.errors import ThawError


class RequestError(ThawError):
    """An event that asks for no reports, or for some that there are not."""


class QueryTimeoutError(ThawError):
    """A query that would have gone on without the function."""


class IncompleteRunError(ThawError):
    """A run that wrote some of its reports, and could not compute the others."""
