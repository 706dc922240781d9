"""Objects whose whole life is known: the events about each, and what a listing shows at any moment."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lambdas.messages import S3Record
from tests.store.tables import BUCKET, record
from thaw.core.copies import CopyRule
from thaw.core.history import Status
from thaw.core.keys import NO_VERSION
from thaw.core.records import ObjectRecord
from thaw.core.times import to_iso

BEGAN = datetime(2026, 11, 21, tzinfo=UTC)
MIDDLE, END = BEGAN + timedelta(hours=6), BEGAN + timedelta(hours=60)
LIVE = "live"
RULE = CopyRule(BUCKET, "", LIVE, "from-archive/")

_OLD = datetime(2019, 7, 1, tzinfo=UTC)
_SIZE = 1000


@dataclass(frozen=True)
class Life:
    """One archived object and how it ends; `elsewhere`: its copy goes to another bucket, else in place.

    Requested and completed within the first hours of the job, and before `MIDDLE`; copied and expired
    between `MIDDLE` and `END`.
    """

    key: str
    version_id: str
    ends: Status
    elsewhere: bool
    requested_at: datetime
    completed_at: datetime
    copied_at: datetime

    @property
    def expires_at(self) -> datetime:
        """An hour of its own for who expires, later than anybody looks for all others."""
        return BEGAN + timedelta(hours=48 if self.ends is Status.EXPIRED else 500)

    @property
    def record(self) -> ObjectRecord:
        """The record as the manifest's import leaves it."""
        return record(self.key, self.version_id, size=_SIZE)

    def early(self) -> Iterator[S3Record]:
        """The events before `MIDDLE`."""
        if self.ends is not Status.PENDING:
            yield S3Record("ObjectRestore:Post", to_iso(self.requested_at), self.key, self.version_id)
        if self._was_readable:
            at, expires_at = to_iso(self.completed_at), to_iso(self.expires_at)
            name = "ObjectRestore:Completed"
            yield S3Record(name, at, self.key, self.version_id, expires_at=expires_at)

    def late(self) -> Iterator[S3Record]:
        """The events after `MIDDLE`."""
        if self.ends is Status.EXPIRED:
            yield S3Record("ObjectRestore:Delete", to_iso(self.expires_at), self.key, self.version_id)
        if self.ends is Status.COPIED:
            at, new = to_iso(self.copied_at), NO_VERSION if self.version_id == NO_VERSION else "v2"
            if self.elsewhere:
                yield S3Record("ObjectCreated:Copy", at, f"from-archive/{self.key}", bucket=LIVE)
            else:
                yield S3Record("ObjectCreated:Copy", at, self.key, new)

    def listed(self, at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        """(bucket, item) of what a listing shows of the object and its copy."""
        copied = self.ends is Status.COPIED and at > self.copied_at
        if copied and self.elsewhere:
            yield LIVE, self._item(f"from-archive/{self.key}", NO_VERSION, self.copied_at)
        in_place = copied and not self.elsewhere
        if in_place:
            yield BUCKET, self._item(self.key, "v2", self.copied_at)
        if not in_place or self.version_id != NO_VERSION:
            archived = self._item(self.key, self.version_id, _OLD) | {"StorageClass": "GLACIER"}
            yield BUCKET, archived | self._restore_status(at)

    @property
    def _was_readable(self) -> bool:
        return self.ends not in (Status.PENDING, Status.RESTORING)

    def _item(self, key: str, version_id: str, modified: datetime) -> dict[str, Any]:
        versions = {} if self.version_id == NO_VERSION else {"VersionId": version_id}
        return {"Key": key, "Size": _SIZE, "StorageClass": "STANDARD", "LastModified": modified, **versions}

    def _restore_status(self, at: datetime) -> dict[str, Any]:
        if self.ends is Status.RESTORING:
            return {"RestoreStatus": {"IsRestoreInProgress": True}}
        if self._was_readable and at < self.expires_at:
            shown = {"IsRestoreInProgress": False, "RestoreExpiryDate": self.expires_at}
            return {"RestoreStatus": shown}
        return {}


def draw_lives(rng: random.Random, count: int, *, versioned: bool) -> list[Life]:
    """`count` lives that end in any status but FAILED, which no listing can tell."""
    ends = [status for status in Status if status is not Status.FAILED]
    lives: list[Life] = []
    for number in range(count):
        requested_at = BEGAN + timedelta(minutes=rng.randrange(60))
        completed_at = requested_at + timedelta(minutes=rng.randrange(1, 240))
        lives.append(
            Life(
                key=f"{number}+ é/%.csv",
                version_id="v1" if versioned else NO_VERSION,
                ends=rng.choice(ends),
                elsewhere=rng.random() < 0.5,
                requested_at=requested_at,
                completed_at=completed_at,
                copied_at=MIDDLE + timedelta(minutes=rng.randrange(1, 600)),
            )
        )
    return lives
