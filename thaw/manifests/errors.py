"""What can stop the preparation of a manifest; a single bad row never does, it is a reject."""

from thaw.core.errors import ThawError


class ManifestError(ThawError):
    """Base of the errors of manifest preparation."""


class SettingsError(ManifestError):
    """A setting that no preparation could follow."""


class SourceError(ManifestError):
    """A source, or one of its files, that is missing or is not what it says it is."""


class ChecksumError(SourceError):
    """A file of an inventory whose content is not what the inventory's manifest.json lists."""


class MissingColumnError(SourceError):
    """A filter asks for something that a source does not tell."""


class TierError(ManifestError):
    """A retrieval tier that an object of the job does not have."""


class OutputError(ManifestError):
    """A place that cannot take the output."""


class CountError(ManifestError):
    """Rows that do not add up: a defect of Thaw, found before anything was published."""
