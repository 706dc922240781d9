"""The worlds of tests of vault transfers."""

from collections.abc import Generator

import pytest

from tests.vaults import transfers


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[transfers.World]:
    """A job whose archives are retrieved."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with transfers.world() as made:
        yield made
