"""Heals what lost events left behind: lists buckets with their restore status, a thousand objects a call,
and applies what the records do not know."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from thaw.core.copies import CopyRule
from thaw.core.events import EventKind, ObjectEvent
from thaw.core.history import NOTHING, History, merge
from thaw.core.keys import NO_VERSION
from thaw.core.listing import ARCHIVED, Listed, lost_news
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target, target_of
from thaw.core.times import to_iso
from thaw.listing import has_versions
from thaw.listing import listed as shown
from thaw.store.reader import RecordReader
from thaw.store.writer import Outcome, RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Reconciled(NamedTuple):
    """What a reconciliation did: objects listed, objects healed by what was lost, and errors by object."""

    listed: int
    healed: Counter[str]
    errors: dict[str, Exception]


class Reconciler:
    """Compares listings with records. `job_began(job_id)` is when a job was made, fixed-width ISO-8601;
    `now()` is the UTC clock."""

    def __init__(
        self,
        s3: "S3Client",
        reader: RecordReader,
        writer: RecordWriter,
        rules: Sequence[CopyRule],
        job_began: Callable[[str], str],
        now: Callable[[], datetime],
    ) -> None:
        self._s3 = s3
        self._reader = reader
        self._writer = writer
        self._rules = rules
        self._job_began = cache(job_began)
        self._now = now

    def run(self, bucket: str, prefix: str, progress: Callable[[int], None]) -> Reconciled:
        """Heals the records of all objects under `prefix` of `bucket`, whether source or destination.

        `progress(objects listed)` is called a page at a time. Raises ClientError when the bucket cannot be
        listed; objects whose records could not be read or written are in the result's errors.
        """
        listed, healed = 0, Counter[str]()
        errors: dict[str, Exception] = {}
        for page in self._pages(bucket, prefix):
            listed += len(page)
            self._heal(page, healed, errors)
            progress(len(page))
        return Reconciled(listed, healed, errors)

    def _heal(self, page: Iterable[Listed], healed: Counter[str], errors: dict[str, Exception]) -> None:
        news = self._lost_news(page, errors)
        for target, result in self._writer.apply(news).items():
            if isinstance(result, Outcome):
                healed[_name(news[target])] += result is Outcome.APPLIED
            else:
                errors[target.ids[0].object_path] = result

    def _lost_news(self, page: Iterable[Listed], errors: dict[str, Exception]) -> dict[Target, History]:
        by_target = {target: listed for listed in page for target in self._targets(listed)}
        news: dict[Target, History] = {}
        for target, found in self._reader.find(by_target).items():
            if isinstance(found, ObjectRecord):
                lost = lost_news(found, by_target[target], self._job_began(found.entry.job_id))
                if lost != NOTHING:
                    record = Target((found.id,))
                    news[record] = merge(news.get(record, NOTHING), lost)
            elif found is not None:
                errors[by_target[target].id.object_path] = found
        return news

    def _targets(self, listed: Listed) -> Iterator[Target]:
        """The records that `listed` may tell of: its own, and that of the object it may be a copy of."""
        event = ObjectEvent(EventKind.COMPLETED, listed.bucket, listed.key, listed.id.version_id, NOTHING)
        yield target_of(event, self._rules)
        made = History(copied_at=listed.last_modified)
        copy = target_of(event._replace(kind=EventKind.COPIED, history=made), self._rules)
        new_version = listed.id.version_id != NO_VERSION and listed.storage_class not in ARCHIVED
        if new_version or copy.paths != (listed.id.object_path,):
            yield copy

    def _pages(self, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        """A plain listing never shows versions, and a bucket that ever had some is listed with them.

        A page is as old as its request: what happens while it is under way must not look older.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
        """
        pages: Iterable[Mapping[str, Any]]
        if has_versions(self._s3, bucket):
            pages = self._s3.get_paginator("list_object_versions").paginate(
                Bucket=bucket, Prefix=prefix, OptionalObjectAttributes=["RestoreStatus"]
            )
        else:
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=prefix, OptionalObjectAttributes=["RestoreStatus"]
            )
        asked_at = to_iso(self._now())
        for page in pages:
            items = page.get("Versions", page.get("Contents", ()))
            yield [shown(bucket, item, asked_at) for item in items]
            asked_at = to_iso(self._now())


def _name(lost: History) -> str:
    if lost.copied_at:
        return "copied"
    if lost.restore_expired_at:
        return "expired"
    if lost.observation.at:
        return lost.observation.status.lower()
    return "extended"
