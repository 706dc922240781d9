"""Calls the REST API of a deployed stack, signed as its owner would sign."""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.emulator import Emulator


class Answer(NamedTuple):
    """What the API said; `body` is parsed JSON."""

    status: int
    body: Any


def call(emulator: Emulator, url: str, method: str, body: Any = None) -> Answer:
    """One request with the test credentials; an error is an answer too."""
    data = None if body is None else json.dumps(body).encode()
    request = AWSRequest(method, url, data=data, headers={"Content-Type": "application/json"})
    credentials: Any = emulator.session().get_credentials()
    SigV4Auth(credentials, "execute-api", emulator.region).add_auth(request)
    sent = urllib.request.Request(url, data, dict(request.headers), method=method)  # noqa: S310 the emulator's
    try:
        with urllib.request.urlopen(sent) as answer:  # noqa: S310
            return Answer(answer.status, json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        return Answer(error.code, json.loads(error.read()))
