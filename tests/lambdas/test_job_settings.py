"""The environment of the functions of jobs: read in one place, and what is wrong is told by name."""

from dataclasses import asdict

import pytest

from lambdas.job_settings import JobSettings
from tests.jobs.started import RULES, TABLES
from tests.lambdas.environment import assert_required, refusal
from tests.lambdas.job_functions import ENVIRONMENT


def test_a_whole_environment_is_read() -> None:
    settings = JobSettings.from_environment(ENVIRONMENT)
    assert (settings.tables, settings.rules) == (TABLES, RULES)
    assert (settings.rollup_slots, settings.request_concurrency, settings.copy_max_receive_count) == (
        4,
        10,
        5,
    )
    assert settings.transfer_vault_machine_arn == "", "only where the stack transfers vaults"
    environment = {**ENVIRONMENT, "TRANSFER_VAULT_MACHINE_ARN": "arn:transfer-vault"}
    settings = JobSettings.from_environment(environment)
    texts = {name.upper(): value for name, value in asdict(settings).items() if isinstance(value, str)}
    assert texts.items() < environment.items(), "each from the variable of its name"
    assert settings.start_job_function == "thaw-start-job"


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_variable_that_is_missing_is_named(name: str) -> None:
    assert_required(JobSettings.from_environment, ENVIRONMENT, name)


@pytest.mark.parametrize("name", ["ROLLUP_SLOTS", "REQUEST_CONCURRENCY", "COPY_MAX_RECEIVE_COUNT"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many"])
def test_a_number_must_be_whole_and_positive(name: str, value: str) -> None:
    told = refusal(JobSettings.from_environment, {**ENVIRONMENT, name: value})
    assert told == f"Environment variable {name} is {value!r}; it must be a whole number from 1."


@pytest.mark.parametrize("value", ["{", "[]", '{"region": "eu-north-1"}'])
def test_rules_that_are_none_are_refused(value: str) -> None:
    told = refusal(JobSettings.from_environment, {**ENVIRONMENT, "JOB_RULES": value})
    assert told.startswith("Environment variable JOB_RULES: The rules for jobs cannot be read")
