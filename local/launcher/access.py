"""A mend of how the emulator judges policies."""

from collections.abc import Callable
from typing import Any

import shapes


def plain_http_here_counts_as_secure(iam_evaluator: Any) -> None:
    """`aws:SecureTransport` is false for everybody, since the emulator is spoken to without TLS.

    A policy that denies what is not secure, as every policy of AWS's advice does, would deny everything.
    """

    def make(original: Any) -> Callable[..., None]:
        def pin(source_ip: str, _secure_transport: Any) -> None:
            original(source_ip, True)  # noqa: FBT003 the emulator's own argument

        return pin

    shapes.replace(iam_evaluator, "pin_request_origin", "de819c1bd9ac", make)
