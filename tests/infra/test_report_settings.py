"""Settings of Athena, reports and QuickSight: what is taken, and the sentences that refuse."""

from typing import Any

import pytest

from infra import limits
from infra.names import MAX_BUCKET_NAME, Names, Place
from infra.settings import Settings
from tests.infra.test_settings import refusal


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("athena_scan_limit_mb", limits.MIN_SCAN_LIMIT_MB, 10**9),
        ("athena_max_concurrency", 0, limits.MAX_RESERVED_CONCURRENCY),
        ("query_results_days", 1, 3650),
        ("dated_reports_days", 0, 3650),
        ("attention_hours", 1, 8784),
    ],
)
def test_numbers_are_taken_up_to_their_limits_and_not_beyond(key: str, low: int, high: int) -> None:
    assert getattr(Settings.parse({key: low}), key) == low
    assert getattr(Settings.parse({key: high}), key) == high
    for beyond in (low - 1, high + 1):
        assert refusal({key: beyond}) == (
            f"thaw:{key} is {beyond}, but the limits are {low} to {high}; choose a number between them."
        )


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "rate(1 minute)",
        "rate(15 minutes)",
        "rate(10 days)",
        "cron(0 3 * * ? *)",
        "cron(0/15 8-18 ? * MON-FRI *)",
    ],
)
def test_schedules_are_taken_as_the_scheduler_takes_them(schedule: str) -> None:
    settings = Settings.parse({"report_schedule": schedule, "object_report_schedule": schedule})
    assert (settings.report_schedule, settings.object_report_schedule) == (schedule, schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "15 minutes",
        "rate(1 minutes)",
        "rate(0 minutes)",
        "rate(5 hour)",
        "rate(30 seconds)",
        "cron(0 3 * * ?)",
        "at(2026-11-21T03:00:00)",
    ],
)
@pytest.mark.parametrize("key", ["report_schedule", "object_report_schedule"])
def test_other_schedules_are_refused(key: str, schedule: str) -> None:
    assert refusal({key: schedule}) == (
        f"thaw:{key} is '{schedule}', but it is rate(NUMBER minutes|hours|days), 1 with the singular, or"
        " cron(SIX FIELDS), in UTC; correct it, or leave it empty for no schedule."
    )


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"report_schedule": f"cron({','.join(['0'] * 150)} 3 * * ? *)"},
        "EventBridge Scheduler takes 256 characters",
    ),
    ({"reports_bucket": "s3://reports"}, "give the bare name, without s3:// or an ARN."),
    ({"reports_prefix": "thaw"}, "thaw:reports_prefix is 'thaw', but it is empty or ends in /"),
    ({"reports_prefix": "/thaw/"}, "starts without one; give a folder such as thaw/, without the bucket."),
    ({"reports_prefix": "é" * 256 + "/"}, "thaw:reports_prefix is '513 bytes', but it has at most 512"),
    ({"reports_email": "me"}, "thaw:reports_email is 'me', but it is an e-mail address"),
    ({"usd_per_gb_month": "2 cents"}, "it is a price in US dollars as decimal text in quotes"),
    ({"usd_per_gb_month": "-1"}, "correct it, or leave it empty for that of the Region."),
    ({"usd_per_gb_month": 0.023}, "thaw:usd_per_gb_month is 0.023, but its type is string"),
    ({"quicksight_principal_arn": "arn:aws:iam::123456789012:user/me"}, "it is the ARN of a QuickSight user"),
]


@pytest.mark.parametrize(("values", "part"), REFUSED)
def test_bad_values_are_refused_with_key_value_and_limit(values: dict[str, Any], part: str) -> None:
    assert part in refusal(values)


def test_a_full_config_is_taken_as_it_stands() -> None:
    values = {
        "reports_bucket": "all-reports",
        "reports_prefix": "",
        "reports_email": "me@example.org",
        "usd_per_gb_month": "0.0245",
        "quicksight_principal_arn": "arn:aws:quicksight:us-east-1:123456789012:user/default/me@example.org",
    }
    settings = Settings.parse(values)
    assert {key: getattr(settings, key) for key in values} == values


def test_the_longest_prefix_in_the_longest_region_still_gives_bucket_names_that_s3_takes() -> None:
    names, place = Names("x" * 24), Place("aws", "ap-southeast-10", "123456789012")
    buckets = [names.results_bucket(place), names.spill_bucket(place), names.reports_bucket(place)]
    assert max(map(len, buckets)) <= MAX_BUCKET_NAME
    assert all(bucket.endswith(f"-{place.account}-{place.region}") for bucket in buckets), (
        "none had to be cut"
    )


def test_names_of_functions_fit_in_lambda_s_64_characters() -> None:
    names = Names("x" * 24)
    assert max(len(names.connector), len(names.report_function)) <= 64
