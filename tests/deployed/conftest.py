"""The AWS of a module of this folder; a module that needs another one makes its own."""

from collections.abc import Iterator

import pytest

from local.emulator import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """IAM policies are enforced for everybody but the test credentials."""
    with Emulator(auth=True) as running:
        yield running
