"""The function's environment is read in one place, and what is wrong with it is told by name."""

from dataclasses import fields

import pytest

from analytics.report_layout import Home
from lambdas.report.settings import Settings
from tests.lambdas.environment import REGION, assert_required, refusal

ENVIRONMENT = {
    "ROLLUPS_TABLE": "rollups",
    "REPORTS_BUCKET": "reports",
    "REPORTS_PREFIX": "thaw/",
    "TOPIC_ARN": "arn:aws:sns:eu-north-1:123456789012:thaw-reports",
    "WORK_GROUP": "thaw",
    "DATA_CATALOG": "thaw_dynamodb",
    "DATABASE": "thaw",
    "ATTENTION_HOURS": "24",
    "USD_PER_GB_MONTH": "0.0245",
    "ACCOUNT_ID": "123456789012",
    "AWS_REGION": REGION,
}


def test_a_whole_environment_is_read() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert (settings.reports_bucket, settings.reports_prefix) == ("reports", "thaw/")
    assert (settings.attention_hours, settings.usd_per_gb_month) == (24.0, 0.0245)
    assert settings.home == Home("123456789012", REGION)


def test_every_setting_comes_from_a_variable_of_its_name() -> None:
    assert {field.name.upper() for field in fields(Settings)} == {
        name.removeprefix("AWS_") for name in ENVIRONMENT
    }


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if name != "REPORTS_PREFIX"])
def test_a_variable_that_is_missing_is_named(name: str) -> None:
    assert_required(Settings.from_environment, ENVIRONMENT, name)


def test_reports_at_the_root_of_a_bucket_have_no_prefix() -> None:
    assert Settings.from_environment({**ENVIRONMENT, "REPORTS_PREFIX": ""}).reports_prefix == ""


@pytest.mark.parametrize("name", ["ATTENTION_HOURS", "USD_PER_GB_MONTH"])
@pytest.mark.parametrize("value", ["-1", "many", "nan", "inf", "1,5"])
def test_a_number_must_be_one_from_nought(name: str, value: str) -> None:
    told = refusal(Settings.from_environment, {**ENVIRONMENT, name: value})
    assert told == f"Environment variable {name} is {value!r}; it must be a number from 0."
