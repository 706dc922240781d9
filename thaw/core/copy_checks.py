"""Whether a copy has the content of its source, as far as S3's answers prove it."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

_MD5 = re.compile('"?[0-9a-f]{32}"?').fullmatch

_MD5_ENCRYPTIONS = ("", "AES256")
"""Under which the ETag of an object that was not uploaded in parts is its MD5.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html"""


class Verdict(Enum):
    """What a comparison came to."""

    SAME = "same"
    DIFFERENT = "different"
    UNPROVEN = "unproven"
    """Nothing contradicts, but only the size, or nothing at all, could be compared."""


class Content(NamedTuple):
    """What an answer of S3 says of an object's content.

    `size_bytes` is None where it does not tell. `checksums` are of the whole object, by algorithm
    (`CRC64NVME`, ...): those made of the parts' checksums depend on the parts, and are left out.
    """

    size_bytes: int | None
    etag: str
    encryption: str
    checksums: Mapping[str, str]

    @property
    def md5(self) -> str:
        """The MD5 that the ETag is, "" if it is none."""
        plain = self.encryption in _MD5_ENCRYPTIONS and _MD5(self.etag)
        return self.etag.strip('"') if plain else ""


def compare(source: Content, copy: Content) -> Verdict:
    """Whether `copy` is `source`: by size, by whole-object checksums of the same algorithm, by MD5."""
    if None not in (source.size_bytes, copy.size_bytes) and source.size_bytes != copy.size_bytes:
        return Verdict.DIFFERENT
    pairs = [
        (source.checksums[name], copy.checksums[name]) for name in source.checksums if name in copy.checksums
    ]
    if source.md5 and copy.md5:
        pairs.append((source.md5, copy.md5))
    if not pairs:
        return Verdict.UNPROVEN
    return Verdict.SAME if all(one == other for one, other in pairs) else Verdict.DIFFERENT
