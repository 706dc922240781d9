"""A function that polls a queue with a role that may do what the config says."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()

queue = aws.sqs.Queue("queue", name="polled", tags={})
role = aws.iam.Role("role", name="polling", assume_role_policy="{}", tags={})
policy = aws.iam.RolePolicy(
    "policy",
    name="polling",
    role=role.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": config.require_object("actions"), "Resource": queue.arn}
            ],
        }
    ),
)
function = aws.lambda_.Function(
    "function",
    name="polling",
    role=role.arn,
    runtime=aws.lambda_.Runtime.PYTHON3D11,
    architectures=["arm64"],
    handler="polling.handler",
    code=pulumi.FileArchive(config.require("package")),
    memory_size=128,
    timeout=10,
    environment=aws.lambda_.FunctionEnvironmentArgs(variables={"GREETING": "hello"}),
    tags={},
)
aws.lambda_.EventSourceMapping(
    "mapping",
    event_source_arn=queue.arn,
    function_name=function.name,
    batch_size=1,
    maximum_batching_window_in_seconds=0,
    function_response_types=["ReportBatchItemFailures"],
    scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=2),
    tags={},
    opts=pulumi.ResourceOptions(depends_on=[policy]),
)
