"""One Trino for all tests of this folder; they run under `make test-trino` alone."""

from collections.abc import Iterator

import pytest
from trino.dbapi import Connection

from tests.trino.server import JARS, running_trino


@pytest.fixture(scope="session")
def trino(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to the catalog `memory` of a real Trino."""
    if not any(JARS.glob("trino-main-*.jar")):
        pytest.fail(f"{JARS} lacks Trino's jars; run `make test-trino`, which fetches them.")
    with running_trino(tmp_path_factory.mktemp("trino") / "server.log") as address:
        connection = Connection(address, user="thaw", catalog="memory", schema="default", timezone="UTC")
        yield connection
        connection.close()
