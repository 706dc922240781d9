"""Waiting for what happens elsewhere, in another process or thread, without a fixed pause."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_SECONDS = 0.02


def eventually(condition: Callable[[], T | None], seconds: float = 30.0) -> T:
    """What `condition` gives as soon as that is true; fails when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(_LOOK_SECONDS)
    return found
