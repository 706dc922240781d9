"""What can go wrong between a record and its table."""

from thaw.core.errors import ThawError


class StoreError(ThawError):
    """Base of the errors of the tables."""


class MalformedItemError(StoreError):
    """An item of the objects table that is no record: an attribute is missing or has a wrong type."""


class JobExistsError(StoreError):
    """A job has this id already, or is registered under it with other totals."""


class JobNotFoundError(StoreError):
    """No job is known under this id."""


class PageError(StoreError):
    """A place to continue a list from, which no page of it ended with."""


class ContentionError(StoreError):
    """A change was refused again and again because others were changing the same items."""


class AmbiguousCopyError(StoreError):
    """A copy may come from several tracked versions of an object, and nothing tells which."""


class WriteRefusedError(StoreError):
    """DynamoDB will not take a write as it is, however often it is tried."""


class ForeignRecordError(StoreError):
    """A record that is to be loaded into a job is of another one."""
