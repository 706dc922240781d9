"""What can be wrong before or during a deployment: one class a condition."""

from thaw.core.errors import ThawError


class SettingsError(ThawError):
    """A stack setting that is unknown, of the wrong type, or beyond what AWS or Thaw allows."""


class PackagingError(ThawError):
    """A Lambda package that cannot be built so that it would run on AWS."""


class NotificationLostError(ThawError):
    """A bucket's notification configuration is not what was just written: somebody else wrote it too."""


class TableMismatchError(ThawError):
    """The credentials in use see another table than the one deployed."""


class ImportMismatchError(ThawError):
    """The import into the objects table did not bring what the manifest's summary says."""


class ConcurrencyError(ThawError):
    """The account has too little Lambda concurrency left to reserve some of it."""


class QueryLengthError(ThawError):
    """A saved query is longer than Athena takes."""


class DefinitionError(ThawError):
    """The file of a state machine names something that nothing is put in for."""


class ApiLogRoleError(ThawError):
    """API Gateway refuses the role with which it is to write its logs."""
