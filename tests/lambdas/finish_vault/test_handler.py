"""The manifest of a transfer written and closed, as the state machine calls."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from lambdas.environment import SettingsError
from lambdas.finish_vault import handler as module
from lambdas.finish_vault.handler import FinishVault
from lambdas.tools import UnknownActionError
from tests.jobs.started import JOBS_BUCKET
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from tests.vaults.finished import COPIED, JOB, Transfer, archive
from thaw.core.vault_files import plan_part

VARIABLES = {
    **ENVIRONMENT,
    "VAULT_TOPIC_ARN": "topic",
    "VAULT_QUEUE_URL": "queue",
    "TRANSFER_VAULT_MACHINE_ARN": "transfer-vault",
    "TRANSFER_LARGE_MACHINE_ARN": "transfer-large",
    "FINISH_VAULT_MACHINE_ARN": "finish-vault",
    "VAULT_MAX_RECEIVE_COUNT": "5",
}


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


def call(transfer: Transfer, event: dict[str, Any]) -> dict[str, Any]:
    logger = Logger(service=f"finish_vault {id(transfer)}", stream=io.StringIO())
    return json.loads(json.dumps(FinishVault(transfer.finisher(), logger).handle(event, context())))


def test_parts_are_written_and_the_transfer_is_closed() -> None:
    transfer = Transfer({"a": COPIED})
    key, size = plan_part(JOB, 0), archive("a").size_bytes
    answer = call(transfer, {"action": "part", "job_id": JOB, "key": key})
    assert answer == {"job_id": JOB, "key": key, "run": 1, "by_status": {"COPIED": [1, size]}}
    closed = call(transfer, {"action": "close", "job_id": JOB})
    assert (closed["job_id"], closed["archives"]) == (JOB, 1)
    assert transfer.states.read(JOB).closed


def test_a_file_of_a_former_plan_is_passed_over() -> None:
    key = plan_part(JOB, 7)
    answer = call(Transfer({"a": COPIED}), {"action": "part", "job_id": JOB, "key": key})
    assert answer == {"job_id": JOB, "key": key}


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(UnknownActionError, match="Action 'shut' does not exist; give part or close"):
        call(Transfer({"a": COPIED}), {"action": "shut", "job_id": JOB})


def test_the_function_is_made_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    module.finish_vault.cache_clear()
    set_variables(monkeypatch, VARIABLES)
    assert module.finish_vault().finisher.jobs_bucket == JOBS_BUCKET


def test_a_variable_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    module.finish_vault.cache_clear()
    set_variables(monkeypatch, {**VARIABLES, "VAULT_TOPIC_ARN": ""})
    with pytest.raises(SettingsError, match="VAULT_TOPIC_ARN is not set"):
        module.handler({}, context())
