"""REST APIs of API Gateway: their resources, methods and answers."""

from typing import Any

from local.deployer.handlers import Inputs, Outputs, Put, handler
from local.emulator import Emulator

_METHOD = "authorization apiKeyRequired requestParameters requestModels requestValidatorId operationName"
_INTEGRATION = (
    "type uri integrationHttpMethod timeoutMilliseconds credentials requestParameters requestTemplates"
    " passthroughBehavior"
)
_SPELLED_OTHERWISE = {
    "authorization": "authorizationType",
    "restApi": "restApiId",
    "timeoutMilliseconds": "timeoutInMillis",
}


def api_names_of(inputs: Inputs, wanted: str) -> dict[str, Any]:
    """The inputs as API Gateway's own interface spells them, only those wanted (words of one text)."""
    return {_SPELLED_OTHERWISE.get(name, name): inputs[name] for name in wanted.split() if name in inputs}


def _put_api(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("apigateway")
    wanted = "name description binaryMediaTypes minimumCompressionSize apiKeySource tags"
    endpoint = {"types": [inputs.get("endpointConfiguration", {}).get("types", "EDGE")]}
    api_id = client.create_rest_api(endpointConfiguration=endpoint, **api_names_of(inputs, wanted))["id"]
    (root,) = client.get_resources(restApiId=api_id)["items"]
    place = f"{emulator.region}:{emulator.account}:{api_id}"
    arn = f"arn:aws:apigateway:{emulator.region}::/restapis/{api_id}"
    return api_id, {
        "arn": arn,
        "rootResourceId": root["id"],
        "executionArn": f"arn:aws:execute-api:{place}",
    }


def _put_resource(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    created = emulator.client("apigateway").create_resource(
        restApiId=inputs["restApi"], parentId=inputs["parentId"], pathPart=inputs["pathPart"]
    )
    return created.get("id", ""), {"resourceId": created.get("id", ""), "path": created.get("path", "")}


def _delete_resource(emulator: Emulator, inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("apigateway").delete_resource(
        restApiId=inputs["restApi"], resourceId=outputs["resourceId"]
    )


def _part_of_method(operation: str, wanted: str) -> Put:
    """Something put at a method, or the method itself; it goes with its resource."""

    def put(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
        place = api_names_of(inputs, "restApi resourceId httpMethod statusCode")
        getattr(emulator.client("apigateway"), operation)(**place, **api_names_of(inputs, wanted))
        return "-".join(place.values()), {}

    return put


def _part_of_api(operation: str, wanted: str) -> Put:
    """Something with an id of its own that an API has; it goes with its API."""

    def put(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
        create = getattr(emulator.client("apigateway"), operation)
        created = create(**api_names_of(inputs, f"restApi {wanted}"))
        return created["id"], {}

    return put


def _put_response(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("apigateway")
    wanted = "restApiId responseType statusCode responseTemplates responseParameters"
    client.put_gateway_response(**api_names_of(inputs, wanted))
    return f"aggr-{inputs['restApiId']}-{inputs['responseType']}", {}


def _delete_api(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("apigateway").delete_rest_api(restApiId=outputs["executionArn"].rpartition(":")[2])


HANDLERS = {
    "aws:apigateway/restApi:RestApi": handler(
        "name description endpointConfiguration.types binaryMediaTypes minimumCompressionSize apiKeySource"
        " tags",
        _put_api,
        _delete_api,
    ),
    "aws:apigateway/resource:Resource": handler("restApi parentId pathPart", _put_resource, _delete_resource),
    "aws:apigateway/method:Method": handler(
        f"restApi resourceId httpMethod {_METHOD}", _part_of_method("put_method", _METHOD)
    ),
    "aws:apigateway/integration:Integration": handler(
        f"restApi resourceId httpMethod {_INTEGRATION}",
        _part_of_method("put_integration", _INTEGRATION),
        repeatable=True,
    ),
    "aws:apigateway/requestValidator:RequestValidator": handler(
        "restApi name validateRequestBody validateRequestParameters",
        _part_of_api("create_request_validator", "name validateRequestBody validateRequestParameters"),
    ),
    "aws:apigateway/model:Model": handler(
        "restApi name contentType schema description",
        _part_of_api("create_model", "name contentType schema description"),
    ),
    "aws:apigateway/deployment:Deployment": handler(
        "restApi description triggers", _part_of_api("create_deployment", "description"), repeatable=True
    ),
    "aws:apigateway/response:Response": handler(
        "restApiId responseType statusCode responseTemplates responseParameters",
        _put_response,
        repeatable=True,
    ),
}
