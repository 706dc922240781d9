"""What can be wrong with a report: what it is asked for, its run, and the place it goes to."""

from thaw.core.errors import ThawError


class ReportError(ThawError):
    """A report that cannot be made: unknown, not to be had from its source, or with impossible parameters."""


class QueryError(ThawError):
    """An engine could not run a report: no memory, no disk, no permission."""


class ReportOutputError(ThawError):
    """A place that cannot take the reports."""
