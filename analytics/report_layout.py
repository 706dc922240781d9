"""Where the reports bucket holds each report: keys by report, account and Region, and back from a key.

A `prefix` is "" or ends in "/". The newest run stands below latest/, every run below dated/ under its time.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from analytics.schema import Column, Kind
from thaw.core.times import to_iso

RUN_COLUMNS = (
    Column("account_id", Kind.TEXT),
    Column("region", Kind.TEXT),
    Column("as_of", Kind.TIME),
)
"""What a Parquet file has after its report's own columns, for those who read the files of many."""

_LATEST, _DATED = "latest", "dated"


class Form(StrEnum):
    """How a report is stored; its files end so."""

    CSV = "csv"
    PARQUET = "parquet"


class Home(NamedTuple):
    """The account (12 digits) and Region whose deployment wrote a report."""

    account: str
    region: str


class LatestReport(NamedTuple):
    """What the key of a newest report tells."""

    report: str
    form: Form
    home: Home


_LATEST_KEY = re.compile(
    rf"{_LATEST}/(?P<form>csv|parquet)/(?P<report>[a-z_]+)/(?P<account>\d{{12}})/(?P<region>[a-z0-9-]+)"
    r"/(?P=report)\.(?P=form)"
)


def latest_prefix(prefix: str, form: Form, report: str = "") -> str:
    """Below it stand the newest files of a report, or of all, of all accounts and Regions."""
    return f"{prefix}{_LATEST}/{form}/" + (f"{report}/" if report else "")


def latest_key(prefix: str, form: Form, report: str, home: Home) -> str:
    """The key that every run writes anew."""
    return f"{latest_prefix(prefix, form, report)}{home.account}/{home.region}/{report}.{form}"


def dated_prefix(prefix: str) -> str:
    """Below it stand the files of every run."""
    return f"{prefix}{_DATED}/"


def dated_key(prefix: str, form: Form, report: str, home: Home, at: datetime) -> str:
    """The key of the run for the time `at` (aware), to the second: a run for the same time has the same key.

    Raises TimestampError for a time without zone.
    """
    day, _, time = to_iso(at).partition("T")
    folder = f"{dated_prefix(prefix)}{form}/{report}/{home.account}/{home.region}/{day}"
    return f"{folder}/{time[:8].replace(':', '')}Z.{form}"


def parse_latest_key(prefix: str, key: str) -> LatestReport | None:
    """The report, form, account and Region of a key that `latest_key` made; None for any other."""
    found = _LATEST_KEY.fullmatch(key.removeprefix(prefix)) if key.startswith(prefix) else None
    if found is None:
        return None
    return LatestReport(found["report"], Form(found["form"]), Home(found["account"], found["region"]))
