"""Runs in Lambda workers, before anything else: finds the emulator under the names S3 Control gives it.

S3 Control puts the account before the host (`000000000000.127.0.0.1`), whatever the client's settings, and
such a name resolves nowhere. This module imports nothing of the launcher: its source is what workers run.
"""

import re
import socket
from typing import Any

_NAMED = re.compile(r"\d{12}\.(127\.0\.0\.1|localhost)")


def account_names_resolve() -> None:
    """Resolves `ACCOUNT.127.0.0.1` as `127.0.0.1`, and so with `localhost`."""
    original = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **more: Any) -> Any:
        named = _NAMED.fullmatch(host) if isinstance(host, str) else None
        return original(named.group(1) if named else host, *args, **more)

    socket.getaddrinfo = resolve
