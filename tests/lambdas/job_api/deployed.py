"""The job_api function in memory, asked as API Gateway asks it."""

import io
import json
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from aws_lambda_powertools import Logger, Metrics

from lambdas.job_api.handler import JobApi
from lambdas.job_api.routes import Routes
from tests.jobs.served import JOBS_BUCKET, TOPIC, Served
from tests.lambdas.job_functions import context

CONTEXT = context()
OF_JOB = re.compile(r"(/jobs/|/vault-transfers/(?=.*/resume$))(.*?)(/resume)?", re.DOTALL)
REQUEST_ID = CONTEXT.aws_request_id


class Answered(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> tuple[str, str]:
        """The code and the message of an error."""
        assert self.json.keys() == {"error"}
        assert self.json["error"].keys() == {"code", "message"}
        return self.json["error"]["code"], self.json["error"]["message"]


@dataclass
class Deployed:
    """The function over a service in memory."""

    served: Served = field(default_factory=Served)
    log: io.StringIO = field(default_factory=io.StringIO)

    def send(self, event: dict[str, Any]) -> Answered:
        """The answer to one event of API Gateway."""
        logger = Logger(service=f"job_api {id(self)}", stream=self.log)  # loggers of one name share a stream
        metrics = Metrics(namespace="Thaw", service="job_api")
        api = JobApi(Routes(self.served.service, TOPIC, JOBS_BUCKET), logger, metrics)
        answer = api.handle(event, CONTEXT)
        return Answered(answer["statusCode"], answer["headers"], answer["body"])

    def ask(self, method: str, path: str, body: Any = None, *, query: str = "") -> Answered:
        """The answer to a request; a `body` that is no text is sent as JSON."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.send(proxied(method, path, text, query))

    def create(self, body: Any) -> Answered:
        return self.ask("POST", "/create-job", body)


def proxied(method: str, path: str, body: str | None = None, query: str = "") -> dict[str, Any]:
    """The event that API Gateway makes of a request to a REST API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    of_job = OF_JOB.fullmatch(path)
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters.setdefault(name, []).append(value)
    return {
        "resource": f"{of_job[1]}{{job_id}}{of_job[3] or ''}" if of_job else path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "pathParameters": {"job_id": of_job[2]} if of_job else None,
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "requestContext": {"requestId": REQUEST_ID, "stage": "v1"},
        "body": body,
        "isBase64Encoded": False,
    }
