"""Lists a bucket for a job that selects its objects: one call for a thousand, as far as the time goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from thaw.core.job_objects import check_class, chosen, seen
from thaw.core.job_request_errors import TOO_LARGE, JobRefusedError
from thaw.core.job_requests import Selection
from thaw.core.job_states import JobState
from thaw.core.listing import Listed
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.jobs.cursor import Cursor, Phase
from thaw.jobs.folder import JobFolder
from thaw.jobs.parts import write_parts
from thaw.listing import Listing, has_versions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MARGIN_SECONDS = 30.0
"""Left of an invocation when it stops listing: far more than a call and the last parts take."""


@dataclass(frozen=True)
class Selector:
    """Lists for one job; import parts have `rows_per_part` records, the last of an invocation fewer."""

    s3: "S3Client"
    folder: JobFolder
    state: JobState
    selection: Selection
    max_objects: int
    rows_per_part: int
    now: Callable[[], datetime]

    def go_on(self, cursor: Cursor, seconds_left: Callable[[], float]) -> None:
        """Moves `cursor` on by a page at least; its phase is DONE when the bucket has been listed.

        Raises JobRefusedError for an object that the request does not fit, or for too many; and ClientError.
        """
        listing, records = self._listing(cursor), list[ObjectRecord]()
        while cursor.phase is Phase.LIST:
            records += self._page(listing, cursor)
            whole = len(records) // self.rows_per_part * self.rows_per_part
            self._write(cursor, records[:whole])
            del records[:whole]
            if seconds_left() < MARGIN_SECONDS:
                break
        self._write(cursor, records)

    def _listing(self, cursor: Cursor) -> Listing:
        if cursor.versions is None:
            cursor.versions = has_versions(self.s3, self.state.request.bucket)
        return Listing(self.s3, self.state.request.bucket, self.selection.prefix, cursor.versions, self.now)

    def _page(self, listing: Listing, cursor: Cursor) -> list[ObjectRecord]:
        page = listing.page(cursor.after)
        cursor.list_calls += 1
        found = [self._record(each) for each in page.items if chosen(self.selection, each)]
        tally = cursor.tally
        tally.rows_in += len(page.items) + page.delete_markers
        tally.filtered += len(page.items) + page.delete_markers - len(found)
        for record in found:
            check_class(self.state.request, record.entry.storage_class, record.id.object_path)
            tally.take(record.entry.storage_class, record.entry.size_bytes)
        self._check_count(tally.totals.objects)
        if page.next is None:
            cursor.phase = Phase.DONE
        else:
            cursor.after = page.next
        return found

    def _write(self, cursor: Cursor, records: list[ObjectRecord]) -> None:
        job_id = self.state.job_id
        cursor.parts = write_parts(self.folder, job_id, cursor.parts, records, self.rows_per_part)

    def _record(self, listed: Listed) -> ObjectRecord:
        entry = ManifestEntry(
            self.state.job_id,
            listed.bucket,
            listed.key,
            listed.size_bytes,
            listed.storage_class,
            self.state.request.tier,
        )
        return ObjectRecord(listed.id, entry, seen(listed), 0, modified_at=listed.last_modified)

    def _check_count(self, objects: int) -> None:
        if objects > self.max_objects:
            raise JobRefusedError(
                f"The selection has {objects:,} objects or more, but a job of this stack takes"
                f" {self.max_objects:,} at most: select fewer (by prefix, class, size or date), or raise the"
                " stack's setting job_max_objects.",
                TOO_LARGE,
            )
