"""Small Lambda functions for tests of the emulator, and who runs under it."""

import io
import zipfile
from pathlib import Path

from local.emulator import Emulator

ROLE = "arn:aws:iam::000000000000:role/any"


def make_function(emulator: Emulator, name: str, source: str, role: str = ROLE) -> None:
    """A function whose `handler(event, context)` is in `source`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", source)
    emulator.client("lambda").create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.13",
        Handler="main.handler",
        Code={"ZipFile": buffer.getvalue()},
    )


def processes_of(group: int) -> list[int]:
    """The processes of a process group that are not merely waiting to be collected."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(pgrp) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found
