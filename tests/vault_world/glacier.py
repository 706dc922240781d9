"""Glacier in the process of the test: the stand-in of local/, answering real clients without a socket."""

from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse

from local.launcher.glacier.service import Glacier, Place
from local.launcher.glacier.times import compressed
from local.launcher.glacier.vaults import Vault
from local.launcher.glacier.wire import GlacierHttp
from tests.vault_world.clocks import Clock

ENVIRONMENT = {"AWS_ENDPOINT_URL_GLACIER": "http://glacier.of.the.test"}
RETRIEVAL_SECONDS = 1500.0
"""Each retrieval takes so long, of an inventory too, unless a test says otherwise."""

PLACE = Place("123456789012", "us-east-1")


class StandIn(Glacier):
    """With the notifications that nobody has taken yet: (topic, message)."""

    def __init__(self, clock: Clock) -> None:
        self.told: list[tuple[str, str]] = []
        super().__init__(clock.timestamp, lambda topic, message: self.told.append((topic, message)))

    def of(self, name: str) -> Vault:
        return self.vault(name, PLACE)


def stand_in(clock: Clock, *vaults: str) -> StandIn:
    """With these vaults, empty."""
    made = StandIn(clock)
    made.state.times = compressed(RETRIEVAL_SECONDS)
    for name in vaults:
        made.create_vault(name, PLACE)
    return made


def notifications(glacier: StandIn) -> list[str]:
    """What Glacier has told since the last time, once its jobs have ended whose time has come."""
    glacier.settle()
    told, glacier.told = glacier.told, []
    return [message for _topic, message in told]


def answer(session: botocore.session.Session, glacier: StandIn) -> None:
    """Clients of Glacier made of this session from now on are answered here."""
    http = GlacierHttp(glacier, PLACE.account)

    def answered(request: Any, **_: object) -> AWSResponse:
        url = urlsplit(str(request.url))
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        headers = {name: _text(value) for name, value in request.headers.items()}
        told = http.answer(request.method, f"{url.path}?{url.query}", headers, body)
        return AWSResponse(request.url, told.status, cast("Any", told.headers), _Raw(told.body))

    events: Any = session.get_component("event_emitter")
    events.register("before-send.glacier", answered)


class _Raw(BytesIO):
    """A body as urllib3 hands it over."""

    def stream(self, amount: int = 1024, **_: object) -> Any:
        while piece := self.read(amount):
            yield piece


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
