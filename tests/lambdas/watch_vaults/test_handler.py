"""The function goes on with every transfer, and prints of each what its dashboard shows."""

import io
import json
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.watch_vaults import handler as module
from lambdas.watch_vaults.handler import SPARE_SECONDS, WatchVaults
from tests.core.vault_watched import retrieved
from tests.core.watched import after
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from tests.vaults.watched import FINISH, JOBS_BUCKET, TOPIC, World, glacier_error, worlds
from thaw.core.history import History
from thaw.jobs.errors import WatchError

Output = pytest.CaptureFixture[str]

VARIABLES = {
    **ENVIRONMENT,
    "VAULT_TOPIC_ARN": TOPIC,
    "VAULT_QUEUE_URL": "archives",
    "TRANSFER_VAULT_MACHINE_ARN": FINISH,
    "TRANSFER_LARGE_MACHINE_ARN": FINISH,
    "FINISH_VAULT_MACHINE_ARN": FINISH,
    "VAULT_MAX_RECEIVE_COUNT": "5",
    "POWERTOOLS_METRICS_NAMESPACE": "Thaw",
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with worlds() as made:
        yield made


def invoke(world: World, seconds: float = 300.0) -> dict[str, int]:
    log = io.StringIO()
    function = WatchVaults(
        world.watcher(),
        Logger(service=f"watch_vaults {id(log)}", stream=log),
        Metrics(namespace="Thaw", service="watch_vaults"),
    )
    return function.handle(context(seconds))


def printed(capsys: Output) -> list[tuple[str, dict[str, float]]]:
    """Metrics, as CloudWatch reads them: (the transfer that they are of, "" for all, values by name)."""
    found: list[tuple[str, dict[str, float]]] = []
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Thaw"
        (dimensions,) = directive["Dimensions"]
        assert set(dimensions) - {"JobId"} == {"service"}
        values = {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}
        found.append((line.get("JobId", ""), values))
    return found


def test_every_transfer_is_told_by_its_name_and_what_all_share_once(world: World, capsys: Output) -> None:
    news = {"a0": History(copied_at=after(-0.5)), "a1": retrieved(-1, asked=-6)}
    world.add([3600, 20, 30], history=news)
    world.add([40], job_id="job-2")
    assert invoke(world) == {"vaults": 2, "requests": 2}
    first, second, together = printed(capsys)
    assert first == (
        "job-1",
        {
            **{f"Archives{name}": 0 for name in ("Restoring", "Failed", "Expired")},
            **{f"Bytes{name}": 0 for name in ("Restoring", "Failed", "Expired")},
            **{f"Archives{name}": 1 for name in ("Pending", "Restored", "Copied")},
            "BytesPending": 30,
            "BytesRestored": 20,
            "BytesCopied": 3600,
            "BytesPerSecond": 1,
            "ArchivesDueAgain": 0,
            "EtaSeconds": first[1].get("EtaSeconds"),
        },
    )
    assert (second[0], second[1]["ArchivesPending"]) == ("job-2", 1)
    name, values = together
    assert (name, values["VaultsWatched"], values["VaultRequests"]) == ("", 2, 2)
    assert (values["StagedBytes"], values["DayBytesUsed"]) == (20, 0)
    assert values["StagedLimitBytes"] > 0
    invoke(world)
    assert printed(capsys)[-1][1]["DayBytesUsed"] == 70


def test_refusals_pauses_and_failures_are_numbers_too(world: World, capsys: Output) -> None:
    world.add([10] * 3)
    world.glacier.errors["*"] = [glacier_error("PolicyEnforcedException")] * 50
    invoke(world)
    (_, values) = printed(capsys)[-1]
    assert values["VaultRequestsRefused"] >= 1
    invoke(world)
    (_, values) = printed(capsys)[-1]
    assert (values["VaultsPaused"], values["VaultRequestsRefused"]) == (1, 0)


def test_a_transfer_that_cannot_go_on_fails_the_function_when_all_others_did(
    world: World, capsys: Output
) -> None:
    world.add([10])
    world.add([10], job_id="job-2")
    world.s3.delete_object(Bucket=JOBS_BUCKET, Key="jobs/job-1/vault/plan/part-00000.csv.gz")
    with pytest.raises(WatchError, match=r"Could not go on with 1 vault transfers: job-1: .*plan"):
        invoke(world)
    assert world.glacier.asked == ["job-2-0"]
    assert printed(capsys)[-1][1]["VaultsNotWatched"] == 1


def test_without_transfers_nothing_is_asked_of_anybody(world: World, capsys: Output) -> None:
    assert invoke(world) == {"vaults": 0, "requests": 0}
    assert world.glacier.calls.total() == 0
    ((name, values),) = printed(capsys)
    assert (name, values["VaultsWatched"]) == ("", 0)


def test_no_request_begins_when_the_time_is_nearly_over(world: World) -> None:
    world.add([10])
    invoke(world, SPARE_SECONDS)
    assert world.glacier.asked == []
    invoke(world, SPARE_SECONDS + 1)
    assert world.glacier.asked == ["a0"]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_variables(monkeypatch, VARIABLES)
    module.watch_vaults.cache_clear()
    yield
    module.watch_vaults.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_deployed_function_is_made_of_its_environment() -> None:
    function: Any = module.watch_vaults()
    asker = function.watcher.hands.requester.chunks.asker
    assert asker.topic_arn == TOPIC
    assert asker.glacier.meta.config.retries["total_max_attempts"] == 1
