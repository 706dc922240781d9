"""The environment of the functions of vaults."""

import pytest

from lambdas.vault_settings import VaultSettings
from tests.lambdas.environment import assert_required, refusal
from tests.lambdas.vault_functions import ENVIRONMENT

OWN = (
    "VAULT_TOPIC_ARN",
    "VAULT_QUEUE_URL",
    "TRANSFER_VAULT_MACHINE_ARN",
    "TRANSFER_LARGE_MACHINE_ARN",
    "FINISH_VAULT_MACHINE_ARN",
    "VAULT_MAX_RECEIVE_COUNT",
)


def test_all_that_the_stack_tells_is_read() -> None:
    settings = VaultSettings.from_environment(ENVIRONMENT)
    assert settings.topic_arn == ENVIRONMENT["VAULT_TOPIC_ARN"]
    assert settings.queue_url == ENVIRONMENT["VAULT_QUEUE_URL"]
    assert settings.transfer_vault_machine_arn == ENVIRONMENT["TRANSFER_VAULT_MACHINE_ARN"]
    assert settings.transfer_large_machine_arn == ENVIRONMENT["TRANSFER_LARGE_MACHINE_ARN"]
    assert settings.finish_vault_machine_arn == ENVIRONMENT["FINISH_VAULT_MACHINE_ARN"]
    assert settings.max_receive_count == 5
    assert settings.jobs.jobs_bucket == ENVIRONMENT["JOBS_BUCKET"]


@pytest.mark.parametrize("name", [*OWN, "JOBS_TABLE"])
def test_what_is_missing_is_named(name: str) -> None:
    assert_required(VaultSettings.from_environment, ENVIRONMENT, name)


def test_a_number_that_is_none_is_refused() -> None:
    told = refusal(VaultSettings.from_environment, {**ENVIRONMENT, "VAULT_MAX_RECEIVE_COUNT": "many"})
    assert told == (
        "Environment variable VAULT_MAX_RECEIVE_COUNT is 'many'; it must be a whole number from 1."
    )
