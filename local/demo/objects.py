"""The objects of the demo: awkward keys, both archive classes, and what is going to happen to each."""

import random
from dataclasses import dataclass
from enum import Enum

from thaw.core.history import Status

ARCHIVE = "thaw-demo-archive"
"""Watched through S3 notifications; copied to LIVE."""

TAPES = "thaw-demo-tapes"
"""Versioned, watched through EventBridge; copied in place."""

SILENT = "thaw-demo-silent"
"""Not watched: all its events are lost, and reconciled at the end."""

LIVE = "thaw-demo-live"
LIVE_PREFIX = "from-archive/"

_FOLDERS = (
    "photos/2019/Málaga & co",
    "scans/100% done",
    "/leading/slash",
    "日本語/フォルダ",
    "mail+attachments",
    'quoted "names", with commas',
    "new\nline",
    "plain/folder",
    "emoji/🧊",
    "dots/../and//doubles",
)
_STORAGE_CLASSES = ("GLACIER", "DEEP_ARCHIVE")


class Fate(Enum):
    """How an object of the demo ends."""

    COPIED = Status.COPIED
    EXPIRED = Status.EXPIRED
    RESTORE_FAILED = (Status.FAILED, "restore")
    COPY_FAILED = (Status.FAILED, "copy")
    RESTORED = Status.RESTORED
    RESTORING = Status.RESTORING
    PENDING = Status.PENDING

    @property
    def status(self) -> Status:
        return self.value if isinstance(self.value, Status) else Status.FAILED


@dataclass(frozen=True)
class DemoObject:
    """One object. `real`: it is stored, restored and copied in the emulator's S3; else only replayed."""

    bucket: str
    key: str
    size_bytes: int
    storage_class: str
    real: bool
    fate: Fate

    @property
    def body(self) -> bytes:
        """What a real object holds."""
        return bytes(self.size_bytes)


_REAL_FATES = {Fate.COPIED: 85, Fate.EXPIRED: 5, Fate.RESTORED: 5, Fate.COPY_FAILED: 3, Fate.PENDING: 2}
_REPLAYED_FATES = {
    Fate.COPIED: 88,
    Fate.EXPIRED: 3,
    Fate.RESTORE_FAILED: 2,
    Fate.COPY_FAILED: 1,
    Fate.RESTORED: 3,
    Fate.RESTORING: 2,
    Fate.PENDING: 1,
}


def demo_objects(count: int, rng: random.Random) -> list[DemoObject]:
    """`count` objects, a fifth of them real; the same for the same random numbers."""
    real = count // 5
    return [_object(number, number < real, rng) for number in range(count)]


def _object(number: int, real: bool, rng: random.Random) -> DemoObject:  # noqa: FBT001 - the caller reads well
    bucket = _bucket(number, real)
    fates = _REAL_FATES if real else _REPLAYED_FATES
    fate = rng.choices(list(fates), weights=list(fates.values()))[0]
    size = rng.randrange(1, 5000) if real else int(rng.lognormvariate(18, 2))
    return DemoObject(
        bucket=bucket,
        key=f"{_FOLDERS[number % len(_FOLDERS)]}/object {number:06}.bin",
        size_bytes=size,
        storage_class=rng.choice(_STORAGE_CLASSES),
        real=real,
        fate=Fate.COPIED if bucket == SILENT else fate,
    )


def _bucket(number: int, real: bool) -> str:  # noqa: FBT001 - the caller reads well
    if real and number % 20 == 0:
        return SILENT
    return TAPES if number % 4 == 0 else ARCHIVE
