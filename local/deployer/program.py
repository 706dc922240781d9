"""Runs the Pulumi program `__main__.py` against a mock monitor, in place of the engine."""

import asyncio
import json
import os
import runpy
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from pulumi.runtime import mocks
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import SETTINGS, set_root_resource
from pulumi.runtime.stack import run_in_stack

from infra.config import BUILD_VARIABLE
from local.deployer import layers

PROGRAM = Path(__file__).resolve().parents[2] / "__main__.py"

BUILD = PROGRAM.parent / "build" / "local"
"""Where packages are built, apart from those for AWS."""


def run_program(
    monitor: mocks.MockMonitor,
    config: Mapping[str, Any],
    *,
    preview: bool = False,
    stack: str = "local",
    program: Path = PROGRAM,
) -> None:
    """Runs the program to its end, stack outputs included. Raises what the program or a mock raises.

    `config` holds plain values; a key without namespace is of `thaw:`.
    """
    texts = {key if ":" in key else f"thaw:{key}": _text(value) for key, value in config.items()}
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)
    # set_mocks makes a root stack and finishes its outputs; the program must get one of its own.
    set_root_resource(cast(Any, None))
    mocks.set_mocks(monitor.mocks, project="thaw", stack=stack, preview=preview, monitor=monitor)
    set_root_resource(cast(Any, None))
    set_all_config(texts)

    def run_main() -> None:
        runpy.run_path(str(program), run_name="__main__")

    async def run() -> None:
        await run_in_stack(run_main)

    try:
        with _building_apart():
            loop.run_until_complete(run())
    finally:
        _finish(loop)


@contextmanager
def _building_apart() -> Generator[None]:
    """Leads the program to a folder of packages that are not for AWS, with a stand-in for the layer."""
    layers.stand_in(PROGRAM.parent, BUILD)
    os.environ[BUILD_VARIABLE] = str(BUILD)
    try:
        yield
    finally:
        del os.environ[BUILD_VARIABLE]


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """Drops what a failed program left half done: Pulumi keeps it, and the next run would wait for it."""
    cast("Any", SETTINGS).outputs.clear()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _text(value: Any) -> str:
    """A config value as the engine hands it over."""
    return value if isinstance(value, str) else json.dumps(value)
