"""What Thaw itself costs for a job: its tables, queue, function and object reports.

The quantities are those that docs/benchmarks.md measured with batches of 100 events.
"""

from fractions import Fraction

from thaw.core.money import Amount, added, priced
from thaw.core.prices import GB_BYTES, Rate, RegionPrices

RESTORE_EVENTS, COPY_EVENTS = 2, 1
"""Of an object: requested and completed; and its copy."""

WRITE_UNITS_PER_EVENT = Fraction("6.37") / 3
READ_UNITS_PER_EVENT = Fraction("4.00") / 3
"""With copies elsewhere: the dearer case."""

IMPORT_BYTES_PER_OBJECT = 400
"""Of DynamoDB JSON, uncompressed, with keys of some 60 characters."""

QUEUE_REQUESTS_PER_EVENT = Fraction(12, 10)
"""One to send; the function's receiving and deleting take ten messages each."""

INVOCATIONS_PER_EVENT = Fraction(1, 100)
GB_SECONDS_PER_EVENT = Fraction("0.0011")
"""The measured 1,600 events/s of a whole processor, on the share of one that 512 MB have (of 1,769 MB):
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

SCANS_PER_DAY = 2
READ_UNITS_PER_SCANNED_OBJECT = Fraction(1, 8)
"""A KB, read eventually consistent: a record has less, and Athena and its connector are to be paid too."""


def import_cost(prices: RegionPrices, objects: int) -> Amount:
    """The import that fills the table."""
    gigabytes = Fraction(objects * IMPORT_BYTES_PER_OBJECT, GB_BYTES)
    return priced(prices.rates.get(Rate.DYNAMODB_IMPORT_PER_GB), gigabytes)


def tables_cost(prices: RegionPrices, events: int) -> Amount:
    """Reading and writing the records and counters."""
    return added(
        [
            _millions(prices, Rate.DYNAMODB_WRITE_PER_MILLION, events * WRITE_UNITS_PER_EVENT),
            _millions(prices, Rate.DYNAMODB_READ_PER_MILLION, events * READ_UNITS_PER_EVENT),
        ]
    )


def events_cost(prices: RegionPrices, events: int) -> Amount:
    """The queue and the function."""
    return added(
        [
            _millions(prices, Rate.SQS_PER_MILLION, events * QUEUE_REQUESTS_PER_EVENT),
            _millions(prices, Rate.LAMBDA_PER_MILLION, events * INVOCATIONS_PER_EVENT),
            priced(prices.rates.get(Rate.LAMBDA_PER_GB_SECOND), events * GB_SECONDS_PER_EVENT),
        ]
    )


def scans_cost(prices: RegionPrices, objects: int, days: int) -> Amount:
    """The object reports, each of which reads the whole table every day."""
    units = objects * days * SCANS_PER_DAY * READ_UNITS_PER_SCANNED_OBJECT
    return _millions(prices, Rate.DYNAMODB_READ_PER_MILLION, units)


def _millions(prices: RegionPrices, rate: Rate, quantity: Fraction | int) -> Amount:
    return priced(prices.rates.get(rate), quantity, 10**6)
