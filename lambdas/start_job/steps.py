"""The steps of the start_job function, each over the settings and clients of the function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.job_settings import JobSettings
from thaw.core.job_states import JobState
from thaw.jobs.accepting import Acceptor
from thaw.jobs.accepting_vaults import VaultAcceptor
from thaw.jobs.announcing import announcer
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.beginning_vaults import VaultBeginner
from thaw.jobs.copy_queue import CopyQueue
from thaw.jobs.failing import JobFailer
from thaw.jobs.listening import Listener
from thaw.jobs.loading import PartLoader
from thaw.jobs.opening import open_job
from thaw.jobs.refused_requests import finish_requests
from thaw.jobs.registering import register
from thaw.jobs.submitting import Submitter
from thaw.jobs.vault_jobs import VaultJobs
from thaw.store.job_states import JobStates
from thaw.store.jobs import find_progress
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class Clients:
    """The AWS clients of the function."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    s3control: "S3ControlClient"
    sqs: "SQSClient"
    sns: "SNSClient"
    events: "EventBridgeClient"


@dataclass(frozen=True)
class Steps:
    """`now()` is fixed-width ISO-8601, `slot()` names counter slots, `pause(seconds)` waits."""

    settings: JobSettings
    clients: Clients
    now: Callable[[], str]
    slot: Callable[[], int]
    pause: Callable[[float], None]

    def accept(self, body: object, execution: str) -> dict[str, Any]:
        """`{"job_id", "run"}` of the job that the input of `restore-bucket` is."""
        acceptor = Acceptor(
            self._states(), self.settings.rules, self.settings.create_job_machine_arn, self.now
        )
        state = acceptor.accept(body, execution)
        return {"job_id": state.job_id, "run": state.run}

    def accept_vault(self, body: object, execution: str) -> dict[str, Any]:
        """`{"job_id", "run"}` of the transfer that the input of `transfer-vault` is."""
        jobs = VaultJobs(self._states(), self.settings.rules, self.settings.jobs_bucket, self.now)
        state = VaultAcceptor(jobs).accept(body, execution)
        return {"job_id": state.job_id, "run": state.run}

    def begin_vault(self, job_id: str) -> dict[str, Any]:
        """Has the archives of the transfer requested from now on."""
        client, table = self.clients.dynamodb, self.settings.tables.jobs
        vaults, agains = VaultStates(client, table, self.pause), VaultAgains(client, table)
        VaultBeginner(self._states(), vaults, agains, self.now).begin(job_id)
        return {"job_id": job_id}

    def open(self, job_id: str) -> dict[str, Any]:
        """Has the bucket's events sent to us."""
        open_job(self._states(), self._listener(), job_id, self.settings.rules)
        return {"job_id": job_id}

    def register(self, job_id: str) -> dict[str, Any]:
        """Registers what was loaded."""
        clients, settings = self.clients, self.settings
        register(self._states(), clients.dynamodb, settings.tables, clients.s3, settings.jobs_bucket, job_id)
        return {"job_id": job_id}

    def submit(self, job_id: str) -> dict[str, Any]:
        """`{"job_id", "way", "parts", "concurrency"}`: see `thaw.jobs.submitting.Submitted`."""
        settings = self.settings
        submitter = Submitter(
            states=self._states(),
            batch=self._batch(),
            s3=self.clients.s3,
            jobs_bucket=settings.jobs_bucket,
            rules=settings.rules,
            listener=self._listener(),
            concurrency=settings.request_concurrency,
            now=self.now,
        )
        return {"job_id": job_id, **submitter.submit(job_id)._asdict()}

    def requested(self, job_id: str) -> dict[str, Any]:
        """Notes that every restore was requested."""
        state = finish_requests(self._states(), self.clients.s3, self.settings.jobs_bucket, job_id)
        return {"job_id": job_id, "refused": state.requests_refused}

    def fail(self, job_id: str, error: Mapping[str, Any], remaining: Callable[[], float]) -> dict[str, Any]:
        """`{"done"}`: whether the job has ended, or the step is to be called again."""
        clients, settings = self.clients, self.settings
        loader = PartLoader(
            dynamodb=clients.dynamodb,
            s3=clients.s3,
            tables=settings.tables,
            jobs_bucket=settings.jobs_bucket,
            copies=CopyQueue(clients.sqs, settings.copy_queue_url),
            slot=self.slot,
            pause=self.pause,
            now=self.now,
        )
        failer = JobFailer(
            states=self._states(),
            batch=self._batch(),
            loader=loader,
            dynamodb=clients.dynamodb,
            tables=settings.tables,
            s3=clients.s3,
            jobs_bucket=settings.jobs_bucket,
            announce=self._announce,
            now=self.now,
        )
        return {"job_id": job_id, "done": failer.fail(job_id, error, remaining)}

    def _states(self) -> JobStates:
        return JobStates(self.clients.dynamodb, self.settings.tables.jobs, self.pause)

    def _batch(self) -> BatchOperations:
        return BatchOperations(self.clients.s3control, self.settings.account_id, self.settings.batch_role_arn)

    def _listener(self) -> Listener:
        settings = self.settings
        return Listener(
            self.clients.s3, settings.event_queue_arn, settings.name_prefix, settings.account_id, self.pause
        )

    def _announce(self, state: JobState) -> None:
        clients, settings = self.clients, self.settings
        announce = announcer(
            clients.dynamodb, settings.tables.jobs, clients.sns, settings.progress_topic_arn, clients.events
        )
        progress = find_progress(clients.dynamodb, settings.tables.rollups, state.job_id, self.pause)
        announce.ended(state, progress, self.now())
