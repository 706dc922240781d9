"""What an object in S3 says of the archive that it is: its user metadata.

At most 2 KB of ASCII: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from collections.abc import Mapping
from string import ascii_letters, digits

from thaw.core.archives import PlannedArchive

ARCHIVE_ID = "glacier-archive-id"
VAULT = "glacier-vault"
CREATED = "glacier-creation-date"
TREE_HASH = "glacier-sha256-tree-hash"
DESCRIPTION = "glacier-description"

MAX_BYTES = 2048
"""Of the names and values together."""

_KEEP = 0.9
_FIRST, _LAST = " ", "~"
_PLAIN = frozenset((ascii_letters + digits).encode())


def metadata(vault: str, archive: PlannedArchive) -> dict[str, str]:
    """The metadata of the archive's object.

    A description that no header holds as it is (other characters than printable ASCII, spaces at its ends)
    is encoded as RFC 2047 has it; what is too long is cut.
    """
    told = {
        ARCHIVE_ID: archive.archive_id,
        VAULT: vault,
        CREATED: archive.created_at,
        TREE_HASH: archive.sha256_tree_hash,
    }
    room = MAX_BYTES - sum(len(name) + len(value) for name, value in told.items()) - len(DESCRIPTION)
    description = _fitting(archive.description, room)
    return {**told, DESCRIPTION: description} if description else told


def is_of(found: Mapping[str, str], vault: str, archive: PlannedArchive) -> bool:
    """Whether metadata that was `found` is of this archive."""
    named = (found.get(VAULT), found.get(ARCHIVE_ID), found.get(TREE_HASH))
    return named == (vault, archive.archive_id, archive.sha256_tree_hash)


def _fitting(text: str, room: int) -> str:
    cut = text.encode("utf-8", "replace").decode()
    while cut:
        header = _header(cut)
        if len(header) <= room:
            return header
        cut = cut[: min(room, int(len(cut) * _KEEP))]
    return ""


def _header(text: str) -> str:
    """As a header has it; what looks encoded is encoded, so that reading it is never a guess."""
    plain = all(_FIRST <= character <= _LAST for character in text)
    if plain and text == text.strip() and "=?" not in text:
        return text
    return f"=?utf-8?q?{''.join(map(_quoted, text.encode()))}?="


def _quoted(byte: int) -> str:
    """As a quoted-printable word of a header has it."""
    return chr(byte) if byte in _PLAIN else f"={byte:02X}"
