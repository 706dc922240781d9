"""The prepare-vault function: a transfer from its request to its plan, one step a call.

The state machine calls a step again until it is done. What a person asked for wrongly is an answer, no error.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics.price_file import load_prices
from lambdas.copying import s3_client
from lambdas.environment import required
from lambdas.metrics import publish
from lambdas.tools import CLIENT_CONFIG, UnknownActionError, seconds_left
from lambdas.vault_settings import VaultSettings
from thaw.copying.clients import Clients
from thaw.jobs.estimating import Prices
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates
from thaw.vaults.athena_queries import AthenaQueries
from thaw.vaults.cloud_planning import CloudPlanning
from thaw.vaults.downloading import InventoryDownload
from thaw.vaults.inventories import Inventories
from thaw.vaults.landings import Landings
from thaw.vaults.preparing import Planned, VaultPreparation
from thaw.vaults.validating import Validation


@dataclass(frozen=True)
class PrepareVault:
    """The function with all it needs, so that tests can give it other clients."""

    preparation: VaultPreparation
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Does the `action` of `event` for its job; the answer says what comes next."""
        self.logger.set_correlation_id(context.aws_request_id)
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "validate": lambda: self._validate(event),
            "inventory": lambda: {"ready": self.preparation.inventory(event["job_id"])},
            "wait": lambda: self._wait(event),
            "download": lambda: {
                "done": self.preparation.go_on_downloading(event["job_id"], seconds_left(context))
            },
            "plan": lambda: self._plan(event, seconds_left(context)),
        }
        step = steps.get(event["action"])
        if step is None:
            raise UnknownActionError(
                f"prepare_vault has no action {event['action']!r}; it has {', '.join(steps)}."
            )
        answer = {"job_id": event["job_id"], **step()}
        self.logger.info("Prepared", action=event["action"], answer=answer)
        return answer

    def _validate(self, event: Mapping[str, Any]) -> dict[str, Any]:
        checked = self.preparation.validate(event["job_id"])
        self._count(checked)
        return {"refused": checked.refused, "reason": checked.state.reason}

    def _wait(self, event: Mapping[str, Any]) -> dict[str, Any]:
        self.preparation.wait(event["job_id"], event["token"])
        return {}

    def _plan(self, event: Mapping[str, Any], left: Callable[[], float]) -> dict[str, Any]:
        planned = self.preparation.plan(event["job_id"], left)
        self._count(planned)
        return {
            "done": planned.done,
            "wait": planned.wait,
            "dry_run": planned.state.request.dry_run,
            "parts": planned.parts,
            "refused": planned.refused,
            "reason": planned.state.reason,
        }

    def _count(self, planned: Planned) -> None:
        publish(self.metrics, {"RefusedJobs": int(planned.refused)})


@dataclass(frozen=True)
class AthenaSettings:
    """Where Athena plans what is too large for the function."""

    work_group: str
    database: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "AthenaSettings":
        """Raises SettingsError naming the variable that is missing."""
        return cls(required(environ, "ATHENA_WORK_GROUP"), required(environ, "ATHENA_DATABASE"))


def preparation(settings: VaultSettings, athena: AthenaSettings, memory_bytes: int) -> VaultPreparation:
    """Over the clients and the prices of the execution environment."""
    jobs, prices = settings.jobs, load_prices()
    dynamodb, s3 = boto3.client("dynamodb", config=CLIENT_CONFIG), s3_client("")
    glacier = boto3.client("glacier", config=CLIENT_CONFIG)
    vaults = VaultStates(dynamodb, jobs.tables.jobs)
    landings = Landings(Clients(s3_client), jobs.rules, jobs.account_id)
    return VaultPreparation(
        states=JobStates(dynamodb, jobs.tables.jobs),
        vaults=vaults,
        validation=Validation(glacier, s3, landings, jobs.rules, jobs.jobs_bucket),
        inventories=Inventories(
            glacier,
            boto3.client("stepfunctions", config=CLIENT_CONFIG),
            vaults,
            settings.topic_arn,
            now=lambda: datetime.now(UTC),
        ),
        download=InventoryDownload(glacier, s3, jobs.jobs_bucket),
        planning=CloudPlanning(
            s3,
            landings,
            jobs.jobs_bucket,
            jobs.rules,
            Prices(prices.date, prices.regions),
            memory_bytes,
            AthenaQueries(
                boto3.client("athena", config=CLIENT_CONFIG),
                boto3.client("glue", config=CLIENT_CONFIG),
                athena.work_group,
                athena.database,
            ),
        ),
        now=lambda: datetime.now(UTC),
    )


@cache
def prepare_vault(memory_mb: int) -> PrepareVault:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = VaultSettings.from_environment(os.environ)
    athena = AthenaSettings.from_environment(os.environ)
    return PrepareVault(preparation(settings, athena, memory_mb * 10**6), Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"action", "job_id"}` in (and `token`, to wait), what comes next out."""
    return prepare_vault(int(context.memory_limit_in_mb)).handle(event, context)
