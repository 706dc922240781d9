"""Mends of the emulator's API Gateway."""

import fnmatch
from collections.abc import Callable, Mapping
from typing import Any, cast

import shapes


def functions_are_invoked_only_with_their_leave(gateway: Any, functions: Any) -> None:
    """A REST API invokes any function, where AWS answers 500 unless the function's policy lets it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """

    def make(original: Any) -> Callable[..., Any]:
        async def invoke(
            integration: Any,
            api_id: str,
            stage: str,
            stage_record: Any,
            resource: Any,
            path: str,
            method: str,
            *args: Any,
            **more: Any,
        ) -> Any:
            place = gateway.get_region(), gateway.get_account_id(), api_id, stage, method, resource["path"]
            function = gateway._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
            if not _may_invoke(functions, function, gateway.execute_api_arn(*place)):
                return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
            return await original(
                integration, api_id, stage, stage_record, resource, path, method, *args, **more
            )

        return invoke

    shapes.replace(gateway, "_invoke_lambda_proxy_v1", "5651a96fa7ba", make)


def _may_invoke(functions: Any, function: str, source_arn: str) -> bool:
    record, _config, _name = functions._get_func_record_for_ref(function)
    statements = cast("list[dict[str, Any]]", (record or {}).get("policy", {}).get("Statement", []))
    return any(_lets_in(statement, source_arn) for statement in statements)


def _lets_in(statement: Mapping[str, Any], source_arn: str) -> bool:
    pattern = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
    return (
        statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
        and statement["Action"] in ("lambda:InvokeFunction", "lambda:*")
        and fnmatch.fnmatchcase(source_arn, pattern)
    )
