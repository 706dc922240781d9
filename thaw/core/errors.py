"""What can be wrong with the input of the core: one base, one class a condition."""


class ThawError(Exception):
    """Base of every error that Thaw raises on purpose; its text is one sentence for a person."""


class KeySpellingError(ThawError):
    """A bucket, key or version id that S3 would not have, or not spelled as its source spells it."""


class TimestampError(ThawError):
    """A time that is not ISO-8601 with a UTC offset."""


class EventError(ThawError):
    """A message that cannot be read as events of archived objects."""


class UnknownEventError(EventError):
    """A well-formed message of a kind that Thaw does not follow."""


class MalformedEventError(EventError):
    """A message of a kind that Thaw follows, with a field missing or wrong."""


class SummaryError(ThawError):
    """A manifest's summary that is incomplete or wrong, so that no job can be made of it."""


class TotalsError(ThawError):
    """A job's registered totals contradict its counters."""


class CopyRuleError(ThawError):
    """A rule that cannot lead from a copy back to its source."""


class PriceError(ThawError):
    """Prices that are missing or wrong, so that something cannot be priced."""


class NotificationOverlapError(ThawError):
    """A bucket has a notification rule that S3 would not keep beside ours."""


class BatchReportError(ThawError):
    """A completion report of S3 Batch Operations that cannot be read."""
