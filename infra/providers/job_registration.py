"""A dynamic resource: a job's totals, registered once the import is seen to have brought every object."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pulumi
import pulumi.dynamic as dynamic

from infra.errors import ImportMismatchError, SettingsError
from infra.providers.connection import Provider, account_of, changed, refusal
from thaw.core.errors import ThawError
from thaw.core.jobs import Job
from thaw.store.jobs import register_job

SOURCE = ("bucket", "summary_key")
"""What was imported: it cannot change once the table exists."""


class JobRegistrationProvider(Provider):
    """Compares the import with the manifest's summary, then registers the totals; deletion leaves them."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Refuses, while the engine still plans, an unreadable summary and an import after the import."""
        try:
            if not _olds:
                _read_job(self.connect("s3", news), news)
            elif changed(_olds, news, SOURCE):
                raise SettingsError(
                    f"thaw:import_files is now {news['bucket']}/{news['summary_key']}, but the objects table"
                    f" was imported from {_olds['bucket']}/{_olds['summary_key']}, and an import only makes a"
                    " new table; put the old value back (or remove the key), and deploy a further job as a"
                    " stack of its own, with another name_prefix."
                )
        except ThawError as exc:
            return dynamic.CheckResult(news, [refusal("bucket", exc)])
        return dynamic.CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Done is done: nothing that may still change asks for it again."""
        return dynamic.DiffResult(changes=False)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Compares, then registers. Raises ImportMismatchError, SummaryError."""
        job = _read_job(self.connect("s3", props), props, account_of(props["table_arn"]))
        client = self.connect("dynamodb", props)
        imported = _imported_items(client, props["table_arn"])
        if imported != job.totals.objects:
            raise ImportMismatchError(
                f"The import into {props['table_arn']} brought {imported} objects, but the manifest's summary"
                f" has {job.totals.objects}; nothing was registered. Was the folder changed between"
                " `thaw manifest prepare` and the import? Prepare it again and import it into a new stack."
            )
        register_job(client, props["rollups_table"], job)
        outputs = {"job_id": job.job_id, "objects": job.totals.objects, "size_bytes": job.totals.size_bytes}
        return dynamic.CreateResult(job.job_id, {**props, **outputs})


def _read_job(client: Any, props: Mapping[str, Any], owner: str | None = None) -> Job:
    """The job of the summary. Raises SettingsError where there is none, SummaryError where not Thaw's."""
    where = f"s3://{props['bucket']}/{props['summary_key']}"
    expected = {"ExpectedBucketOwner": owner} if owner else {}
    try:
        body = client.get_object(Bucket=props["bucket"], Key=props["summary_key"], **expected)["Body"].read()
        return Job.from_summary(json.loads(body))
    except (client.exceptions.ClientError, ValueError) as exc:
        raise SettingsError(
            f"thaw:import_files leads to {where}, which cannot be read as a summary ({exc}); give the bucket"
            " and folder that `thaw manifest prepare` wrote."
        ) from exc


def _imported_items(client: Any, table_arn: str) -> int:
    """How many items the table's import brought; DynamoDB tells for 90 days.

    Raises ImportMismatchError when there was no import, it did not complete, or it skipped rows
    (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTableDescription.html).
    """
    imports = list(_imports(client, table_arn))
    if not imports:
        raise ImportMismatchError(
            f"The table {table_arn} was not imported: it existed before thaw:import_files was set, and an"
            " import only makes a new table; remove the key here, and deploy the job as a stack of its own,"
            " with another name_prefix."
        )
    found = client.describe_import(ImportArn=max(imports, key=_started)["ImportArn"])[
        "ImportTableDescription"
    ]
    if found["ImportStatus"] != "COMPLETED" or found.get("ErrorCount", 0):
        raise ImportMismatchError(
            f"The import into {table_arn} is {found['ImportStatus']} with {found.get('ErrorCount', 0)} errors"
            f" and {found.get('ImportedItemCount', 0)} objects; the rows are named in the log group"
            f" {found.get('CloudWatchLogGroupArn', '/aws-dynamodb/imports')}. Nothing was registered."
        )
    return int(found["ImportedItemCount"])


def _imports(client: Any, table_arn: str) -> Iterator[dict[str, Any]]:
    """All imports into tables that had this ARN: a deleted table of the same name is among them."""
    page: dict[str, str] = {}
    while True:
        answer = client.list_imports(TableArn=table_arn, **page)
        yield from answer["ImportSummaryList"]
        if "NextToken" not in answer:
            return
        page = {"NextToken": answer["NextToken"]}


def _started(summary: Mapping[str, Any]) -> datetime:
    return summary["StartTime"]


@dataclass(frozen=True)
class JobRegistrationArgs:
    """Where the summary is, the imported table, and the table of the totals."""

    bucket: str
    summary_key: str
    table_arn: pulumi.Input[str]
    rollups_table: pulumi.Input[str]
    connection: Mapping[str, str]


class JobRegistration(dynamic.Resource, module="thaw", name="JobRegistration"):
    """A job, registered; `job_id`, `objects` and `size_bytes` are the summary's."""

    job_id: pulumi.Output[str]
    objects: pulumi.Output[int]
    size_bytes: pulumi.Output[int]

    def __init__(
        self, name: str, args: JobRegistrationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props: dict[str, Any] = {
            "bucket": args.bucket,
            "summary_key": args.summary_key,
            "table_arn": args.table_arn,
            "rollups_table": args.rollups_table,
            "job_id": None,
            "objects": None,
            "size_bytes": None,
            **args.connection,
        }
        super().__init__(JobRegistrationProvider(), name, cast(Any, props), opts)
