"""What can go wrong between a record and its table."""

from thaw.core.errors import ThawError


class StoreError(ThawError):
    """Base of the errors of the tables."""


class MalformedItemError(StoreError):
    """An item of the objects table that is no record: an attribute is missing or has a wrong type."""


class JobExistsError(StoreError):
    """A job is registered already, with other totals."""


class JobNotFoundError(StoreError):
    """No job is registered under this id."""


class ContentionError(StoreError):
    """A change was refused again and again because others were changing the same items."""


class AmbiguousCopyError(StoreError):
    """A copy may come from several tracked versions of an object, and nothing tells which."""


class WriteRefusedError(StoreError):
    """DynamoDB will not take a write as it is, however often it is tried."""
