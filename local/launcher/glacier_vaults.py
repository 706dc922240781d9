"""Glacier vaults, which the emulator lacks: the stand-in, judged and notified as its own services are."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import shapes
from glacier.control import control
from glacier.errors import GlacierError
from glacier.service import Glacier
from glacier.times import times_of
from glacier.vaults import Place, vault_arn
from glacier.wire import GlacierHttp, operation_of

CONTROL_PATH = "/_thaw/glacier"
SERVICE = "glacier.amazonaws.com"


def vaults_are_hosted(app: Any, sns: Any, responses: Any, environ: Mapping[str, str]) -> None:
    """A request that is signed for Glacier is answered `Unsupported service`."""
    hosted = GlacierVaults(app, sns, responses, environ)
    app.SERVICE_HANDLERS["glacier"] = hosted.handle

    def make(original: Any) -> Callable[..., Any]:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope.get("path") == CONTROL_PATH:
                await hosted.answer_control(receive, send)
            else:
                await original(scope, receive, send)

        return serve

    shapes.replace(app, "app", "ab1297bd6cd5", make)


class GlacierVaults:
    """The stand-in as a service of the emulator."""

    def __init__(self, app: Any, sns: Any, responses: Any, environ: Mapping[str, str]) -> None:
        self._app = app
        self._sns = sns
        self._responses = responses
        self._glacier = Glacier(time.time, self._publish, times_of(environ))
        self._http = GlacierHttp(self._glacier)
        self._waiting: asyncio.TimerHandle | None = None

    async def handle(self, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        """One request, as the emulator's own handlers take and answer it."""
        operation, account = operation_of(method, path), self._responses.get_account_id()
        if operation:
            place = Place(account, self._responses.get_region())
            name = path.strip("/").split("/")[2:3]
            arn = vault_arn(name[0], place) if name else "*"
            refused = self._app._enforce_data_plane(
                "glacier", f"glacier:{operation}", headers, query, "", resource_arn=arn
            )
            if refused:
                return refused
        target = f"{path}?{urlencode(query, doseq=True)}"
        answer = self._http.answer(method, target, headers, body, account)
        self._wake_when_due()
        return answer.status, _without_length(answer.headers), answer.body

    async def answer_control(self, receive: Any, send: Any) -> None:
        """POST does what its JSON says; nothing, if it is empty. See `glacier.control`."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        place = Place(self._responses.get_account_id(), self._responses.get_region())
        try:
            status, told = 200, control(self._glacier, place, json.loads(body or b"{}"))
        except (GlacierError, TypeError, ValueError) as exc:
            status, told = 400, {"message": str(exc)}
        self._wake_when_due()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    def _wake_when_due(self) -> None:
        """Has the next job end in time, whether anybody asks or not."""
        if self._waiting is not None:
            self._waiting.cancel()
        seconds = self._glacier.seconds_to_wait()
        loop = asyncio.get_running_loop()
        self._waiting = None if seconds is None else loop.call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._waiting = None
        self._glacier.settle()
        self._wake_when_due()

    def _publish(self, topic_arn: str, message: str) -> None:
        """As the service itself does: nobody is told if the topic's policy does not let it.

        https://docs.aws.amazon.com/amazonglacier/latest/dev/configuring-notifications.html
        """
        vault = json.loads(message)["VaultARN"]
        account = vault.split(":")[4]
        if self._sns.topic_policy_allows(topic_arn, SERVICE, vault, account):
            self._sns.publish_internal(topic_arn, message)


def _without_length(headers: Mapping[str, str]) -> dict[str, str]:
    """The emulator counts the bytes itself."""
    return {name: value for name, value in headers.items() if name != "Content-Length"}
