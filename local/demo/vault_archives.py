"""The archives of the demo's vault: every format of description, every size, and what fate has for each."""

import base64
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from thaw.core.archive_parts import MAX_ARCHIVE_BYTES

_MIB = 1024 * 1024
_FIRST_DAY = datetime(2013, 5, 1, 7, 30, tzinfo=UTC)
_LARGE_BYTES = (17 * _MIB + 1, 33 * _MIB + 12_345, _MIB - 1, _MIB, _MIB + 1, 3 * _MIB)
"""Of the first archives after number 0; the first two are too large for one PutObject and go in parts."""

_SIZES = (1, 2, 900, 12_000, 30_001)
_EVERY_SAME = 6
"""One of so many archives has the name of one before: somebody uploads a file again and again."""


class ArchiveFate(Enum):
    """What has to become of an archive. BROKEN: each of its retrievals fails. GONE: somebody deletes it after
    the inventory. CONFLICT: another object is where it would go. TOO_LARGE: for one object of S3."""

    COPIED = "copied"
    BROKEN = "broken"
    GONE = "gone"
    CONFLICT = "conflict"
    TOO_LARGE = "too large"


_FATES = {3: ArchiveFate.BROKEN, 5: ArchiveFate.GONE, 7: ArchiveFate.CONFLICT, 11: ArchiveFate.TOO_LARGE}
"""By number."""


@dataclass(frozen=True)
class VaultArchive:
    """An archive before it is in the vault. `name` is the one that its description gives below the
    destination prefix, "" where it gives none or one that cannot be used as it is."""

    number: int
    body: bytes
    description: str
    name: str
    created: datetime
    fate: ArchiveFate

    @property
    def pretended_bytes(self) -> int:
        """What the vault says of the size of one that is too large to be had; 0 for the others."""
        return int(MAX_ARCHIVE_BYTES) + 1 if self.fate is ArchiveFate.TOO_LARGE else 0


def vault_archives(count: int, rng: random.Random) -> Sequence[VaultArchive]:
    """The archives in the order in which they came into the vault, the same for a seed."""
    made: list[VaultArchive] = []
    for number in range(count):
        same = made[number // 2].name if number and number % _EVERY_SAME == 0 else ""
        name = same or f"{2013 + number % 9}/holiday {number % 13}/IMG_{number:04}.jpg"
        description, named = _FORMATS[number % len(_FORMATS)](name, number)
        fate = _FATES.get(number, ArchiveFate.COPIED)
        size = 0 if fate is ArchiveFate.TOO_LARGE else _size(number)
        made.append(
            VaultArchive(
                *(number, rng.randbytes(size), description, named),
                *(_FIRST_DAY + timedelta(days=number * 11, milliseconds=number), fate),
            )
        )
    return made


def _size(number: int) -> int:
    return _LARGE_BYTES[number - 1] if 1 <= number <= len(_LARGE_BYTES) else _SIZES[number % len(_SIZES)]


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _fast_glacier(name: str, _number: int) -> tuple[str, str]:
    """Versions 2 to 4."""
    return f"<m><v>4</v><p>{_encoded(name)}</p><lm>20140711T180000Z</lm></m>", name


def _fast_glacier_1(name: str, _number: int) -> tuple[str, str]:
    path = _encoded(name)
    return f"<ArchiveMetadata><Path>{path}</Path><LastModified>x</LastModified></ArchiveMetadata>", name


def _cloudberry(name: str, _number: int) -> tuple[str, str]:
    return json.dumps({"Path": name, "UTCDateModified": "20150611T101500Z"}), name


def _cloudberry_escaped(name: str, _number: int) -> tuple[str, str]:
    """With quotes that were escaped once more, and an umlaut in UTF-7."""
    text = json.dumps({"path": name.replace("holiday", "M+APw-nchen")}).replace('"', '\\"')
    return text, name.replace("holiday", "M\N{LATIN SMALL LETTER U WITH DIAERESIS}nchen")


def _plain(name: str, _number: int) -> tuple[str, str]:
    return name, name


def _windows(name: str, _number: int) -> tuple[str, str]:
    """A drive and backslashes; what of it is the name is for the plan to say."""
    return "C:\\Users\\me\\" + name.replace("/", "\\"), ""


def _empty(_name: str, _number: int) -> tuple[str, str]:
    return "", ""


def _bad(name: str, number: int) -> tuple[str, str]:
    """What looks like a format and is none, climbs out of its folder, or is longer than a key may be."""
    worst = ("<m><v>4</v><p>%%%</p></m>", '{"Path": "cut off', "../../etc/" + name, "/" + name, "x" * 1024)
    return worst[number // len(_FORMATS) % len(worst)], ""


_FORMATS: Sequence[Callable[[str, int], tuple[str, str]]] = (
    *(_fast_glacier, _fast_glacier_1, _cloudberry, _cloudberry_escaped, _plain, _windows, _empty, _bad),
)
