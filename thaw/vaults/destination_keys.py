"""Lists what the destination has below the prefix: what is there is looked at before anything is paid for."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thaw.core.vault_files import vault_folder
from thaw.jobs.folder import JobFolder
from thaw.vaults.planning_cursor import PlanningCursor

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEYS_PER_PIECE = 100_000
"""A hundred calls: what is lost at most when an invocation ends before its time."""

_LEVEL = 2


def existing_folder(job_id: str) -> str:
    """While a plan is made: the keys of the destination, gzip CSV with a header."""
    return f"{vault_folder(job_id)}existing/"


def existing_piece(job_id: str, number: int) -> str:
    """One piece of them."""
    return f"{existing_folder(job_id)}part-{number:05}.csv.gz"


@dataclass(frozen=True)
class DestinationKeys:
    """Of the destination of one job; `s3` is a client of its Region."""

    s3: "S3Client"
    bucket: str
    owner: str
    prefix: str
    folder: JobFolder
    job_id: str

    def go_on(self, cursor: PlanningCursor, seconds_left: Callable[[], float]) -> None:
        """Moves `cursor` on by a piece at least; it is `listed` after the last. Raises ClientError."""
        while not cursor.listed:
            keys = self._keys(cursor.last_key)
            if keys:
                self.folder.write(existing_piece(self.job_id, cursor.pieces), _piece(keys))
                cursor.pieces += 1
                cursor.last_key = keys[-1]
            cursor.listed = len(keys) < KEYS_PER_PIECE
            if seconds_left() < 0:
                return

    def _keys(self, after: str) -> list[str]:
        """The next keys, as many as a piece has."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket,
            Prefix=self.prefix,
            StartAfter=after,
            ExpectedBucketOwner=self.owner,
            PaginationConfig={"MaxItems": KEYS_PER_PIECE},
        )
        return [item.get("Key", "") for page in pages for item in page.get("Contents", ())]


def _piece(keys: list[str]) -> bytes:
    lines = ("key\n", *('"' + key.replace('"', '""') + '"\n' for key in keys))
    return gzip.compress("".join(lines).encode(), _LEVEL, mtime=0)
