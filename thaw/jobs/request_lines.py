"""What needs a restore request, as JSON lines: the files of a job's requests/ folder."""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from thaw.core.errors import ThawError


class RequestLineError(ThawError):
    """A line of a requests/ file that is none."""


class RequestLine(NamedTuple):
    """One object version to restore: `key` decoded, `version_id` "null" for none; the size is None and the
    class "" where nothing told them."""

    key: str
    version_id: str
    size_bytes: int | None
    storage_class: str


def to_lines(requests: Iterable[RequestLine]) -> bytes:
    """The content of a file, one JSON object a line."""
    return b"".join(json.dumps(request._asdict()).encode() + b"\n" for request in requests)


def from_lines(content: bytes, name: str) -> Iterator[RequestLine]:
    """The inverse of `to_lines`; `name` is the file's, for RequestLineError."""
    for number, line in enumerate(content.splitlines(), 1):
        try:
            yield RequestLine(**json.loads(line))
        except (ValueError, TypeError) as exc:
            raise RequestLineError(
                f"Line {number} of {name} is no restore request ({exc!r}): load the job again."
            ) from exc
