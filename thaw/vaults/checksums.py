"""S3's checksums of objects, as records and the manifest spell them.

`SHA256:BASE64` of an object that came in one request, `SHA256:BASE64-N` of one that came in N parts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

_ALGORITHM = "SHA256:"


def encoded(sha256: bytes) -> str:
    """As requests and answers have it."""
    return b64encode(sha256).decode()


def of_one(sha256: bytes) -> str:
    """The checksum of an object that came in one request."""
    return _ALGORITHM + encoded(sha256)


def of_parts(checksums: Sequence[str]) -> str:
    """The checksum of an object that came in parts, of theirs (base64) in their order."""
    whole = hashlib.sha256(b"".join(map(b64decode, checksums))).digest()
    return f"{_ALGORITHM}{encoded(whole)}-{len(checksums)}"


def told(answer: Mapping[str, Any]) -> str:
    """The checksum that S3 tells of an object, "" for none of this kind."""
    value = answer.get("ChecksumSHA256", "")
    return f"{_ALGORITHM}{value}" if value else ""
