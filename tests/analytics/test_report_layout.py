"""Keys of the reports bucket: one for the newest run, one a run, and back to account and Region."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from analytics.report_layout import (
    Form,
    Home,
    LatestReport,
    dated_key,
    dated_prefix,
    latest_key,
    latest_prefix,
    parse_latest_key,
)
from analytics.schema import REPORTS
from thaw.core.errors import TimestampError

HOME = Home("123456789012", "eu-central-1")
AT = datetime(2026, 11, 21, 3, 4, 5, 678_000, tzinfo=UTC)
each_prefix = pytest.mark.parametrize("prefix", ["", "thaw/", "a/b c/"])


def test_the_newest_files_have_one_key_each() -> None:
    assert latest_key("thaw/", Form.CSV, "progress", HOME) == (
        "thaw/latest/csv/progress/123456789012/eu-central-1/progress.csv"
    )
    assert latest_key("", Form.PARQUET, "attention", HOME) == (
        "latest/parquet/attention/123456789012/eu-central-1/attention.parquet"
    )


def test_a_run_has_its_time_in_the_key_to_the_second_in_utc() -> None:
    expected = "thaw/dated/parquet/progress/123456789012/eu-central-1/2026-11-21/030405Z.parquet"
    east = timezone(timedelta(hours=5, minutes=30))
    for at in (AT, AT.replace(microsecond=0), AT.astimezone(east)):
        assert dated_key("thaw/", Form.PARQUET, "progress", HOME, at) == expected
    later = dated_key("thaw/", Form.PARQUET, "progress", HOME, AT + timedelta(seconds=1))
    assert later > expected, "keys sort as times do"


def test_a_time_without_zone_has_no_key() -> None:
    with pytest.raises(TimestampError, match="has no time zone"):
        dated_key("", Form.CSV, "progress", HOME, AT.replace(tzinfo=None))


@each_prefix
def test_a_table_reads_the_newest_files_of_its_report_and_nothing_else(prefix: str) -> None:
    for report in REPORTS:
        folder = latest_prefix(prefix, Form.PARQUET, report)
        inside = {
            other
            for other in REPORTS
            for form in Form
            for key in (latest_key(prefix, form, other, HOME), dated_key(prefix, form, other, HOME, AT))
            if key.startswith(folder)
        }
        assert inside == {report}, "the histogram's folder is not below the durations'"
        assert folder.startswith(latest_prefix(prefix, Form.PARQUET))


@each_prefix
def test_a_key_tells_report_form_account_and_region(prefix: str) -> None:
    for report in REPORTS:
        for form in Form:
            key = latest_key(prefix, form, report, HOME)
            assert parse_latest_key(prefix, key) == LatestReport(report, form, HOME)


@pytest.mark.parametrize(
    "key",
    [
        "latest/csv/progress/123456789012/eu-central-1/progress.csv",
        "thaw/thaw/latest/csv/progress/123456789012/eu-central-1/progress.csv",
        "thaw/latest/csv/progress/123456789012/eu-central-1/forecast.csv",
        "thaw/latest/csv/progress/123456789012/eu-central-1/progress.parquet",
        "thaw/latest/csv/progress/12345/eu-central-1/progress.csv",
        "thaw/latest/csv/progress/123456789012/eu-central-1/x/progress.csv",
        "thaw/latest/json/progress/123456789012/eu-central-1/progress.json",
        "thaw/latest/csv/progress/123456789012/eu-central-1/progress.csv.part",
        "thaw/latest/",
        dated_key("thaw/", Form.CSV, "progress", HOME, AT),
    ],
)
def test_a_key_of_anything_else_tells_nothing(key: str) -> None:
    assert parse_latest_key("thaw/", key) is None


def test_runs_are_kept_apart_from_the_newest() -> None:
    assert dated_key("thaw/", Form.CSV, "progress", HOME, AT).startswith(dated_prefix("thaw/"))
    assert not latest_prefix("thaw/", Form.CSV).startswith(dated_prefix("thaw/"))
