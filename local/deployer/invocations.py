"""Layers of Lambda functions, who may invoke them, and what becomes of asynchronous invocations."""

import io
import zipfile
from typing import Any

from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.rights import refuse_a_role_that_may_not
from local.deployer.shapes import api_names
from local.emulator import Emulator


def _put_layer(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    """An empty layer: what is in the archive is built for another processor and Python."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("python/README", "The libraries are those of the emulator.")
    if "s3Bucket" in inputs:
        emulator.client("s3").head_object(Bucket=inputs["s3Bucket"], Key=inputs["s3Key"])
    client: Any = emulator.client("lambda")
    created = client.publish_layer_version(
        LayerName=inputs["layerName"],
        Content={"ZipFile": buffer.getvalue()},
        **api_names(inputs, "description compatibleRuntimes compatibleArchitectures"),
    )
    arn = created["LayerVersionArn"]
    return arn, {"arn": arn, "layerArn": created["LayerArn"], "version": str(created["Version"])}


def _delete_layer(emulator: Emulator, inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("lambda").delete_layer_version(
        LayerName=inputs["layerName"], VersionNumber=int(outputs["version"])
    )


def _put_invocations(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    """Lambda looks at once whether the role may send what failed where it shall go.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    client: Any = emulator.client("lambda")
    target = inputs["destinationConfig"]["onFailure"]["destination"]
    role = client.get_function_configuration(FunctionName=inputs["functionName"])["Role"]
    refuse_a_role_that_may_not(emulator, role, ["sqs:SendMessage"], target)
    client.put_function_event_invoke_config(**api_names(inputs))
    return inputs["functionName"], {}


def _delete_invocations(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("lambda").delete_function_event_invoke_config(FunctionName=inputs["functionName"])


def _put_permission(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("lambda")
    client.add_permission(
        FunctionName=inputs["function"],
        **api_names(inputs, "statementId action principal sourceArn sourceAccount"),
    )
    return inputs["statementId"], {}


def _delete_permission(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("lambda").remove_permission(
        FunctionName=inputs["function"], StatementId=inputs["statementId"]
    )


HANDLERS = {
    "aws:lambda/layerVersion:LayerVersion": handler(
        "layerName description code s3Bucket s3Key sourceCodeHash compatibleRuntimes compatibleArchitectures",
        _put_layer,
        _delete_layer,
        repeatable=True,
    ),
    "aws:lambda/permission:Permission": handler(
        "function statementId action principal sourceArn sourceAccount", _put_permission, _delete_permission
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": handler(
        "functionName maximumRetryAttempts maximumEventAgeInSeconds destinationConfig.onFailure.destination",
        _put_invocations,
        _delete_invocations,
        repeatable=True,
    ),
}
