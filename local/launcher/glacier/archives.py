"""Archives and the uploads that they are made of."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from .errors import GlacierError, invalid, missing, not_found
from .tree_hashes import MIB, tree_hash

MAX_DESCRIPTION = 1024
_MAX_PART_BYTES = 4 * 1024 * MIB
_ID_BYTES = 103
_SHORT_ID_BYTES = 69


@dataclass(frozen=True)
class Archive:
    """`created` in seconds since 1970; `size_bytes` and `sha256_tree_hash` are those of `body`, unless the
    archive only pretends to be large: then `body` is empty and cannot be retrieved."""

    archive_id: str
    description: str
    created: float
    size_bytes: int
    sha256_tree_hash: str
    body: bytes = field(repr=False)


@dataclass
class Upload:
    """A multipart upload of an archive: its parts by where they begin."""

    upload_id: str
    description: str
    part_bytes: int
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def add(self, content_range: str, body: bytes, claimed: str) -> str:
        """Takes a part; its tree hash. Raises GlacierError."""
        first, last = part_range(content_range)
        if first % self.part_bytes or last - first + 1 != len(body) or len(body) > self.part_bytes:
            raise invalid(f"Content-Range: {content_range} is incompatible with part size: {self.part_bytes}")
        found = checked_tree_hash(body, claimed)
        self.parts[first] = body
        return found

    def whole(self, size_bytes: int) -> bytes:
        """All parts one after the other. Raises GlacierError if one is missing."""
        starts = sorted(self.parts)
        body = b"".join(self.parts[start] for start in starts)
        expected = [number * self.part_bytes for number in range(len(starts))]
        if starts != expected or len(body) != size_bytes:
            raise invalid("The parts of the upload do not make an archive of the given size")
        return body


def identifier(seed: str, *, short: bool = False) -> str:
    """An id as Glacier's look, always the same for a seed: 138 characters, or 92 for jobs and uploads."""
    digits = hashlib.shake_256(seed.encode()).digest(_SHORT_ID_BYTES if short else _ID_BYTES)
    return urlsafe_b64encode(digits).decode().rstrip("=")


def check_description(text: str) -> None:
    """Raises GlacierError for what an archive or a job cannot be described by."""
    if len(text) > MAX_DESCRIPTION or not all(" " <= letter <= "~" for letter in text):
        raise invalid(f"Invalid description: {text[:80]}")


def check_part_bytes(text: str) -> int:
    """The part size of an upload. Raises GlacierError."""
    size = int(text) if text.isdecimal() else 0
    if size < MIB or size > _MAX_PART_BYTES or size & (size - 1):
        raise invalid(f"Invalid part size: {text}")
    return size


def checked_tree_hash(body: bytes, claimed: str) -> str:
    """The tree hash of a body, if it is the one that its sender says. Raises GlacierError."""
    if not claimed:
        raise missing("Required parameter missing: x-amz-sha256-tree-hash")
    if not body:
        raise invalid("Invalid Content-Length: 0")
    found = tree_hash(body)
    if found != claimed:
        raise invalid(f"Checksum mismatch: expected {claimed} server computed {found}")
    return found


def part_range(text: str) -> tuple[int, int]:
    """`bytes 0-1048575/*` as the first and the last byte. Raises GlacierError."""
    first, _, last = text.removeprefix("bytes ").partition("/")[0].partition("-")
    if not first.isdecimal() or not last.isdecimal() or int(last) < int(first):
        raise invalid(f"Invalid Content-Range: {text}")
    return int(first), int(last)


def gone(kind: str, name: str) -> GlacierError:
    """An archive, upload or job that is not there."""
    return not_found(f"The {kind} ID was not found: {name}")
