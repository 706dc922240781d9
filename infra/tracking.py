"""Tracking: the objects and rollups tables, imported, tagged, protected, and the job registered."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.config import Connection
from infra.names import Names
from infra.providers.job_registration import JobRegistration, JobRegistrationArgs
from infra.providers.table_safeguard import TableSafeguard, TableSafeguardArgs
from infra.setting_entries import ImportFiles

IMPORT_TIMEOUT = "48h"
"""The provider's own half hour is over before an import of some gigabytes is, and would leave a table that is
half created in its books (https://github.com/hashicorp/terraform-provider-aws/issues/27250)."""

FIXED = ["name", "hashKey", "rangeKey", "attributes", "importTable"]
"""What would replace a table, and so lose its records, if it changed: ignored once the table exists."""


@dataclass(frozen=True)
class TrackingArgs:
    """`import_files` fills the objects table at its creation, and only then; `protect` keeps both tables from
    being deleted, by Pulumi and by DynamoDB."""

    names: Names
    connection: Connection
    tags: Mapping[str, str]
    protect: bool
    import_files: ImportFiles | None


@dataclass(frozen=True)
class _Table:
    """How one of the tables differs from the other."""

    logical_name: str
    name: str
    hash_key: str
    range_key: str
    import_files: ImportFiles | None = None


class Tracking(pulumi.ComponentResource):
    """The two tables of a stack, ready to be written."""

    objects_table_name: Output[str]
    objects_table_arn: Output[str]
    rollups_table_name: Output[str]
    rollups_table_arn: Output[str]

    def __init__(self, name: str, args: TrackingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:tracking:Tracking", name, None, opts)
        self._args = args
        objects = self._table(
            _Table("objects", args.names.objects_table, "object_path", "version_id", args.import_files)
        )
        rollups = self._table(_Table("rollups", args.names.rollups_table, "job_id", "metric"))
        if args.import_files:
            self._register(args.import_files, objects, rollups)
        self.objects_table_name, self.objects_table_arn = objects.name, objects.arn
        self.rollups_table_name, self.rollups_table_arn = rollups.name, rollups.arn
        self.register_outputs(
            {"objects_table_name": self.objects_table_name, "rollups_table_name": self.rollups_table_name}
        )

    def _table(self, spec: _Table) -> aws.dynamodb.Table:
        table = aws.dynamodb.Table(
            spec.logical_name,
            name=spec.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=spec.hash_key,
            range_key=spec.range_key,
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in (spec.hash_key, spec.range_key)
            ],
            import_table=_import_table(spec.import_files),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            deletion_protection_enabled=self._args.protect,
            tags=self._args.tags,
            opts=ResourceOptions(
                parent=self,
                protect=self._args.protect,
                ignore_changes=FIXED,
                custom_timeouts=pulumi.CustomTimeouts(create=IMPORT_TIMEOUT) if spec.import_files else None,
            ),
        )
        safeguard = self._safeguard(spec, table)
        if spec.import_files:
            self._tag(spec.logical_name, table, safeguard)
        return table

    def _safeguard(self, spec: _Table, table: aws.dynamodb.Table) -> TableSafeguard:
        args = TableSafeguardArgs(
            table_name=table.name,
            table_arn=table.arn,
            wanted_name=spec.name,
            deletion_protection=self._args.protect,
            connection=self._args.connection.inputs,
        )
        return TableSafeguard(f"{spec.logical_name}-safeguard", args, ResourceOptions(parent=self))

    def _tag(self, logical_name: str, table: aws.dynamodb.Table, after: pulumi.Resource) -> None:
        """Sets the tags that the provider leaves out when it imports; one call at a time changes a table.

        They stay when the config names the import no more.
        """
        for key, value in self._args.tags.items():
            after = aws.dynamodb.Tag(
                f"{logical_name}-tag-{key}",
                resource_arn=table.arn,
                key=key,
                value=value,
                opts=ResourceOptions(parent=self, depends_on=[after], retain_on_delete=True),
            )

    def _register(
        self, files: ImportFiles, objects: aws.dynamodb.Table, rollups: aws.dynamodb.Table
    ) -> JobRegistration:
        args = JobRegistrationArgs(
            bucket=files.bucket,
            summary_key=files.summary_key,
            table_arn=objects.arn,
            rollups_table=rollups.name,
            connection=self._args.connection.inputs,
        )
        return JobRegistration("job-registration", args, ResourceOptions(parent=self))


def _import_table(files: ImportFiles | None) -> aws.dynamodb.TableImportTableArgs | None:
    """The import of the folder of parts; other files there would be read as items."""
    if files is None:
        return None
    return aws.dynamodb.TableImportTableArgs(
        input_format="DYNAMODB_JSON",
        input_compression_type="GZIP",
        s3_bucket_source=aws.dynamodb.TableImportTableS3BucketSourceArgs(
            bucket=files.bucket, key_prefix=files.import_prefix
        ),
    )
