"""Stages of REST APIs, and who may call them how often."""

from typing import Any

from local.deployer.apis import api_names_of
from local.deployer.handlers import Inputs, Outputs, handler
from local.emulator import Emulator


def _put_stage(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("apigateway")
    api_id, name = inputs["restApi"], inputs["stageName"]
    client.create_stage(
        restApiId=api_id,
        stageName=name,
        deploymentId=inputs["deployment"],
        **api_names_of(inputs, "description variables tags"),
    )
    _log_access(emulator, inputs)
    execution = f"arn:aws:execute-api:{emulator.region}:{emulator.account}:{api_id}/{name}"
    return f"ags-{api_id}-{name}", {
        "arn": f"arn:aws:apigateway:{emulator.region}::/restapis/{api_id}/stages/{name}",
        "executionArn": execution,
        "invokeUrl": f"{emulator.endpoint_url}/restapis/{api_id}/{name}/_user_request_",
    }


def _log_access(emulator: Emulator, inputs: Inputs) -> None:
    logging = inputs.get("accessLogSettings", {})
    _patch_stage(emulator, inputs, {f"/accessLogSettings/{name}": value for name, value in logging.items()})


def _change_stage(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    _patch_stage(emulator, inputs, {"/deploymentId": inputs["deployment"]})
    _log_access(emulator, inputs)


def _delete_stage(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("apigateway").delete_stage(restApiId=inputs["restApi"], stageName=inputs["stageName"])


_METHOD_SETTINGS = {
    "throttlingRateLimit": "throttling/rateLimit",
    "throttlingBurstLimit": "throttling/burstLimit",
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
}


def _put_method_settings(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    path = inputs["methodPath"]
    changes = {f"/{path}/{_METHOD_SETTINGS[name]}": value for name, value in inputs["settings"].items()}
    _patch_stage(emulator, inputs, changes)
    return f"{inputs['restApi']}-{inputs['stageName']}-{path}", {}


def _patch_stage(emulator: Emulator, inputs: Inputs, changes: dict[str, Any]) -> None:
    client: Any = emulator.client("apigateway")
    operations = [{"op": "replace", "path": path, "value": _text(value)} for path, value in changes.items()]
    client.update_stage(
        restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=operations
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _put_usage_plan(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("apigateway")
    limits = {"throttle": inputs.get("throttleSettings"), "quota": inputs.get("quotaSettings")}
    plan_id = client.create_usage_plan(
        apiStages=inputs["apiStages"],
        **{name: limit for name, limit in limits.items() if limit},
        **api_names_of(inputs, "name description tags"),
    )["id"]
    return plan_id, {"usagePlanId": plan_id}


def _put_key(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("apigateway")
    wanted = "name description enabled value tags"
    created = client.create_api_key(**{"enabled": True} | api_names_of(inputs, wanted))
    return created["id"], {"value": created["value"], "apiKeyId": created["id"]}


def _put_plan_key(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    emulator.client("apigateway").create_usage_plan_key(
        usagePlanId=inputs["usagePlanId"], keyId=inputs["keyId"], keyType=inputs["keyType"]
    )
    return inputs["keyId"], {}


def _delete_usage_plan(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("apigateway").delete_usage_plan(usagePlanId=outputs["usagePlanId"])


def _delete_key(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("apigateway").delete_api_key(apiKey=outputs["apiKeyId"])


HANDLERS = {
    "aws:apigateway/stage:Stage": handler(
        "restApi stageName deployment description variables tags accessLogSettings.destinationArn"
        " accessLogSettings.format",
        _put_stage,
        _delete_stage,
    ).changed_by(_change_stage, "deployment accessLogSettings"),
    "aws:apigateway/methodSettings:MethodSettings": handler(
        f"restApi stageName methodPath {' '.join(f'settings.{name}' for name in _METHOD_SETTINGS)}",
        _put_method_settings,
        repeatable=True,
    ),
    "aws:apigateway/usagePlan:UsagePlan": handler(
        "name description tags apiStages.apiId apiStages.stage throttleSettings.rateLimit"
        " throttleSettings.burstLimit quotaSettings.limit quotaSettings.period",
        _put_usage_plan,
        _delete_usage_plan,
    ),
    "aws:apigateway/apiKey:ApiKey": handler("name description enabled value tags", _put_key, _delete_key),
    "aws:apigateway/usagePlanKey:UsagePlanKey": handler("usagePlanId keyId keyType", _put_plan_key),
}
