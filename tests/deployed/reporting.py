"""A stack to report on: three archived objects, and events of one of them at times that a test knows."""

from pathlib import Path
from typing import Any, cast

import boto3
import pyathena

from local.deployer import deploy
from local.emulator import Emulator
from local.messages import Happening, notification
from tests.deployed.stack import AT_ONCE, Stack, archive, prepare_job
from tests.waiting import eventually

KEYS = ["one", 'two/é\'s "quoted", and more', "three+3"]
REQUESTED, COMPLETED = "2026-11-20T10:00:00.000Z", "2026-11-20T15:30:00.000Z"


def restoring(at: str) -> Happening:
    """The restore of the second object is asked for."""
    return Happening("ObjectRestore:Post", "cold", KEYS[1], 4, "GLACIER", at)


def restored(at: str, until: str) -> Happening:
    """The second object is readable."""
    return Happening("ObjectRestore:Completed", "cold", KEYS[1], 4, "GLACIER", at, expires_at=until)


def reporting_stack(emulator: Emulator, folder: Path, *events: Happening) -> Stack:
    """The job of KEYS in the bucket `cold` after `events`; its files are made in `folder`."""
    emulator.client("s3").create_bucket(Bucket="cold")
    files = prepare_job(emulator, archive(emulator, "cold", KEYS), folder)
    stack = Stack(deploy({**AT_ONCE, "import_files": files}, emulator))
    for event in events:
        stack.send(notification(event))
    eventually(lambda: stack.waiting() == 0)
    return stack


def ask(stack: Stack, session: boto3.Session, **more: str) -> Any:
    """A PyAthena connection to the stack's work group and database."""
    return cast("Any", pyathena).connect(
        session=session,
        endpoint_url=stack.emulator.endpoint_url,
        region_name=stack.emulator.region,
        work_group=stack.outputs["athena_work_group"],
        schema_name=stack.outputs["athena_database"],
        poll_interval=0.02,
        **more,
    )
