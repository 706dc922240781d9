"""A function, a machine that calls it for every file of a bucket, its parent, and an API before it."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
ACCOUNT = "us-east-1:000000000000"
FUNCTION = f"arn:aws:lambda:{ACCOUNT}:function:answering"
ACTIONS = [
    "lambda:InvokeFunction",
    "states:StartExecution",
    "states:DescribeExecution",
    "states:StopExecution",
    "events:PutTargets",
    "events:PutRule",
    "events:DescribeRule",
    "logs:*",
]


def role(name: str, service: str, actions: list[str]) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """A role for a service, and its policy."""
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]
    }
    made = aws.iam.Role(name, name=name, assume_role_policy=json.dumps(trust), tags={})
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    only_in = {"StringLike": {"s3:prefix": [config.get("listed") or "in/*"]}}
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": only_in}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow, listing]})
    return made, aws.iam.RolePolicy(name, name=name, role=made.name, policy=document)


answering_role, _ = role("answering", "lambda.amazonaws.com", ["logs:*"])
function = aws.lambda_.Function(
    "answering",
    name="answering",
    role=answering_role.arn,
    runtime=aws.lambda_.Runtime.PYTHON3D11,
    architectures=["arm64"],
    handler="answering.handler",
    code=pulumi.FileArchive(config.require("package")),
    memory_size=128,
    timeout=10,
    environment=aws.lambda_.FunctionEnvironmentArgs(variables={}),
    tags={},
)

missing = config.get("missing")
trusted = config.get("trusted") or "states.amazonaws.com"
machine_role, machine_policy = role("machine", trusted, [each for each in ACTIONS if each != missing])
call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
for_every_file = {
    "Type": "Map",
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Parameters": {"Bucket": "files", "Prefix.$": "States.Format('in/{}/', $.folder)"},
    },
    "ItemSelector": {"file.$": "$$.Map.Item.Value.Key"},
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Call",
        "States": {"Call": {**call, "Parameters": {"FunctionName": FUNCTION, "Payload.$": "$"}}},
    },
    "ResultSelector": {"answers.$": "$[*].Payload"},
    "End": True,
}
logs = aws.cloudwatch.LogGroup("logs", name="/machines", retention_in_days=7, tags={})
child = aws.sfn.StateMachine(
    "child",
    name="child",
    type="STANDARD",
    role_arn=machine_role.arn,
    definition=json.dumps(
        {"Comment": config.get("comment") or "", "StartAt": "Each", "States": {"Each": for_every_file}}
    ),
    logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
        level="ERROR", include_execution_data=True, log_destination=logs.arn.apply(lambda arn: f"{arn}:*")
    ),
    tags={"team": "archive"},
    opts=pulumi.ResourceOptions(depends_on=[machine_policy]),
)
start = {
    "Type": "Task",
    "Resource": "arn:aws:states:::states:startExecution.sync:2",
    "Parameters": {"StateMachineArn": child.arn, "Input.$": "$"},
    "OutputPath": "$.Output",
    "End": True,
}
parent = aws.sfn.StateMachine(
    "parent",
    name="parent",
    role_arn=machine_role.arn,
    definition=pulumi.Output.json_dumps({"StartAt": "Start", "States": {"Start": start}}),
    tags={},
    opts=pulumi.ResourceOptions(depends_on=[machine_policy]),
)

with_key = config.get_bool("with_key") or False
api = aws.apigateway.RestApi("api", name="api", tags={})
resource = aws.apigateway.Resource(
    "resource", rest_api=api.id, parent_id=api.root_resource_id, path_part="files"
)
model = aws.apigateway.Model(
    "model",
    rest_api=api.id,
    name="Question",
    content_type="application/json",
    schema=json.dumps({"type": "object", "required": ["file"], "properties": {"file": {"type": "string"}}}),
)
validator = aws.apigateway.RequestValidator(
    "validator", rest_api=api.id, name="body", validate_request_body=True, validate_request_parameters=False
)
method = aws.apigateway.Method(
    "method",
    rest_api=api.id,
    resource_id=resource.id,
    http_method="POST",
    authorization="NONE" if with_key else "AWS_IAM",
    api_key_required=with_key,
    request_models={"application/json": model.name},
    request_validator_id=validator.id,
)
integration = aws.apigateway.Integration(
    "integration",
    rest_api=api.id,
    resource_id=resource.id,
    http_method=method.http_method,
    type="AWS_PROXY",
    integration_http_method="POST",
    uri=function.arn.apply(
        lambda arn: f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    ),
)
if not config.get_bool("without_leave"):
    aws.lambda_.Permission(
        "leave",
        statement_id="api",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="apigateway.amazonaws.com",
        source_arn=api.execution_arn.apply(lambda arn: f"{arn}/*"),
    )
deployment = aws.apigateway.Deployment(
    "deployment",
    rest_api=api.id,
    triggers={"redeployment": "1"},
    opts=pulumi.ResourceOptions(depends_on=[integration]),
)
stage = aws.apigateway.Stage("stage", rest_api=api.id, stage_name="v1", deployment=deployment.id, tags={})
aws.apigateway.MethodSettings(
    "throttle",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings=aws.apigateway.MethodSettingsSettingsArgs(
        throttling_rate_limit=0.01, throttling_burst_limit=config.get_int("burst") or 100
    ),
)
aws.apigateway.Response(
    "refusal",
    rest_api_id=api.id,
    response_type="BAD_REQUEST_BODY",
    status_code="400",
    response_templates={"application/json": '{"error": $context.error.messageString}'},
)
if with_key:
    plan = aws.apigateway.UsagePlan(
        "plan",
        name="plan",
        api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=api.id, stage=stage.stage_name)],
        throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(rate_limit=10, burst_limit=20),
        quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(limit=3, period="DAY"),
        tags={},
    )
    key = aws.apigateway.ApiKey("key", name="key", tags={})
    aws.apigateway.UsagePlanKey("membership", usage_plan_id=plan.id, key_id=key.id, key_type="API_KEY")
    pulumi.export("key", key.value)

pulumi.export("parent", parent.arn)
pulumi.export("url", stage.invoke_url)
