"""What can go wrong with a copy that another try may mend."""

from thaw.core.errors import ThawError


class CopyDiffersError(ThawError):
    """A copy was made, and its content is not the source's."""


class IncompleteCopyError(ThawError):
    """Parts of a copy are missing, so that no object can be made of them."""


class NoTimeLeftError(ThawError):
    """The function would end before the copy does."""


class NotRecordedError(ThawError):
    """The tables could not be read or written this time."""


class UnprovenCopyError(ThawError):
    """A copy that was there already is like its source in size only: too little to delete the source."""
