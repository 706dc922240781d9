"""The prepare_vault function: the steps of the state machine, each with the answer that it reads."""

import io
import json
from collections.abc import Generator, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from moto import mock_aws

from lambdas.prepare_vault import handler as module
from lambdas.prepare_vault.handler import PrepareVault, prepare_vault
from lambdas.tools import UnknownActionError
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from tests.vaults import preparations
from tests.vaults.preparations import JOB, REQUEST, RETRIEVAL_SECONDS, World

VAULT_ENVIRONMENT = {
    **ENVIRONMENT,
    "VAULT_TOPIC_ARN": preparations.TOPIC,
    "VAULT_QUEUE_URL": "vaults",
    "TRANSFER_VAULT_MACHINE_ARN": "arn:transfer-vault",
    "TRANSFER_LARGE_MACHINE_ARN": "arn:transfer-large",
    "FINISH_VAULT_MACHINE_ARN": "arn:finish-vault",
    "VAULT_MAX_RECEIVE_COUNT": "5",
    "ATHENA_WORK_GROUP": "thaw",
    "ATHENA_DATABASE": "thaw",
}


TOKEN = "AAAAKgAAAAIAAAAA"  # noqa: S105 - of nobody


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with preparations.world() as made:
        yield made


def handled(
    world: World, action: str, more: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer, and the lines that the function prints."""
    function = PrepareVault(
        world.preparation, Logger(service="prepare"), Metrics(namespace="Thaw", service="prepare")
    )
    with redirect_stdout(io.StringIO()) as printed:
        answer = function.handle({"action": action, "job_id": JOB, **(more or {})}, context())
    assert json.loads(json.dumps(answer)) == answer, "the state machine takes it as it is"
    return answer, [json.loads(line) for line in printed.getvalue().splitlines()]


def test_each_action_says_what_comes_next(world: World) -> None:
    world.add("a")
    world.ask()
    assert handled(world, "validate")[0] == {"job_id": JOB, "refused": False, "reason": ""}
    assert handled(world, "inventory")[0] == {"job_id": JOB, "ready": False}
    assert handled(world, "wait", {"token": TOKEN})[0] == {"job_id": JOB}
    world.server.advance(RETRIEVAL_SECONDS)
    assert handled(world, "inventory")[0] == {"job_id": JOB, "ready": True}
    assert handled(world, "download")[0] == {"job_id": JOB, "done": True}
    answer, printed = handled(world, "plan")
    assert answer == {
        "job_id": JOB,
        "done": True,
        "wait": False,
        "dry_run": False,
        "parts": 1,
        "refused": False,
        "reason": "",
    }
    [metrics] = [line for line in printed if "_aws" in line]
    assert metrics["RefusedJobs"] == [0.0]


def test_a_refusal_is_an_answer_and_is_counted(world: World) -> None:
    world.rules = replace(world.rules, vaults=())
    world.ask(REQUEST)
    answer, printed = handled(world, "validate")
    assert answer["refused"]
    assert answer["reason"] == "Vault photos is not among the stack's vaults, and no other is transferred."
    [metrics] = [line for line in printed if "_aws" in line]
    assert metrics["RefusedJobs"] == [1.0]


def test_a_token_is_not_in_the_logs(world: World) -> None:
    world.add("a")
    world.ask()
    handled(world, "validate")
    _, printed = handled(world, "wait", {"token": TOKEN})
    assert TOKEN not in json.dumps(printed)


def test_an_unknown_action_is_an_error(world: World) -> None:
    with pytest.raises(UnknownActionError, match=r"^prepare_vault has no action 'other'; it has validate"):
        handled(world, "other")


def test_the_deployed_function_is_made_of_its_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, VAULT_ENVIRONMENT)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "prepare-vault")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    prepare_vault.cache_clear()
    with mock_aws():
        made = prepare_vault(3008)
        assert made is prepare_vault(3008)
        assert made.preparation.planning.memory_bytes == 3008 * 10**6
        assert made.preparation.inventories.topic_arn == preparations.TOPIC
        with pytest.raises(UnknownActionError):
            module.handler({"action": "other", "job_id": JOB}, context())
    prepare_vault.cache_clear()
