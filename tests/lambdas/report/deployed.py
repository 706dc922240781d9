"""The report function on tables, a bucket, a topic and an Athena in memory."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import uuid4

import duckdb
from aws_lambda_powertools import Logger, Metrics

from analytics.report_layout import Form, Home, dated_key, latest_key
from analytics.schema import OBJECT_COLUMNS, Kind
from lambdas.report.handler import WriteReports
from lambdas.report.run import Tools
from lambdas.report.settings import Settings
from tests.fakes.dynamodb import OBJECTS, ROLLUPS, FakeDynamoDB, client_error
from tests.fakes.stored_s3 import File, StoredS3
from tests.lambdas.report.test_settings import ENVIRONMENT
from tests.store.tables import tables
from thaw.core.jobs import Job, Totals
from thaw.core.records import ObjectRecord
from thaw.store.jobs import register_job

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = Settings.from_environment(ENVIRONMENT)
BUCKET, PREFIX, HOME = SETTINGS.reports_bucket, SETTINGS.reports_prefix, SETTINGS.home
CONTEXT = cast("LambdaContext", SimpleNamespace(aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef"))
SECONDS = 900
"""What Lambda gives a run."""
NOW = datetime(2026, 11, 22, 3, 0, 2, 345_000, tzinfo=UTC)
RUN = "2026-11-22T03:00:00Z"
RUN_TIME = datetime(2026, 11, 22, 3, tzinfo=UTC)


class Athena:
    """A PyAthena connection whose `objects` holds times as text, as the connector gives them.

    `durations` are of the statements to come, in seconds, at once without; `passed` is the time that went by.
    A statement `broken` cannot be started.
    """

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        self.connection = duckdb.connect(":memory:")
        columns = ", ".join(f"{column.name} {_held_as(column.kind)}" for column in OBJECT_COLUMNS)
        self.connection.execute(f"CREATE TABLE objects ({columns})")
        for item in items:
            self.connection.table("objects").insert(_row(item))
        self.statements: list[str] = []
        self.closed = 0
        self.broken = ""
        self.durations: list[int] = []
        self.passed = 0
        self.stopped: list[str] = []
        self.on_poll: Callable[[Any], None] = lambda _: None

    def cursor(self, on_poll: Callable[[Any], None] = lambda _: None) -> "Athena":
        self.on_poll = on_poll
        return self

    @property
    def client(self) -> Self:
        return self

    def stop_query_execution(self, QueryExecutionId: str) -> None:  # noqa: N803 (AWS's name)
        self.stopped.append(QueryExecutionId)

    def remaining_ms(self) -> int:
        return (SECONDS - self.passed) * 1000

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str) -> None:
        self.statements.append(sql)
        if self.broken and self.broken in sql:
            raise client_error("StartQueryExecution", "TooManyRequestsException")
        query_id = str(len(self.statements))
        for _ in range(self.durations.pop(0) if self.durations else 0):
            self.on_poll(SimpleNamespace(state="RUNNING", query_id=query_id))
            self.passed += 1
        self.on_poll(SimpleNamespace(state="SUCCEEDED", query_id=query_id))
        self.connection.execute(sql)

    @property
    def description(self) -> list[Any]:
        return self.connection.description or []

    def fetchall(self) -> list[Any]:
        return self.connection.fetchall()

    def close(self) -> None:
        self.closed += 1


def _held_as(kind: Kind) -> Kind:
    return Kind.TEXT if kind is Kind.TIME else kind


def _row(item: Mapping[str, Any]) -> list[Any]:
    values = {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}
    return [values.get(column.name) for column in OBJECT_COLUMNS]


class Topic:
    """SNS that keeps what is published."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.broken = False

    def publish(self, **message: Any) -> None:
        if self.broken:
            raise client_error("Publish", "InternalError")
        self.messages.append(message)


@dataclass
class Deployed:
    """The function and its surroundings; `now` is the clock."""

    dynamodb: FakeDynamoDB
    athena: Athena
    s3: StoredS3 = field(default_factory=lambda: StoredS3(BUCKET))
    topic: Topic = field(default_factory=Topic)
    log: io.StringIO = field(default_factory=io.StringIO)
    now: datetime = NOW
    connected: int = 0

    def invoke(self, reports: Any, as_of: str | None = RUN, **more: str) -> dict[str, Any]:
        """The answer of the function to an event as the schedules send it."""
        event = {"reports": reports, **more, **({"as_of": as_of} if as_of else {})}
        self.athena.passed = 0
        context = SimpleNamespace(**vars(CONTEXT), get_remaining_time_in_millis=self.athena.remaining_ms)
        return self.function().handle(event, cast("LambdaContext", context))

    def function(self) -> WriteReports:
        tools = Tools(
            self.dynamodb.client,
            self.s3.client,
            cast("Any", self.topic),
            athena=self._connect,
            now=lambda: self.now,
            pause=lambda _: None,
        )
        logger = Logger(service=f"report {uuid4()}", stream=self.log)  # those of one name share a stream
        return WriteReports(SETTINGS, tools, logger, Metrics(namespace="Thaw", service="report"))

    def _connect(self) -> Athena:
        self.connected += 1
        return self.athena

    @property
    def files(self) -> dict[str, File]:
        """What is in the reports bucket."""
        return self.s3.buckets[BUCKET]

    def latest(self, report: str, form: Form = Form.CSV, home: Home = HOME) -> File:
        return self.files[latest_key(PREFIX, form, report, home)]

    def dated(self, report: str, form: Form = Form.CSV, at: datetime = RUN_TIME) -> File:
        return self.files[dated_key(PREFIX, form, report, HOME, at)]


def deployed(records: Iterable[ObjectRecord], jobs: Iterable[Job] = ()) -> Deployed:
    """The function with these records in both tables; a job of theirs is registered with their totals."""
    held = list(records)
    fake = tables(held)
    for job in (*_jobs_of(held), *jobs):
        register_job(fake.client, ROLLUPS, job)
    fake.page_size = 100
    return Deployed(fake, Athena(fake.items(OBJECTS)))


def _jobs_of(records: Iterable[ObjectRecord]) -> list[Job]:
    sizes: dict[str, list[int]] = {}
    for record in records:
        sizes.setdefault(record.entry.job_id, []).append(record.entry.size_bytes or 0)
    return [
        Job(job_id, "2026-11-21T00:00:00.000Z", "Bulk", Totals(len(each), sum(each)))
        for job_id, each in sizes.items()
    ]
