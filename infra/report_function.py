"""The report function: its code, libraries, role and log, and where runs go that failed for good."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import policies, report_policies
from infra.function_identity import identity
from infra.metrics import THAW_NAMESPACE
from infra.names import Names
from infra.packaging import ARCHITECTURE, RUNTIME, Package
from infra.report_policies import ReportAccess

HANDLER = "lambdas.report.handler.handler"
TIMEOUT_SECONDS = 900
"""The most that Lambda gives; a scan of many objects through Athena takes minutes."""
MEMORY_MB = 2048
RETRIES = 2
"""The most, a minute and then two minutes after a failure:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
MAX_EVENT_AGE_SECONDS = 3600
FAILURE_RETENTION_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class ReportFunctionArgs:
    """Code and libraries, what the function works with, and its variables.

    `access` are the fields of ReportAccess but for the queue and the log group, which are made here;
    `query_policy` is the document that lets it query through Athena.
    """

    names: Names
    tags: Mapping[str, str]
    package: Package
    layer: Package
    variables: Mapping[str, pulumi.Input[str]]
    access: Mapping[str, pulumi.Input[str]]
    query_policy: pulumi.Input[str]
    log_retention_days: int


class ReportFunction(pulumi.ComponentResource):
    """A function that is invoked asynchronously, tried again, and whose lost runs stand in a queue."""

    function_name: Output[str]
    function_arn: Output[str]
    failures_arn: Output[str]

    def __init__(self, name: str, args: ReportFunctionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:reports:ReportFunction", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        failures = self._failures()
        log_group, role = identity(
            "report-", args.names.report_function, args.names, args.tags, args.log_retention_days, self._child
        )
        rights = self._rights(role, failures, log_group)
        function = self._function(role, [log_group, *rights])
        self._failing(function, failures, rights)
        self.function_name, self.function_arn = function.name, function.arn
        self.failures_arn = failures.arn
        self.register_outputs({"function_name": self.function_name})

    def _failures(self) -> aws.sqs.Queue:
        args = self._args
        queue = aws.sqs.Queue(
            "report-failures",
            name=args.names.report_failures,
            message_retention_seconds=FAILURE_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=args.tags,
            opts=self._child,
        )
        aws.sqs.QueuePolicy(
            "report-failures-policy",
            queue_url=queue.url,
            policy=queue.arn.apply(policies.dead_letter_queue),
            opts=self._child,
        )
        return queue

    def _rights(
        self, role: aws.iam.Role, failures: aws.sqs.Queue, log_group: aws.cloudwatch.LogGroup
    ) -> list[aws.iam.RolePolicy]:
        own = Output.all(**self._args.access, failures=failures.arn, log_group=log_group.arn).apply(
            lambda arns: report_policies.report(ReportAccess(**arns))
        )
        documents = {"report": own, "query": self._args.query_policy}
        return [
            aws.iam.RolePolicy(
                f"report-role-policy-{name}", name=name, role=role.name, policy=document, opts=self._child
            )
            for name, document in documents.items()
        ]

    def _function(self, role: aws.iam.Role, after: list[pulumi.Resource]) -> aws.lambda_.Function:
        args = self._args
        layer = aws.lambda_.LayerVersion(
            "report-layer",
            layer_name=args.names.report_layer,
            description="pandas, DuckDB and PyAthena for the reports of Thaw.",
            code=pulumi.FileArchive(str(args.layer.path)),
            source_code_hash=args.layer.sha256,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            opts=self._child,
        )
        return aws.lambda_.Function(
            "report-function",
            name=args.names.report_function,
            role=role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=HANDLER,
            code=pulumi.FileArchive(str(args.package.path)),
            source_code_hash=args.package.sha256,
            layers=[layer.arn],
            memory_size=MEMORY_MB,
            timeout=TIMEOUT_SECONDS,
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={
                    **args.variables,
                    "POWERTOOLS_SERVICE_NAME": args.names.report_function,
                    "POWERTOOLS_METRICS_NAMESPACE": THAW_NAMESPACE,
                    "POWERTOOLS_LOG_LEVEL": "INFO",
                }
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=after),
        )

    def _failing(
        self, function: aws.lambda_.Function, failures: aws.sqs.Queue, rights: list[aws.iam.RolePolicy]
    ) -> None:
        """What Lambda does with a run that fails; it checks the role's right to the queue at once."""
        destination = aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
            on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                destination=failures.arn
            )
        )
        aws.lambda_.FunctionEventInvokeConfig(
            "report-invocations",
            function_name=function.name,
            maximum_retry_attempts=RETRIES,
            maximum_event_age_in_seconds=MAX_EVENT_AGE_SECONDS,
            destination_config=destination,
            opts=ResourceOptions(parent=self, depends_on=rights),
        )
