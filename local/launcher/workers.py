"""Mends of the emulator's Lambda workers."""

import hashlib
import threading
import zipfile
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import shapes

_RAISED: ContextVar[str] = ContextVar("raised", default="")


def workers_share_the_code_of_their_function(lambda_runtime: Any, folder: Path) -> None:
    """Each worker unpacks the code for itself, and compiles it again: slow to start, and slow to clear away.

    `folder` holds each archive once, with what Python compiles of it.
    """
    unpacked = _Unpacked(folder)

    class Archive(zipfile.ZipFile):
        """Leads the folder that it should be extracted to, to the one where it is already."""

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            if path is None or members is not None or pwd is not None or self.filename is None:
                super().extractall(path, members, pwd)
                return
            shared = unpacked.folder_of(Path(self.filename), super().extractall)
            Path(path).rmdir()
            Path(path).symlink_to(shared)

    def make(original: Any) -> Callable[..., None]:
        def spawn(worker: Any) -> None:
            original(worker)

        return spawn

    shapes.replace(lambda_runtime.Worker, "_spawn", "c55febf95656", make)
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": Archive})


def what_a_function_raises_is_named_by_its_class(lambda_runtime: Any, functions: Any) -> None:
    """Every exception of a function is called Runtime.HandlerError, so that no Retry or Catch can name it.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    told, telling = '"error": str(e), "trace"', '"error": str(e), "type": type(e).__name__, "trace"'
    if told not in lambda_runtime._PYTHON_WORKER_SCRIPT:
        raise shapes.ShapeError(f"The worker of {shapes.WRITTEN_FOR} tells its errors in another way now.")
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(told, telling)

    def make_invoke(original: Any) -> Callable[..., Any]:
        def invoke(*args: Any, **more: Any) -> Any:
            answer = original(*args, **more)
            _RAISED.set(answer.get("type", ""))
            return answer

        return invoke

    def make_execute(original: Any) -> Callable[..., Any]:
        def execute(*args: Any, **more: Any) -> Any:
            _RAISED.set("")
            result = original(*args, **more)
            body = result.get("body")
            if result.get("error") and isinstance(body, dict) and _RAISED.get():
                body["errorType"] = _RAISED.get()
            return result

        return execute

    shapes.replace(lambda_runtime.Worker, "invoke", "96751a754710", make_invoke)
    shapes.replace(functions, "_execute_function_warm", "62b9218bef5b", make_execute)


class _Unpacked:
    """Archives by what is in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def folder_of(self, archive: Path, extract: Callable[[Path], None]) -> Path:
        shared = self._folder / hashlib.sha256(archive.read_bytes()).hexdigest()
        with self._lock:
            if not shared.exists():
                partial = shared.with_suffix(".partial")
                extract(partial)
                partial.rename(shared)
        return shared
