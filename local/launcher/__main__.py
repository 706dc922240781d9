"""Runs MiniStack, mended, on the interpreter of its own environment, and ends it with its parent.

Usage: python local/launcher LISTENING_SOCKET_FD, with the parent's pipe as standard input.
Nothing of ours but this folder can be imported here.
"""

import asyncio
import contextlib
import importlib
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import calls
import mends

_WORKERS_SECONDS = 1.0


def main() -> None:
    """Mends the emulator's modules and serves until SIGTERM or the end of standard input."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _raise_open_files_limit()
    mends.apply()
    app: Any = importlib.import_module("ministack.app")
    counted = calls.Calls(app.app)
    counted.every_restore_request_is_counted(importlib.import_module("ministack.services.s3"))
    asyncio.run(_serve(counted, app.LOG_LEVEL, int(sys.argv[1])))


async def _serve(app: Any, log_level: str, listening_fd: int) -> None:
    hypercorn: Any = importlib.import_module("hypercorn.asyncio")
    config: Any = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{listening_fd}"]
    config.keep_alive_timeout = 75
    config.loglevel = log_level
    await hypercorn.serve(app, config, shutdown_trigger=asyncio.Event().wait)


def _end_with_the_parent() -> None:
    """The parent keeps the other end of this pipe open as long as it lives, however it ends.

    Only the main thread may handle signals, and only a signal of its own wakes it.
    """
    while os.read(sys.stdin.fileno(), 1024):
        pass
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def _end() -> None:
    """Ends the Lambda workers, which share our process group, collects them, and leaves."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGTERM)
    deadline = time.monotonic() + _WORKERS_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _raise_open_files_limit() -> None:
    resource: Any = importlib.import_module("resource")
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
