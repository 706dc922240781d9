"""What goes wrong with a vault transfer, beside what AWS itself refuses."""

from thaw.core.errors import ThawError


class PlanError(ThawError):
    """A plan, or a part of one, that is not there or cannot be used."""


class ManifestError(ThawError):
    """A manifest that is not there, or does not add up to its plan."""


class OpenUploadsError(ThawError):
    """A transfer that is to be closed has multipart uploads that are still open."""


class PlanRefusedError(PlanError):
    """A file that a plan is made of, or a plan that somebody has edited, and that cannot be used."""


class InventoryError(ThawError):
    """An inventory that is not what Glacier said it would be."""


class ArchiveRefusedError(ThawError):
    """An archive that is not transferred, however often it is tried; `code` is its record's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OutputGoneError(ThawError):
    """The output of a retrieval job cannot be read any more: its window is over."""


class OutputDiffersError(ThawError):
    """What Glacier sent is not what it says it sent, or not all of it."""


class ObjectDiffersError(ThawError):
    """What S3 says it stored is not what was sent."""


class UploadGoneError(ThawError):
    """An upload that was open is not any more: somebody, or a rule of its bucket, aborted it."""


class UnprovenObjectError(ThawError):
    """An object that says it is the archive, and only reading the archive again could prove it."""


class IncompleteUploadError(ThawError):
    """An upload that is to be completed, and some of its parts are missing."""


class TransfersBusyError(ThawError):
    """As many large archives are transferred as may be at a time."""


class TransferStoppedError(ThawError):
    """A transfer that was stopped while it ran."""
