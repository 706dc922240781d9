"""What can be wrong with the source of a report: one base, one class a condition."""

from thaw.core.errors import ThawError


class ReportSourceError(ThawError):
    """Base of the errors of report sources."""


class UnknownSourceError(ReportSourceError):
    """A source that is not there, or of which nobody can tell what it is."""


class MissingColumnError(ReportSourceError):
    """A file of object records lacks a column."""


class BadValueError(ReportSourceError):
    """A value of an object record that Thaw cannot mean: of a wrong type, malformed or unknown."""


class UnreadableFileError(ReportSourceError):
    """A file that is not what its name says: no CSV, no JSON, no Parquet."""


class DuplicateObjectError(ReportSourceError):
    """A source that holds an object version of a job more than once, and would be counted wrong."""


class IncompleteExportError(ReportSourceError):
    """A DynamoDB export of which a part is missing, or that is of a kind without whole items."""


class UnknownJobError(ReportSourceError):
    """A source without any object of the job that was asked for."""


class SourceOptionError(ReportSourceError):
    """An option that the source needs, or cannot follow."""
