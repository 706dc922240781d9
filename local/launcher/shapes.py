"""Puts a mend in the place of an emulator's function, if that is still the one it was written for."""

import functools
import hashlib
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

WRITTEN_FOR = "MiniStack 1.5.33"

REQUEST: ContextVar[tuple[dict[str, Any], dict[str, Any]]] = ContextVar("request")
"""Headers and query of the S3 request under way, which the emulator's handlers are not told."""


class ShapeError(Exception):
    """A function of the emulator is not the one that a mend was written for."""


def replace(module: Any, name: str, digest: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """Sets `module.name` to `make(what it was)`; mends of one function may be stacked.

    `digest` is `digest_of` the emulator's own function. Raises ShapeError if it is another.
    """
    present = getattr(module, name, None)
    found = "missing" if present is None else digest_of(present)
    if found != digest:
        raise ShapeError(
            f"{module.__name__}.{name} is not the function of {WRITTEN_FOR} that local/launcher "
            f"mends (source digest {found}, expected {digest}): see whether the mend is still "
            "needed, adapt it or delete it, and pin the new digest."
        )
    setattr(module, name, functools.wraps(present)(make(present)))  # pyright: ignore[reportArgumentType] checked just above


def digest_of(function: Any) -> str:
    """Twelve characters that change with the source of a function (the one under all its mends)."""
    return hashlib.sha256(inspect.getsource(inspect.unwrap(function)).encode()).hexdigest()[:12]


def handlers_see_their_request(s3: Any) -> None:
    """The dispatcher drops `versionId` of a restore and the headers of a listing on the way."""

    def make(original: Any) -> Callable[..., Any]:
        def dispatch(method: str, bucket: str, key: str, headers: Any, body: bytes, query: Any) -> Any:
            token = REQUEST.set((headers, query))
            try:
                return original(method, bucket, key, headers, body, query)
            finally:
                REQUEST.reset(token)

        return dispatch

    replace(s3, "_dispatch", "52562ee7c18b", make)
