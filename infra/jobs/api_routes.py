"""What the API of jobs answers to, and how it refuses; plain values. docs/openapi.yaml describes it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

STAGE = "v1"


class Route(NamedTuple):
    """A method and its path; `resource` is the logical name of the path's resource."""

    method: str
    path: str
    resource: str

    @property
    def name(self) -> str:
        """Its logical name."""
        return f"job-api-{self.method.lower()}-{self.resource}"


ROUTES = (
    Route("POST", "/create-job", "create-job"),
    Route("GET", "/jobs", "jobs"),
    Route("GET", "/jobs/{job_id}", "job"),
    Route("DELETE", "/jobs/{job_id}", "job"),
)

VAULT_ROUTES = (
    Route("POST", "/vault-transfers", "vault-transfers"),
    Route("POST", "/vault-transfers/{job_id}/resume", "vault-transfer-resume"),
)
"""Those of a stack with vaults besides."""

BODY_MODEL = {"$schema": "http://json-schema.org/draft-04/schema#", "title": "CreateJob", "type": "object"}
"""What API Gateway checks: that there is a JSON object. The function checks the rest, in sentences."""

REFUSAL = '{"error": {"code": "$context.error.responseType", "message": $context.error.messageString}}'
"""What API Gateway itself refuses with, shaped as the function's own refusals; the message is quoted:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"""

REFUSALS: Mapping[str, str] = {"client": "DEFAULT_4XX", "server": "DEFAULT_5XX"}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""

ACCESS_LOG = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "caller": "$context.identity.userArn",
        "apiKeyId": "$context.identity.apiKeyId",
        "sourceIp": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "status": "$context.status",
        "refusal": "$context.error.responseType",
        "latencyMs": "$context.responseLatency",
    }
)
"""A line a request: who, what, and what came of it; no body.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html"""


def authorization(job_api: str) -> tuple[str, bool]:
    """How callers show who they are, by the setting: API Gateway's word, and whether a key is needed."""
    return ("NONE", True) if job_api == "api_key" else ("AWS_IAM", False)


def fingerprint(routes: Sequence[Route], job_api: str, function_arn: str) -> str:
    """Changes when what is deployed does: a stage keeps what was there at its deployment."""
    shape = [*routes, BODY_MODEL, REFUSAL, *REFUSALS.values(), job_api, function_arn]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()


def integration_uri(function_arn: str) -> str:
    """What API Gateway calls a function by."""
    _, partition, _, region, *_ = function_arn.split(":")
    path = f"lambda:path/2015-03-31/functions/{function_arn}/invocations"
    return f"arn:{partition}:apigateway:{region}:{path}"
