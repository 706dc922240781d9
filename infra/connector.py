"""The connector between Athena and DynamoDB: AWS's own application, with our role, log group and cap."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import athena_policies
from infra.athena_policies import ConnectorAccess
from infra.config import Connection
from infra.function_identity import identity
from infra.names import Names, Place
from infra.providers.function_concurrency import FunctionConcurrency, FunctionConcurrencyArgs

APPLICATION = "arn:aws:serverlessrepo:us-east-1:292517598671:applications/AthenaDynamoDBConnector"
"""By AWS, to be deployed from any Region of the `aws` partition:
https://serverlessrepo.aws.amazon.com/applications/us-east-1/292517598671/AthenaDynamoDBConnector"""

VERSION = "2026.17.1"
"""https://github.com/awslabs/aws-athena-query-federation/releases/tag/v2026.17.1; its template is
athena-dynamodb/athena-dynamodb.yaml there."""

CAPABILITIES = ["CAPABILITY_IAM"]
"""What CloudFormation itself finds that the template needs: any other list would differ at every `up`
(https://github.com/hashicorp/terraform-provider-aws/issues/16485)."""


@dataclass(frozen=True)
class ConnectorArgs:
    """What the connector may read, where it spills, and how often it may run at the same time (0: no cap)."""

    names: Names
    connection: Connection
    tags: Mapping[str, str]
    objects_table_arn: pulumi.Input[str]
    rollups_table_arn: pulumi.Input[str]
    spill_bucket_name: pulumi.Input[str]
    spill_bucket_arn: pulumi.Input[str]
    work_group_arn: pulumi.Input[str]
    max_concurrency: int
    log_retention_days: int


class Connector(pulumi.ComponentResource):
    """The function that reads the tables for Athena, and the data catalog that leads to it."""

    function_arn: Output[str]
    data_catalog_name: Output[str]

    def __init__(self, name: str, args: ConnectorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:athena:Connector", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        log_group, role = identity(
            "connector-", args.names.connector, args.names, args.tags, args.log_retention_days, self._child
        )
        policy = self._policy(role, log_group)
        stack = self._application(role, [log_group, policy])
        cap = self._cap(stack)
        self.function_arn = Output.from_input(args.objects_table_arn).apply(
            lambda arn: Place.of(arn).function_arn(args.names.connector)
        )
        self.data_catalog_name = self._data_catalog([stack, *cap]).name
        self.register_outputs(
            {"function_arn": self.function_arn, "data_catalog_name": self.data_catalog_name}
        )

    def _policy(self, role: aws.iam.Role, log_group: aws.cloudwatch.LogGroup) -> aws.iam.RolePolicy:
        args = self._args
        document = Output.all(
            objects_table=args.objects_table_arn,
            rollups_table=args.rollups_table_arn,
            spill_bucket=args.spill_bucket_arn,
            log_group=log_group.arn,
            work_group=args.work_group_arn,
        ).apply(lambda arns: athena_policies.connector(ConnectorAccess(database=args.names.database, **arns)))
        return aws.iam.RolePolicy(
            "connector-policy", name="connector", role=role.name, policy=document, opts=self._child
        )

    def _application(
        self, role: aws.iam.Role, after: list[pulumi.Resource]
    ) -> aws.serverlessrepository.CloudFormationStack:
        """The application's CloudFormation stack, `serverlessrepo-NAME`.

        Only parameters that differ from the template's defaults are given: CloudFormation does not tell of
        the others, so that the provider would find a difference at every `up`, and fail to change nothing
        (https://github.com/pulumi/pulumi-aws/issues/2717).
        """
        args = self._args
        return aws.serverlessrepository.CloudFormationStack(
            "connector",
            name=args.names.connector,
            application_id=APPLICATION,
            semantic_version=VERSION,
            capabilities=CAPABILITIES,
            parameters={
                "AthenaCatalogName": args.names.connector,
                "SpillBucket": args.spill_bucket_name,
                "LambdaRole": role.arn,
            },
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=after),
        )

    def _cap(self, stack: aws.serverlessrepository.CloudFormationStack) -> list[pulumi.Resource]:
        """The reservation, set again where the stack or its version may have made another function."""
        args = self._args
        if args.max_concurrency == 0:
            return []
        concurrency = FunctionConcurrencyArgs(
            function_name=args.names.connector,
            concurrency=args.max_concurrency,
            generation=stack.id.apply(lambda stack_id: f"{stack_id} {VERSION}"),
            connection=args.connection.inputs,
        )
        return [
            FunctionConcurrency(
                "connector-concurrency", concurrency, ResourceOptions(parent=self, depends_on=[stack])
            )
        ]

    def _data_catalog(self, after: list[pulumi.Resource]) -> aws.athena.DataCatalog:
        """One function for metadata and records; nobody queries before it is capped."""
        args = self._args
        return aws.athena.DataCatalog(
            "data-catalog",
            name=args.names.data_catalog,
            description="The objects and rollups tables of Thaw, read live from DynamoDB.",
            type="LAMBDA",
            parameters={"function": self.function_arn},
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=after),
        )
