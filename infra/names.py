"""The AWS names and ARNs of a stack, all from its name_prefix and the ARN of its queue."""

import hashlib
from dataclasses import dataclass

from infra.job_names import JobNames

MAX_RULE_NAME = 64
"""https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""

MAX_BUCKET_NAME = 63
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

_DIGEST_CHARACTERS = 8


@dataclass(frozen=True)
class Names(JobNames):
    """Physical names: fixed, not generated, so that people find things under the name they expect."""

    @property
    def objects_table(self) -> str:
        """One item an object version."""
        return f"{self.prefix}-objects"

    @property
    def rollups_table(self) -> str:
        """The counters and totals of jobs."""
        return f"{self.prefix}-rollups"

    @property
    def queue(self) -> str:
        """The queue of events."""
        return f"{self.prefix}-events"

    @property
    def dead_letter_queue(self) -> str:
        """The queue of events that cannot be applied."""
        return f"{self.prefix}-events-dead-letter"

    @property
    def function(self) -> str:
        """The tracker; its role has the same name."""
        return f"{self.prefix}-track-events"

    def log_group_of(self, function: str) -> str:
        """Where Lambda has a function log, unless told otherwise."""
        return f"/aws/lambda/{function}"

    @property
    def topic(self) -> str:
        """Where alarms are published."""
        return f"{self.prefix}-alarms"

    @property
    def dashboard(self) -> str:
        """The CloudWatch dashboard."""
        return f"{self.prefix}-tracking"

    @property
    def work_group(self) -> str:
        """Where queries run in Athena, at the limits of the stack."""
        return self.prefix

    @property
    def data_catalog(self) -> str:
        """The tables as Athena sees them, through the connector; SQL writes it without quotes."""
        return f"{self.database}_dynamodb"

    @property
    def database(self) -> str:
        """The Glue database: types of the tables, and the tables of the reports."""
        return self.prefix.replace("-", "_")

    @property
    def connector(self) -> str:
        """The function that reads the tables for Athena; its role and its application are named so."""
        return f"{self.prefix}-athena-connector"

    @property
    def report_function(self) -> str:
        """The function that writes the reports; its role has the same name."""
        return f"{self.prefix}-report"

    @property
    def report_layer(self) -> str:
        """The libraries of the report function."""
        return f"{self.prefix}-report"

    @property
    def report_failures(self) -> str:
        """The queue of runs of the report function that failed for good."""
        return f"{self.prefix}-report-failures"

    @property
    def report_scheduler(self) -> str:
        """The group of the schedules, and the role with which EventBridge Scheduler calls the function."""
        return f"{self.prefix}-report-scheduler"

    @property
    def reports_topic(self) -> str:
        """Where the headline of written reports is published."""
        return f"{self.prefix}-reports"

    @property
    def report_schedule(self) -> str:
        """When the reports from counters are written."""
        return f"{self.prefix}-reports"

    @property
    def object_report_schedule(self) -> str:
        """When the reports that read every object are written."""
        return f"{self.prefix}-object-reports"

    def quicksight(self, purpose: str) -> str:
        """The id of something in QuickSight."""
        return f"{self.prefix}-quicksight-{purpose}"

    @property
    def notification_id(self) -> str:
        """The Id of our entry in a bucket's notification configuration."""
        return f"thaw-events-of-{self.prefix}"

    def results_bucket(self, place: "Place") -> str:
        """The results of queries."""
        return self._bucket("results", place)

    def spill_bucket(self, place: "Place") -> str:
        """What is too large for the connector's answer."""
        return self._bucket("spill", place)

    def reports_bucket(self, place: "Place") -> str:
        """The scheduled reports."""
        return self._bucket("reports", place)

    def jobs_bucket(self, place: "Place") -> str:
        """What jobs read and leave behind."""
        return self._bucket("jobs", place)

    def _bucket(self, purpose: str, place: "Place") -> str:
        """Bucket names are shared with all other accounts, so that account and Region stand in ours."""
        return bounded(f"{self.prefix}-{purpose}-{place.account}-{place.region}", MAX_BUCKET_NAME)

    def alarm(self, purpose: str) -> str:
        """An alarm's name."""
        return f"{self.prefix}-{purpose}"

    def event_rule(self, bucket: str, kind: str) -> str:
        """The EventBridge rule for one kind of events of a bucket."""
        return bounded(f"{self.prefix}-{kind}-{bucket}", MAX_RULE_NAME)


def bounded(name: str, limit: int) -> str:
    """`name`, or where it is longer than `limit` characters its start and a digest of the whole."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{name[: limit - _DIGEST_CHARACTERS - 1]}-{digest}"


@dataclass(frozen=True)
class Place:
    """Partition, Region and account: what every ARN of a stack has in common."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> "Place":
        """Where the resource of a regional ARN is."""
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(partition, region, account)

    def bucket_arn(self, bucket: str) -> str:
        """The ARN of a bucket."""
        return f"arn:{self.partition}:s3:::{bucket}"

    def event_rule_arn(self, rule: str) -> str:
        """The ARN of a rule on the default event bus."""
        return f"arn:{self.partition}:events:{self.region}:{self.account}:rule/{rule}"

    def function_arn(self, function: str) -> str:
        """The ARN of a function."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{function}"

    def table_arn(self, table: str) -> str:
        """The ARN of a table."""
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/{table}"

    def queue_arn(self, queue: str) -> str:
        """The ARN of a queue."""
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{queue}"

    def topic_arn(self, topic: str) -> str:
        """The ARN of a topic."""
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{topic}"

    def vault_arn(self, vault: str) -> str:
        """The ARN of a Glacier vault."""
        return f"arn:{self.partition}:glacier:{self.region}:{self.account}:vaults/{vault}"

    def event_bus_arn(self, bus: str) -> str:
        """The ARN of an event bus."""
        return f"arn:{self.partition}:events:{self.region}:{self.account}:event-bus/{bus}"

    def machine_arn(self, machine: str) -> str:
        """The ARN of a state machine."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{machine}"

    def executions_arn(self, machine: str) -> str:
        """The pattern that matches the ARNs of a state machine's executions."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:execution:{machine}:*"

    def map_executions_arn(self, machine: str) -> str:
        """The pattern that matches the ARNs of the executions that distributed maps of a machine start."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:execution:{machine}/*"

    def role_arn(self, role: str) -> str:
        """The ARN of a role."""
        return f"arn:{self.partition}:iam::{self.account}:role/{role}"

    def batch_jobs_arn(self) -> str:
        """The pattern that matches the ARNs of the jobs of S3 Batch Operations."""
        return f"arn:{self.partition}:s3:{self.region}:{self.account}:job/*"

    def work_group_arn(self, work_group: str) -> str:
        """The ARN of a work group of Athena."""
        return f"arn:{self.partition}:athena:{self.region}:{self.account}:workgroup/{work_group}"

    def data_catalog_arn(self, catalog: str) -> str:
        """The ARN of a data catalog of Athena."""
        return f"arn:{self.partition}:athena:{self.region}:{self.account}:datacatalog/{catalog}"

    def glue_arn(self, resource: str) -> str:
        """The ARN of something in the Glue catalog: `catalog`, `database/NAME` or `table/DATABASE/NAME`."""
        return f"arn:{self.partition}:glue:{self.region}:{self.account}:{resource}"

    def alarm_arns(self, prefix: str) -> str:
        """The pattern that matches the ARNs of alarms whose names start so."""
        return f"arn:{self.partition}:cloudwatch:{self.region}:{self.account}:alarm:{prefix}*"
