"""Serves the Glacier stand-in over HTTP in a thread, for tests with the real client and their own clock."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Self

import boto3
from botocore.config import Config

from local.launcher.glacier.service import Glacier, Notify
from local.launcher.glacier.times import Times, compressed, read
from local.launcher.glacier.vaults import Place, Vault
from local.launcher.glacier.wire import GlacierHttp

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

START = "2026-11-21T10:00:00Z"


class Clock:
    """A clock that stands still until it is told otherwise; seconds since 1970."""

    def __init__(self, start: str = START) -> None:
        self.seconds = read(start)

    def __call__(self) -> float:
        return self.seconds


class GlacierServer:
    """Glacier at a port of its own, as a context manager.

    `notify(topic ARN, message)` publishes; without one, `notices` collects what would be. The clock stands
    still unless `advance` is called, or another one is given. The account is 123456789012, as moto's.
    """

    def __init__(
        self,
        *,
        times: Times | None = None,
        notify: Notify | None = None,
        clock: Callable[[], float] | None = None,
        account: str = "123456789012",
    ) -> None:
        self.notices: list[tuple[str, str]] = []
        self._own_clock = Clock()
        collect: Notify = lambda topic, message: self.notices.append((topic, message))  # noqa: E731
        self.glacier = Glacier(clock or self._own_clock, notify or collect, times or compressed(0))
        self._account = account
        self.http = GlacierHttp(self.glacier, account)
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.http, self._lock))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None  # noqa: S101 __enter__ made it
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        assert self._server is not None  # noqa: S101 read within the `with`
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self, region: str = "us-east-1", config: Config | None = None) -> "GlacierClient":
        """A client that speaks to this server; without retries unless `config` says otherwise."""
        return boto3.client(
            "glacier",
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 nobody checks it
            config=config or Config(retries={"total_max_attempts": 1}, max_pool_connections=50),
        )

    def vault(self, name: str, region: str = "us-east-1") -> Vault:
        """A vault, new or there already: `add` puts archives in, also old ones."""
        return self.glacier.create_vault(name, Place(self._account, region))

    def advance(self, seconds: float) -> None:
        """Lets time pass, ends the jobs whose time has come and sends their notifications."""
        with self._lock:
            self._own_clock.seconds += seconds
            self.glacier.settle()


def _handler(http: GlacierHttp, lock: threading.RLock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request after the other, however many connections there are."""

        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                answer = http.answer(self.command, self.path, dict(self.headers.items()), body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815 names that the base class looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class's own name
            """Tests have no use for it."""

    return Handler
