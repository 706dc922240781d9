"""A stack in memory in which jobs are prepared, as far as their preparation sees it."""

import csv
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from analytics.price_file import load_prices
from tests.fakes.bucket_s3 import BucketS3
from tests.fakes.dynamodb import JOBS, FakeDynamoDB
from thaw.core.job_requests import JobRequest, Selection, Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus, Validated
from thaw.core.records import ObjectRecord
from thaw.jobs.estimating import Prices
from thaw.jobs.import_lines import records_of
from thaw.jobs.preparing import Preparation, Prepared
from thaw.store.job_states import JobStates

JOB = "job-1"
BUCKET = "photos"
MANIFEST = "s3://manifests/m.csv"
RULES = JobRules(region="eu-west-1", restore_buckets=(BUCKET, "films"), manifest_buckets=("manifests",))
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CREATED_AT = "2026-11-21T09:00:00.000Z"
BY_MANIFEST = JobRequest(bucket=BUCKET, tier="Bulk", manifest=MANIFEST, expiration_days=7)
BY_SELECTION = JobRequest(
    bucket=BUCKET, tier="Bulk", way=Way.REQUESTS, selection=Selection(), expiration_days=7
)
MEMORY_BYTES = 1_000_000_000
LONG = 900.0
"""Seconds: as much as an invocation ever has."""


@dataclass
class Stack:
    """Tables and buckets; `rules` are those of the stack."""

    rules: JobRules = RULES
    s3: BucketS3 = field(default_factory=lambda: BucketS3("jobs", "manifests"))
    dynamodb: FakeDynamoDB = field(default_factory=FakeDynamoDB)

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb.client, JOBS)

    @property
    def preparation(self) -> Preparation:
        prices = load_prices()
        return Preparation(
            self.states,
            self.s3.client,
            "jobs",
            self.rules,
            Prices(prices.date, prices.regions),
            MEMORY_BYTES,
            lambda: NOW,
        )

    def ask(self, request: JobRequest, **state: Any) -> None:
        """A job as the API or the state machine stores it."""
        asked = JobState(JOB, request, JobStatus.PREPARING, CREATED_AT)
        self.states.create(replace(asked, **state))

    def again(self, run: int) -> None:
        """The job started again, after it had loaded objects."""
        self.states.update(
            JOB, lambda state: replace(state, run=run, continues=True, status=JobStatus.PREPARING)
        )

    def prepare(self, seconds: float = LONG) -> Prepared:
        """All invocations that it takes, each with so many seconds."""
        while True:
            prepared = self.preparation.run(JOB, lambda: seconds)
            if prepared.done:
                return prepared

    def manifest(self, *rows: str, name: str = "m.csv") -> None:
        """A Batch Operations CSV manifest of these lines."""
        self.s3.files["manifests", name] = "".join(row + "\n" for row in rows).encode()

    @property
    def state(self) -> JobState:
        return self.states.read(JOB)

    @property
    def found(self) -> Validated:
        assert self.state.validated is not None
        return self.state.validated

    def records(self) -> list[ObjectRecord]:
        """Of all import parts, in their order."""
        return [record for part in self.parts() for record in part]

    def parts(self) -> list[list[ObjectRecord]]:
        names = self.s3.keys("jobs", f"jobs/{JOB}/import/")
        assert names == [f"jobs/{JOB}/import/part-{number:05}.json.gz" for number in range(len(names))]
        return [list(records_of(self.s3.files["jobs", name])) for name in names]

    def raw_lines(self) -> list[dict[str, Any]]:
        """The lines of all import parts, as they are."""
        names = self.s3.keys("jobs", f"jobs/{JOB}/import/")
        texts = [gzip.decompress(self.s3.files["jobs", name]) for name in names]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def rejects(self) -> list[dict[str, str]]:
        text = self.s3.files["jobs", f"jobs/{JOB}/rejects.csv"].decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def summary(self) -> dict[str, Any]:
        return json.loads(self.s3.files["jobs", f"jobs/{JOB}/summary.json"])

    def left(self) -> list[str]:
        """The names of the files in the job's folder, without import parts."""
        folder = f"jobs/{JOB}/"
        keys = [key.removeprefix(folder) for key in self.s3.keys("jobs", folder)]
        return [key for key in keys if not key.startswith("import/")]


def keys_of(records: Iterable[ObjectRecord]) -> list[str]:
    return [record.entry.key for record in records]


def assert_adds_up(found: Validated) -> None:
    assert found.rows_in == found.objects + found.duplicates + found.filtered + found.rejects
    assert found.objects == sum(part.objects for part in found.by_storage_class.values())
    assert found.size_bytes == sum(part.size_bytes for part in found.by_storage_class.values())
