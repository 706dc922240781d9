"""The API of jobs: its routes are those of its description, its callers are known, its log is kept."""

import json
from typing import Any

import pytest
import yaml

from infra.jobs import api_routes
from infra.jobs.api_routes import ROUTES, VAULT_ROUTES
from infra.jobs.api_stage import log_policy_arn
from tests.infra.jobs.recorded import full, reduced, with_key, without_quota
from tests.infra.recording import ROOT, Recorded

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())


def test_the_routes_are_those_of_the_openapi_document() -> None:
    methods = {"get", "post", "put", "patch", "delete"}
    described = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
        if method in methods
    }
    assert {(route.method, route.path) for route in (*ROUTES, *VAULT_ROUTES)} == described


def test_every_route_has_a_method_and_an_integration_with_the_function() -> None:
    methods = {each.name: each.inputs for each in full().of_type("apigateway/method:Method")}
    integrations = {each.name: each.inputs for each in full().of_type("Integration")}
    assert methods.keys() == integrations.keys() == {route.name for route in ROUTES}
    for route in ROUTES:
        assert methods[route.name]["httpMethod"] == integrations[route.name]["httpMethod"] == route.method
        assert integrations[route.name]["type"] == "AWS_PROXY"
        assert integrations[route.name]["integrationHttpMethod"] == "POST", "as Lambda is called"
        assert integrations[route.name]["uri"] == (
            "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:eu-central-1:123456789012:thaw-job-api/invocations"
        )


@pytest.mark.parametrize(("made", "word", "key"), [(full, "AWS_IAM", False), (with_key, "NONE", True)])
def test_every_caller_has_to_be_known(made: Any, word: str, key: bool) -> None:  # noqa: FBT001 - a parameter of the test
    recorded: Recorded = made()
    for method in recorded.of_type("apigateway/method:Method"):
        assert (method.inputs["authorization"], method.inputs["apiKeyRequired"]) == (word, key)


def test_a_body_has_to_be_an_object_before_the_function_sees_it() -> None:
    post = full().one("apigateway/method:Method", "job-api-post-create-job").inputs
    assert post["requestModels"] == {"application/json": "CreateJob"}
    assert post["requestValidatorId"] == "job-api-validator-id"
    assert full().one("RequestValidator").inputs["validateRequestBody"] is True
    assert json.loads(full().one("apigateway/model:Model").inputs["schema"])["type"] == "object"


def test_the_gateway_refuses_in_the_shape_of_the_function() -> None:
    responses = {each.inputs["responseType"]: each.inputs for each in full().of_type("Response")}
    assert responses.keys() == {"DEFAULT_4XX", "DEFAULT_5XX"}
    for response in responses.values():
        text = response["responseTemplates"]["application/json"]
        filled = text.replace("$context.error.messageString", '"m"').replace(
            "$context.error.responseType", "THROTTLED"
        )
        assert json.loads(filled) == {"error": {"code": "THROTTLED", "message": "m"}}


def test_the_api_is_throttled() -> None:
    throttling = without_quota().one("MethodSettings").inputs
    assert throttling["methodPath"] == "*/*"
    assert throttling["settings"]["throttlingRateLimit"] == 3
    assert throttling["settings"]["throttlingBurstLimit"] == 4


def test_a_key_has_a_plan_with_limits_and_a_quota() -> None:
    plan = with_key().one("usagePlan:UsagePlan").inputs
    assert plan["quotaSettings"] == {"limit": 1000, "period": "DAY"}
    assert plan["throttleSettings"] == {"burstLimit": 7, "rateLimit": 10}
    member = with_key().one("UsagePlanKey").inputs
    assert (member["usagePlanId"], member["keyId"]) == ("job-api-plan-id", "job-api-key-id")
    free = without_quota().one("usagePlan:UsagePlan").inputs
    assert "quotaSettings" not in free


def test_callers_by_iam_need_no_key() -> None:
    assert full().of_type("ApiKey") == full().of_type("usagePlan:UsagePlan") == []


def test_without_an_api_there_is_no_function_of_it_either() -> None:
    off = reduced()
    assert not [each.name for each in off.resources if "apigateway" in each.type or "job-api" in each.name]
    assert (off.outputs["job_api_url"], off.outputs["job_api_key_id"]) == ("", "")


def test_what_is_deployed_is_deployed_again_when_it_changes() -> None:
    deployment = full().one("Deployment")
    integrations = {each.urn for each in (*full().of_type("Integration"), *full().of_type("Response"))}
    assert integrations <= set(deployment.dependencies)
    assert deployment.inputs["triggers"] != with_key().one("Deployment").inputs["triggers"]
    assert api_routes.fingerprint(ROUTES, "iam", "arn:a") != api_routes.fingerprint(ROUTES, "iam", "arn:b")
    assert api_routes.fingerprint(ROUTES, "iam", "a") != api_routes.fingerprint(VAULT_ROUTES, "iam", "a")


def test_requests_are_logged_without_what_is_in_them_once_the_account_can_log() -> None:
    stage = full().one("stage:Stage")
    log = json.loads(stage.inputs["accessLogSettings"]["format"])
    assert {"caller", "status", "path"} <= log.keys()
    assert not [value for value in log.values() if "body" in value or "header" in value.lower()]
    assert full().one("ApiLogRole").urn in stage.dependencies
    assert full().one("RolePolicyAttachment").inputs["policyArn"] == log_policy_arn("arn:aws:iam::1:role/r")
    log_group = full().one("LogGroup", "job-api-access-log-group").inputs
    assert (log_group["name"], log_group["retentionInDays"]) == ("/aws/apigateway/thaw-job-api", 90)


def test_other_partitions_have_their_own_policy_of_logs() -> None:
    assert log_policy_arn("arn:aws-cn:iam::1:role/r").startswith("arn:aws-cn:iam::aws:policy/service-role/")
