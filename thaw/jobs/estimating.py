"""What a job is expected to take and to cost, from what its manifest or listing came to."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from thaw.core.costs import Line, Plan, batch_jobs_fee, cost
from thaw.core.job_objects import TIERING
from thaw.core.job_requests import JobRequest, Way
from thaw.core.job_rules import JobRules
from thaw.core.jobs import Totals
from thaw.core.money import Amount, added
from thaw.core.prices import RegionPrices
from thaw.core.records import UNKNOWN
from thaw.core.retrieval import MAX_REQUESTS_PER_SECOND, TYPICAL_HOURS
from thaw.core.tracking_costs import tables_cost

SLOWEST_CLASS = "DEEP_ARCHIVE"
"""Its hours are those of the deepest tier of S3 Intelligent-Tiering, and stand for an unknown class:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html"""

_CENT_OF_A_CENT = Decimal("0.0001")


class Prices(NamedTuple):
    """List prices by Region, and the day they are of."""

    date: str
    regions: Mapping[str, RegionPrices]


class Cost(NamedTuple):
    """USD with four decimals, and the lines that are not in it for want of a price; "" for not known."""

    usd: str = ""
    leaves_out: str = ""


def expected_hours(request: JobRequest, rules: JobRules, by_class: Mapping[str, Totals]) -> float:
    """Until the last object is readable: the slowest class's typical retrieval, for each wave one after the
    other, and the time that sending the requests takes."""
    objects = sum(part.objects for part in by_class.values())
    retrieval = max((_hours(name, request.tier) for name in by_class), default=0.0)
    seconds = objects / _requests_per_second(request, rules)
    return round(retrieval * _waves(request, rules, by_class) + seconds / 3600, 2)


def expected_cost(
    request: JobRequest, rules: JobRules, prices: Prices, by_class: Mapping[str, Totals], unknown: int
) -> Cost:
    """What is known of the cost; nothing for objects of which `unknown` have no known size, or of a class or
    in a Region without prices."""
    plan = _plan(request, rules, prices)
    if plan is None or unknown:
        return Cost()
    found = [cost(plan, name, request.tier, totals) for name, totals in by_class.items()]
    if None in found:
        return Cost()
    lines = {line: added([one.lines[line] for one in found if one and line in one.lines]) for line in Line}
    return _told({**lines, **_of_jobs(plan, request, rules, by_class)})


def _of_jobs(
    plan: Plan, request: JobRequest, rules: JobRules, by_class: Mapping[str, Totals]
) -> dict[Line, Amount]:
    """Lines that jobs do not share with an import of records: their records are written one by one, and
    requests of our own are none of Batch Operations."""
    objects = sum(part.objects for part in by_class.values())
    loading = tables_cost(plan.prices, objects)
    if request.way is Way.REQUESTS:
        return {Line.THAW_IMPORT: loading, Line.BATCH_OBJECTS: Fraction(0), Line.BATCH_JOBS: Fraction(0)}
    fee = batch_jobs_fee(plan.prices, request.tier, _waves(request, rules, by_class))
    return {Line.THAW_IMPORT: loading, Line.BATCH_JOBS: fee}


def _told(lines: Mapping[Line, Amount]) -> Cost:
    total = sum((amount for amount in lines.values() if amount is not None), Fraction(0))
    exact = Decimal(total.numerator) / Decimal(total.denominator)
    missing = [line for line, amount in lines.items() if amount is None]
    return Cost(str(exact.quantize(_CENT_OF_A_CENT, ROUND_HALF_UP)), ", ".join(missing))


def _plan(request: JobRequest, rules: JobRules, prices: Prices) -> Plan | None:
    here, there = prices.regions.get(rules.region), prices.regions.get(_destination_region(request, rules))
    if here is None or there is None:
        return None
    to = request.copy.storage_class if request.copy else None
    return Plan(here, request.expiration_days or 0, to, there)


def _destination_region(request: JobRequest, rules: JobRules) -> str:
    bucket = request.copy.destination_bucket if request.copy else ""
    regions = (each.region for each in rules.copy_destinations if each.bucket == bucket and each.region)
    return next(regions, rules.region)


def _hours(storage_class: str, tier: str) -> float:
    name = SLOWEST_CLASS if storage_class in (TIERING, UNKNOWN) else storage_class
    return TYPICAL_HOURS.get((name, tier), 0.0)


def _requests_per_second(request: JobRequest, rules: JobRules) -> int:
    if request.way is Way.BATCH_OPERATIONS:
        return MAX_REQUESTS_PER_SECOND
    return min(rules.restore_requests_per_second, MAX_REQUESTS_PER_SECOND)


def _waves(request: JobRequest, rules: JobRules, by_class: Mapping[str, Totals]) -> int:
    """How many parts of the job follow one another where restores wait for copies."""
    limit = rules.max_uncopied_bytes if request.max_uncopied_bytes is None else request.max_uncopied_bytes
    size = sum(part.size_bytes for part in by_class.values())
    return max(1, -(-size // limit)) if limit and request.copy else 1
