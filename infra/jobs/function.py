"""One function of jobs: its code, role and log."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.function_identity import identity
from infra.jobs.access import JobAccess
from infra.jobs.function_policies import policy
from infra.jobs.functions import JobFunctionSpec, handler
from infra.metrics import THAW_NAMESPACE
from infra.names import Names
from infra.packaging import ARCHITECTURE, RUNTIME, Package


@dataclass(frozen=True)
class JobFunctionArgs:
    """`folder` in lambdas/, what it is built of and works with, and its variables; `layers` are ARNs."""

    folder: str
    spec: JobFunctionSpec
    names: Names
    tags: Mapping[str, str]
    package: Package
    layers: list[pulumi.Input[str]]
    access: pulumi.Input[JobAccess]
    variables: pulumi.Input[Mapping[str, str]]
    log_retention_days: int


class JobFunction(pulumi.ComponentResource):
    """A function, by the name of its folder with hyphens."""

    function_name: Output[str]
    function_arn: Output[str]
    policy: aws.iam.RolePolicy

    def __init__(self, name: str, args: JobFunctionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:JobFunction", name, None, opts)
        child = ResourceOptions(parent=self)
        function_name = args.names.job_function(args.folder)
        own = identity(f"{name}-", function_name, args.names, args.tags, args.log_retention_days, child)
        document = Output.all(args.access, own.log_group.arn).apply(lambda given: policy(args.folder, *given))
        self.policy = aws.iam.RolePolicy(
            f"{name}-role-policy", name=name, role=own.role.name, policy=document, opts=child
        )
        function = aws.lambda_.Function(
            name,
            name=function_name,
            role=own.role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=handler(args.folder),
            code=pulumi.FileArchive(str(args.package.path)),
            source_code_hash=args.package.sha256,
            layers=args.layers,
            memory_size=args.spec.memory_mb,
            timeout=args.spec.timeout_seconds,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=args.spec.storage_mb),
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables=Output.from_input(args.variables).apply(
                    lambda given: environment(given, function_name)
                )
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[own.log_group, self.policy]),
        )
        self.function_name, self.function_arn = function.name, function.arn
        self.register_outputs({"function_name": self.function_name})


def environment(variables: Mapping[str, str], function: str) -> dict[str, str]:
    """The variables of jobs and those of Powertools."""
    return {
        **variables,
        "POWERTOOLS_SERVICE_NAME": function,
        "POWERTOOLS_METRICS_NAMESPACE": THAW_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
