"""The emulator starts, answers, and leaves neither process nor file, however it or its parent ends."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import local.emulator
from local.emulator import Emulator, without_aws
from local.errors import EmulatorError
from tests.local.lambdas import make_function, processes_of
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

ROOT = Path(__file__).parents[2]


def test_it_answers_and_leaves_no_process_and_no_folder() -> None:
    with Emulator() as emulator:
        make_function(emulator, "busy", "def handler(event, context): return event['n'] + 1")
        answer = emulator.client("lambda").invoke(FunctionName="busy", Payload=b'{"n": 1}')
        assert answer["Payload"].read() == b"2"
        group, folder = emulator.pid, emulator.log_path.parent
        assert len(processes_of(group)) > 1, "a Lambda worker runs beside the emulator"
        assert folder.exists()
    assert processes_of(group) == []
    assert not folder.exists()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """A process of its own with an emulator and a Lambda worker."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.local.programs.child"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_it_ends_with_its_parent(child: subprocess.Popen[str], number: signal.Signals) -> None:
    assert child.stdout is not None
    pid, _, log = child.stdout.readline().strip().partition(" ")
    assert len(processes_of(int(pid))) > 1
    child.send_signal(number)
    child.wait(10)
    eventually(lambda: not processes_of(int(pid)))
    eventually(lambda: not Path(log).parent.exists())


def test_it_is_not_led_astray_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    with Emulator(region="eu-central-1") as emulator:
        url = emulator.client("sqs").create_queue(QueueName="here")["QueueUrl"]
        arn = emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    assert arn["Attributes"]["QueueArn"] == "arn:aws:sqs:eu-central-1:000000000000:here"


def test_what_others_inherit_leads_to_it_alone() -> None:
    with Emulator() as emulator:
        environment = without_aws({"AWS_PROFILE": "somebody", "HOME": "/home/me"}) | emulator.environment()
        code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "000000000000"


def test_what_is_not_running_says_so() -> None:
    with pytest.raises(EmulatorError, match="The emulator is not running: call start"):
        _ = Emulator().endpoint_url


def test_a_mended_function_of_another_shape_stops_the_start_and_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launcher = tmp_path / "launcher"
    shutil.copytree(ROOT / "local" / "launcher", launcher)
    mend = launcher / "mappings.py"
    mend.write_text(mend.read_text().replace("f230dbcd4974", "000000000000"))
    monkeypatch.setattr(local.emulator, "_LAUNCHER", launcher)
    with pytest.raises(
        EmulatorError, match=r"sqs\._receive_messages_for_esm is not the function of MiniStack"
    ):
        Emulator().start()
