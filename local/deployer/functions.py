"""Lambda functions, their roles, logs and event sources."""

from pathlib import Path
from typing import Any

from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.rights import refuse_a_role_that_may_not
from local.deployer.shapes import tag_list
from local.emulator import Emulator

_POLLING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


def _put_role(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    role = emulator.client("iam").create_role(
        RoleName=inputs["name"], AssumeRolePolicyDocument=inputs["assumeRolePolicy"], Tags=tag_list(inputs)
    )["Role"]
    return inputs["name"], {"arn": role["Arn"]}


def _delete_role(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("iam").delete_role(RoleName=inputs["name"])


def _put_role_policy(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    emulator.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )
    return f"{inputs['role']}:{inputs['name']}", {}


def _delete_role_policy(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("iam").delete_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"])


def _attach_policy(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    emulator.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return f"{inputs['role']}-{inputs['policyArn']}", {}


def _detach_policy(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("iam").detach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])


def _put_log_group(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client = emulator.client("logs")
    client.create_log_group(logGroupName=inputs["name"], tags=inputs["tags"])
    _set_retention(emulator, inputs, {})
    groups = client.describe_log_groups(logGroupNamePrefix=inputs["name"])["logGroups"]
    return inputs["name"], {"arn": groups[0].get("arn", "").removesuffix(":*")}


def _set_retention(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("logs").put_retention_policy(
        logGroupName=inputs["name"], retentionInDays=inputs["retentionInDays"]
    )


def _delete_log_group(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("logs").delete_log_group(logGroupName=inputs["name"])


def _put_function(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("lambda")
    created = client.create_function(
        FunctionName=inputs["name"],
        Role=inputs["role"],
        Runtime=inputs["runtime"],
        Architectures=inputs["architectures"],
        Handler=inputs["handler"],
        Code={"ZipFile": Path(inputs["code"].path).read_bytes()},
        MemorySize=inputs["memorySize"],
        Timeout=inputs["timeout"],
        Environment={"Variables": inputs["environment"]["variables"]},
        Layers=inputs.get("layers", []),
        EphemeralStorage={"Size": inputs.get("ephemeralStorage", {}).get("size", 512)},
        Tags=inputs["tags"],
    )
    return inputs["name"], {"arn": created["FunctionArn"]}


def _change_function(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    client = emulator.client("lambda")
    client.update_function_code(FunctionName=inputs["name"], ZipFile=Path(inputs["code"].path).read_bytes())
    client.update_function_configuration(
        FunctionName=inputs["name"],
        MemorySize=inputs["memorySize"],
        Timeout=inputs["timeout"],
        Environment={"Variables": inputs["environment"]["variables"]},
        Layers=inputs.get("layers", []),
    )


def _delete_function(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("lambda").delete_function(FunctionName=inputs["name"])


def _put_mapping(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("lambda")
    _refuse_a_role_that_may_not_poll(emulator, inputs)
    created = client.create_event_source_mapping(
        EventSourceArn=inputs["eventSourceArn"],
        FunctionName=inputs["functionName"],
        BatchSize=inputs["batchSize"],
        MaximumBatchingWindowInSeconds=inputs.get("maximumBatchingWindowInSeconds", 0),
        FunctionResponseTypes=inputs["functionResponseTypes"],
        ScalingConfig={"MaximumConcurrency": inputs["scalingConfig"]["maximumConcurrency"]},
        Tags=inputs["tags"],
    )
    return created["UUID"], {"uuid": created["UUID"]}


def _refuse_a_role_that_may_not_poll(emulator: Emulator, inputs: Inputs) -> None:
    """Lambda refuses such a mapping when it is created; the emulator polls with rights of its own.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
    """
    function = emulator.client("lambda").get_function_configuration(FunctionName=inputs["functionName"])
    refuse_a_role_that_may_not(emulator, function.get("Role", ""), _POLLING, inputs["eventSourceArn"])


def _change_mapping(emulator: Emulator, inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("lambda").update_event_source_mapping(
        UUID=outputs["uuid"],
        BatchSize=inputs["batchSize"],
        MaximumBatchingWindowInSeconds=inputs.get("maximumBatchingWindowInSeconds", 0),
        ScalingConfig={"MaximumConcurrency": inputs["scalingConfig"]["maximumConcurrency"]},
    )


def _delete_mapping(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("lambda").delete_event_source_mapping(UUID=outputs["uuid"])


HANDLERS = {
    "aws:iam/role:Role": handler("name assumeRolePolicy tags", _put_role, _delete_role),
    "aws:iam/rolePolicy:RolePolicy": handler(
        "name role policy", _put_role_policy, _delete_role_policy, repeatable=True
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": handler(
        "role policyArn", _attach_policy, _detach_policy
    ),
    "aws:cloudwatch/logGroup:LogGroup": handler(
        "name retentionInDays tags", _put_log_group, _delete_log_group
    ).changed_by(_set_retention, "retentionInDays"),
    "aws:lambda/function:Function": handler(
        "name role runtime architectures handler code sourceCodeHash memorySize timeout"
        " environment.variables layers ephemeralStorage.size tags",
        _put_function,
        _delete_function,
    ).changed_by(_change_function, "code sourceCodeHash memorySize timeout environment layers"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": handler(
        "eventSourceArn functionName batchSize maximumBatchingWindowInSeconds functionResponseTypes"
        " scalingConfig.maximumConcurrency tags",
        _put_mapping,
        _delete_mapping,
    ).changed_by(_change_mapping, "batchSize maximumBatchingWindowInSeconds scalingConfig"),
}
