"""How long to wait before asking a busy table again."""

import random

MAX_ATTEMPTS = 8

_FIRST_SECONDS = 0.02
_LONGEST_SECONDS = 1.0


def delay(attempt: int) -> float:
    """Seconds before the next try: exponential with full jitter, at most a second.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**attempt))  # noqa: S311 - not a secret
