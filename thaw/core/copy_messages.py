"""A message of the copies queue: one object version that is readable and to be copied."""

import json
from typing import Any, NamedTuple

from thaw.core.errors import ThawError

COPY_SCHEMA = 1

_TEXTS = ("job_id", "bucket", "key", "version_id")


class CopyMessageError(ThawError):
    """A message that does not say what to copy."""


class CopyMessage(NamedTuple):
    """`key` is decoded, `version_id` "null" for none, the size None where no manifest told it."""

    job_id: str
    bucket: str
    key: str
    version_id: str
    size_bytes: int | None

    def to_json(self) -> str:
        """As the queue holds it: ASCII, at most some 7 KB."""
        return json.dumps({"schema": COPY_SCHEMA, **self._asdict()}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "CopyMessage":
        """The inverse of `to_json`. Raises CopyMessageError."""
        try:
            document: dict[str, Any] = json.loads(text)
            schema = document.pop("schema")
            message = cls(**document)
            sound = schema == COPY_SCHEMA and all(isinstance(document[name], str) for name in _TEXTS)
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise CopyMessageError(f"A message of the copies queue cannot be read ({exc!r}).") from exc
        if not sound or not all(message[: len(_TEXTS)]):
            raise CopyMessageError(
                f"A message of the copies queue has schema {schema!r} and fields {message}; this version"
                f" reads schema {COPY_SCHEMA} with texts that are not empty."
            )
        return message
