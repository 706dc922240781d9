"""The emulator of a module of this folder; a module that needs another one makes its own."""

from collections.abc import Iterator

import pytest

from local.emulator import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Without IAM enforcement, restores at the emulator's own pace."""
    with Emulator() as running:
        yield running
