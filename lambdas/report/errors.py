"""What can be wrong with a run of the reports: one class a condition."""

from thaw.core.errors import ThawError


class SettingsError(ThawError):
    """An environment variable of the function is missing or wrong."""


class RequestError(ThawError):
    """An event that asks for no reports, or for some that there are not."""
