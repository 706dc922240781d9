"""API Gateway before the function, as a WSGI application: for tools that speak HTTP."""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from lambdas.job_api.routes import ROUTES
from tests.lambdas.job_api.deployed import Deployed, proxied

STAGE = "/v1"

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def application(
    deployed: Callable[[], Deployed],
) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Answers requests by a function that `deployed()` makes for each."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace").removeprefix(STAGE)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
        event = proxied(method, path, body or None, environ.get("QUERY_STRING", ""))
        if (method, event["resource"]) not in ROUTES or path == "/jobs/":
            return _send(start_response, 403, {}, json.dumps({"message": "Missing Authentication Token"}))
        answered = deployed().send(event)
        return _send(start_response, answered.status, answered.headers, answered.text)

    return answer


def _send(start_response: StartResponse, status: int, headers: dict[str, str], text: str) -> list[bytes]:
    sent = {"Content-Type": "application/json", **headers}
    start_response(f"{status} {HTTPStatus(status).phrase}", [*sent.items()])
    return [text.encode()]
