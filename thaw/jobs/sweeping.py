"""The sweep: restored objects of copying jobs that would lapse uncopied are restored anew, and copied.

It asks the counters first: where nothing is wrong, nothing is done for any object.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.core.keys import NO_VERSION, ObjectId
from thaw.core.listing import ARCHIVED, Listed
from thaw.core.records import ObjectRecord
from thaw.core.sweeping import Action, Moment, Needs, action, needs
from thaw.core.targets import Target
from thaw.core.watch_figures import hours_before, typical_hours
from thaw.jobs.copy_queue import CopyQueue, message_of
from thaw.jobs.extending import Extender, Found
from thaw.listing import Listing, Marker, has_versions
from thaw.store.errors import JobNotFoundError
from thaw.store.job_states import JobStates
from thaw.store.jobs import JobCounters
from thaw.store.reader import RecordReader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TIERED = "INTELLIGENT_TIERING"


class Place(NamedTuple):
    """Where a sweep goes on: jobs left, the first of which is listed from behind a key and version.

    `resends`: the queue was empty when the sweep began, so messages that are missing were lost.
    """

    jobs: tuple[str, ...]
    resends: bool
    marker: Marker = Marker()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Place":
        """The inverse of `to_document`."""
        marker = Marker(document["key"], document["version_id"])
        return cls(tuple(document["jobs"]), document["resends"], marker)

    def to_document(self) -> dict[str, Any]:
        """As a state machine carries it."""
        return {"jobs": list(self.jobs), "resends": self.resends, **self.marker._asdict()}


class Swept(NamedTuple):
    """What a sweep did, by name; `next` is None when it is through. `errors`: why objects were left."""

    counts: Counter[str]
    errors: list[str]
    next: Place | None


@dataclass(frozen=True)
class Sweeper:
    """Sweeps all active jobs that copy. `counters(job_id)` reads a job's, raising JobNotFoundError;
    `extender(state)` restores its objects again; `now()` is the UTC clock."""

    states: JobStates
    counters: Callable[[str], JobCounters]
    s3: "S3Client"
    reader: RecordReader
    extender: Callable[[JobState], Extender]
    queue: CopyQueue
    queue_is_empty: Callable[[], bool]
    rules: JobRules
    now: Callable[[], datetime]

    def run(self, start: Place | None, seconds_left: Callable[[], float]) -> Swept:
        """Sweeps from `start` (None: all jobs) until it is through or its time is used up.

        A bucket that cannot be listed keeps no other job waiting. Raises ClientError where a table cannot be
        read.
        """
        place = start or self._beginning()
        swept = Swept(Counter(), [], None)
        while place.jobs:
            if seconds_left() <= 0:
                return swept._replace(next=place)
            marker = self._page(place, swept)
            going_on = marker is not None
            place = Place(place.jobs if going_on else place.jobs[1:], place.resends, marker or Marker())
        return swept

    def _beginning(self) -> Place:
        jobs = tuple(state.job_id for state in self.states.active() if _copies(state))
        return Place(jobs, bool(jobs) and self.queue_is_empty())

    def _page(self, place: Place, swept: Swept) -> Marker | None:
        """Sweeps one page of the first job's bucket; where the next one begins, None if it has no more."""
        state = self.states.find(place.jobs[0])
        if state is None or not _copies(state) or state.ended:
            return None
        moment = Moment.of(self.now(), self.rules.expiry_margin_hours)
        found = self._needs(state, moment, resends=place.resends)
        if not any(found):
            return None
        swept.counts["pages"] += 1
        prefix = state.request.selection.prefix if state.request.selection else ""
        bucket = state.request.bucket
        try:
            listing = Listing(self.s3, bucket, prefix, has_versions(self.s3, bucket), self.now)
            page = listing.page(place.marker)
        except ClientError as exc:
            swept.errors.append(f"Bucket {bucket} of job {state.job_id} cannot be listed: {exc}")
            return None
        self._sweep(state, self._chosen(state, page.items, moment, found), swept)
        return page.next

    def _needs(self, state: JobState, moment: Moment, *, resends: bool) -> Needs:
        try:
            overdue_before = hours_before(moment.now, typical_hours(state))
            found = needs(self.counters(state.job_id), moment, overdue_before)
        except JobNotFoundError:
            return Needs(lapsing=False, waiting=False, lapsed=False)
        return found._replace(waiting=found.waiting and resends)

    def _chosen(
        self, state: JobState, items: Sequence[Listed], moment: Moment, needs: Needs
    ) -> dict[Action, list[Found]]:
        """Reads the records of those only that the listing does not rule out."""
        listed = {_target(item): item for item in items if _may_need(item, needs)}
        chosen: dict[Action, list[Found]] = {kind: [] for kind in Action}
        for target, record in self.reader.find(listed).items():
            if isinstance(record, Exception):
                raise record
            if isinstance(record, ObjectRecord) and record.entry.job_id == state.job_id:
                kind = action(record, listed[target], moment, needs)
                if kind is not None:
                    chosen[kind].append(Found(record, listed[target]))
        return chosen

    def _sweep(self, state: JobState, chosen: Mapping[Action, Sequence[Found]], swept: Swept) -> None:
        extender = self.extender(state)
        extended = extender.extend(chosen[Action.EXTEND])
        requested = extender.request(chosen[Action.REQUEST])
        healed = extender.heal(chosen[Action.HEAL])
        readable = [*chosen[Action.SEND], *extended.done, *healed.done]
        unsent = self.queue.send(message_of(found.record) for found in readable)
        swept.errors.extend([*extended.errors, *requested.errors, *healed.errors, *unsent.values()])
        swept.counts.update(
            extended=len(extended.done),
            requested=len(requested.done),
            healed=len(healed.done),
            sent=len(readable) - len(unsent),
        )


def _copies(state: JobState) -> bool:
    """Whether the copier makes copies for the job: archives of a vault are not in a bucket."""
    if state.request.way is Way.VAULT or state.cancel_requested_at:
        return False
    return state.request.copy is not None


def _may_need(item: Listed, needs: Needs) -> bool:
    """A record without a version is about the current one, whatever the version `null` has become."""
    if item.restore_in_progress or (item.id.version_id == NO_VERSION and not item.is_latest):
        return False
    if item.storage_class in ARCHIVED:
        return bool(item.restore_expires_at) or needs.lapsed or needs.waiting
    return item.storage_class == _TIERED and needs.waiting


def _target(item: Listed) -> Target:
    """The record of this version; a record without one is about the current version."""
    without = ObjectId(item.id.object_path, NO_VERSION)
    return Target(tuple(dict.fromkeys((item.id, without) if item.is_latest else (item.id,))))
