"""Starts and stops the local AWS (MiniStack), leaving no process and no file behind."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal, Self, cast, overload

import boto3
import botocore.session
from botocore.config import Config

from local.environment import emulator_python
from local.errors import EmulatorError
from local.s3control import account_stays_out_of_the_host

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

_LAUNCHER = Path(__file__).resolve().parent / "launcher"
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02
_TAIL_CHARACTERS = 4000


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """A copy of an environment without its AWS_* variables."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


@dataclass(frozen=True)
class _Running:
    process: subprocess.Popen[bytes]
    folder: Path
    port: int


class Emulator:
    """A local AWS of its own: empty at start, gone at stop. Use it as a context manager.

    `auth`: IAM policies are enforced for everybody but the test credentials.
    `restore_seconds`: how long an archive retrieval takes (the emulator's own 2 s if not given).
    `day_seconds`: how long a day of `Days` in RestoreObject lasts; if not given, copies expire
    at a midnight UTC, as on AWS.
    `batch_tasks_per_second`: objects that an S3 Batch Operations job gets through in a second.
    `batch_status_seconds`: how long such a job stays in each of its passing statuses.
    `glacier_seconds`: how long a retrieval from a vault takes, of an archive or an inventory (hours, as at
    AWS, if not given); `glacier_window_seconds`: how long its output can be read then (a day).
    `wait_scale`: what Step Functions' waits and retry intervals are multiplied by.
    `log`: file that keeps the emulator's output; if not given, it goes with the emulator's folder.
    """

    account = "000000000000"

    def __init__(
        self,
        *,
        auth: bool = False,
        restore_seconds: float | None = None,
        day_seconds: float | None = None,
        batch_tasks_per_second: float | None = None,
        batch_status_seconds: float | None = None,
        glacier_seconds: float | None = None,
        glacier_window_seconds: float | None = None,
        wait_scale: float | None = None,
        region: str = "us-east-1",
        log: Path | None = None,
        log_level: str = "WARNING",
    ) -> None:
        self.auth = auth
        self.region = region
        self._settings = {
            "AUTH": str(auth).lower(),
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": log_level,
            "MINISTACK_REGION": region,
            "SFTP_ENABLED": "0",
            **_given(
                THAW_LOCAL_RESTORE_SECONDS=restore_seconds,
                THAW_LOCAL_DAY_SECONDS=day_seconds,
                THAW_LOCAL_BATCH_TASKS_PER_SECOND=batch_tasks_per_second,
                THAW_LOCAL_BATCH_STATUS_SECONDS=batch_status_seconds,
                THAW_LOCAL_GLACIER_SECONDS=glacier_seconds,
                THAW_LOCAL_GLACIER_WINDOW_SECONDS=glacier_window_seconds,
                SFN_WAIT_SCALE=wait_scale,
            ),
        }
        self._log = log
        self._running: _Running | None = None
        self._session: boto3.Session | None = None
        self._clients: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Where every service answers, `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._require().port}"

    @property
    def pid(self) -> int:
        """The emulator's process, which leads a process group that holds its Lambda workers."""
        return self._require().process.pid

    @property
    def log_path(self) -> Path:
        """The file with the emulator's output."""
        return self._log or self._require().folder / "emulator.log"

    def environment(self) -> dict[str, str]:
        """The AWS_* variables that lead any AWS client here; merge them into `without_aws(...)`."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def session(self) -> boto3.Session:
        """A session whose clients speak to this emulator, unless AWS_ENDPOINT_URL is set here."""
        if self._session is None:
            self._session = boto3.Session(
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 the emulator's own root credentials
                region_name=self.region,
                botocore_session=self._botocore_session(),
            )
        return self._session

    @overload
    def client(self, service: Literal["apigateway"]) -> "APIGatewayClient": ...
    @overload
    def client(self, service: Literal["athena"]) -> "AthenaClient": ...
    @overload
    def client(self, service: Literal["cloudwatch"]) -> "CloudWatchClient": ...
    @overload
    def client(self, service: Literal["dynamodb"]) -> "DynamoDBClient": ...
    @overload
    def client(self, service: Literal["events"]) -> "EventBridgeClient": ...
    @overload
    def client(self, service: Literal["glacier"]) -> "GlacierClient": ...
    @overload
    def client(self, service: Literal["glue"]) -> "GlueClient": ...
    @overload
    def client(self, service: Literal["iam"]) -> "IAMClient": ...
    @overload
    def client(self, service: Literal["lambda"]) -> "LambdaClient": ...
    @overload
    def client(self, service: Literal["logs"]) -> "CloudWatchLogsClient": ...
    @overload
    def client(self, service: Literal["s3"]) -> "S3Client": ...
    @overload
    def client(self, service: Literal["s3control"]) -> "S3ControlClient": ...
    @overload
    def client(self, service: Literal["scheduler"]) -> "EventBridgeSchedulerClient": ...
    @overload
    def client(self, service: Literal["sns"]) -> "SNSClient": ...
    @overload
    def client(self, service: Literal["sqs"]) -> "SQSClient": ...
    @overload
    def client(self, service: Literal["stepfunctions"]) -> "SFNClient": ...
    @overload
    def client(self, service: Literal["sts"]) -> "STSClient": ...
    def client(self, service: str) -> Any:
        """A client of this emulator, whatever this process's environment says.

        It is made once a service and safe to share between threads.
        """
        if service not in self._clients:
            self._clients[service] = cast("Any", self.session()).client(
                service, endpoint_url=self.endpoint_url
            )
        return self._clients[service]

    def take_calls(self) -> Counter[str]:
        """What functions have called since the last time, as `service:Operation`, and all restore requests.

        Only calls with credentials of their own are theirs, so this needs `auth`.
        """
        request = urllib.request.Request(f"{self.endpoint_url}/_thaw/calls", method="DELETE")  # noqa: S310 our own address
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return Counter(json.loads(answer.read()))

    def control_glacier(self, **asked: Any) -> dict[str, Any]:
        """What Glacier's own API does not let anybody do: see `local/launcher/glacier/control.py`."""
        url, body = f"{self.endpoint_url}/_thaw/glacier", json.dumps(asked).encode()
        request = urllib.request.Request(url, body)  # noqa: S310 our own address
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return json.loads(answer.read())
        except urllib.error.HTTPError as exc:
            raise EmulatorError(json.loads(exc.read())["message"]) from exc

    def start(self) -> None:
        """Starts the emulator and waits until it answers. Raises EmulatorError with its last words."""
        python = emulator_python()
        folder = Path(tempfile.mkdtemp(prefix="thaw-emulator-"))
        # The port is opened here and handed over, so that nobody can take it in between; a request
        # that comes early waits in its queue.
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
            fd = probe.fileno()
            with (self._log or folder / "emulator.log").open("wb") as log:
                process = self._spawn(python, folder, port, fd, log)
        self._running = _Running(process, folder, port)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the emulator with all its Lambda workers and removes its folder; harmless if not running."""
        running, self._running, self._session = self._running, None, None
        self._clients.clear()
        if running is None:
            return
        running.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
        if running.process.stdin is not None:
            running.process.stdin.close()
        shutil.rmtree(running.folder, ignore_errors=True)

    def log_tail(self) -> str:
        """The last lines that the emulator wrote."""
        return self.log_path.read_text(errors="replace")[-_TAIL_CHARACTERS:]

    def _require(self) -> _Running:
        if self._running is None:
            raise EmulatorError("The emulator is not running: call start() or use it in a `with`.")
        return self._running

    def _spawn(
        self, python: Path, folder: Path, port: int, fd: int, log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """The emulator holds the reading end of a pipe of ours: its end tells it that we are gone."""
        return subprocess.Popen(
            [str(python), str(_LAUNCHER), str(fd)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[fd],
            start_new_session=True,
            cwd=folder,
            env={
                **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                **self._settings,
                "GATEWAY_PORT": str(port),
                "HOME": str(folder),
                "TMPDIR": str(folder),
            },
        )

    def _wait_until_it_answers(self) -> None:
        running = self._require()
        url = f"{self.endpoint_url}/_ministack/health"
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if running.process.poll() is not None:
                break
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310 our own address
                return
            time.sleep(_POLL_SECONDS)
        raise EmulatorError(
            f"The emulator did not answer at {url} within {_START_SECONDS:.0f} s "
            f"(exit code {running.process.poll()}); its last words: {self.log_tail().strip()}"
        )

    def _botocore_session(self) -> botocore.session.Session:
        """A session that reads only a config file of ours: the endpoint has no other seat in boto3."""
        config = self._require().folder / "aws-config"
        config.write_text(f"[default]\nendpoint_url = {self.endpoint_url}\n")
        session = botocore.session.Session()
        session.set_config_variable("config_file", str(config))
        session.set_config_variable("profile", "default")
        session.set_default_client_config(Config(max_pool_connections=50))
        account_stays_out_of_the_host(session, self.endpoint_url)
        return session


def _given(**numbers: float | None) -> dict[str, str]:
    """The settings that are not left to the emulator, as text."""
    return {name: str(number) for name, number in numbers.items() if number is not None}
