"""The sweep: nothing lapses uncopied, extensions are on record, where nothing is wrong nothing is done."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.copying.worlds import ELSEWHERE, READABLE, World, archived, refuses, throttles
from tests.fakes.dynamodb import ROLLUPS
from tests.fakes.sqs import FakeSQS
from tests.fakes.stored_objects import OWNER, Stored
from tests.store.tables import (
    BUCKET,
    EXPIRES,
    JOB,
    REQUEST,
    assert_exact,
    counted,
    history_of,
    writer,
)
from thaw.core.copy_messages import CopyMessage
from thaw.core.history import History, Status, merge
from thaw.core.job_requests import Selection, Way
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Job, Totals
from thaw.core.rollups import CounterKey
from thaw.core.times import to_iso
from thaw.jobs.copy_queue import CopyQueue
from thaw.jobs.extending import Extender
from thaw.jobs.pacing import Pacer
from thaw.jobs.restoring import RestoreSender
from thaw.jobs.sweeping import Place, Sweeper, Swept
from thaw.store.jobs import JobCounters, read_counters, register_job

COPIED = merge(READABLE, History(copied_at="2026-11-21T08:00:00.000Z"))
EXPIRED = merge(READABLE, History(restore_expired_at="2026-11-28T00:05:00.000Z"))
SOON = datetime(2026, 11, 27, 9, tzinfo=UTC)
"""When the temporary copies of the world have 15 hours left."""

EXTENDED = "2026-12-05T00:00:00.000Z"
"""Seven days from SOON, rounded up to midnight."""


@dataclass
class Sweeps:
    """A world and its sweep."""

    world: World
    sqs: FakeSQS = field(default_factory=FakeSQS)
    backlog: int = 0
    pauses: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        register_job(
            self.world.tables.client, ROLLUPS, Job(JOB, "2026-11-21T00:00:00.000Z", "Bulk", Totals(9, 9000))
        )
        self.world.tables.calls.clear()

    def run(self, start: Place | None = None, seconds_left: Callable[[], float] = lambda: 1.0) -> Swept:
        return self.sweeper().run(start, seconds_left)

    def sweeper(self) -> Sweeper:
        world = self.world
        return Sweeper(
            states=world.states,
            counters=lambda job_id: read_counters(world.tables.client, ROLLUPS, job_id)[1],
            s3=world.s3.client,
            reader=world.tasks.reader,
            extender=self._extender,
            queue=CopyQueue(self.sqs.client, "copies"),
            queue_is_empty=lambda: self.backlog == 0,
            rules=world.rules,
            now=lambda: world.s3.now,
        )

    def _extender(self, state: JobState) -> Extender:
        s3, now = self.world.s3.client, to_iso(self.world.s3.now)
        pacer = Pacer(1000, lambda: 0.0, self.pauses.append)
        days = state.request.expiration_days
        sender = RestoreSender(
            s3, state.request.bucket, "Bulk", days, pacer, 4, lambda: now, self.pauses.append
        )
        return Extender(s3, sender, writer(self.world.tables), OWNER)

    def sent(self) -> list[str]:
        """The keys of the messages sent."""
        return [CopyMessage.from_json(message["MessageBody"]).key for message in self.sqs.sent]

    def amount(self, metric: str, attribute: str) -> int:
        return counted(self.world.tables)[CounterKey(JOB, metric, attribute)]


def sweeps(when: datetime = SOON, /, **objects: History) -> Sweeps:
    """A job with these objects, all of them in the bucket, looked at then."""
    world = World()
    for key, history in objects.items():
        lapsed = bool(history.restore_expired_at)
        world.add(key, archived(restored_until=None) if lapsed else archived(), history)
    world.s3.now = when
    return Sweeps(world)


def test_where_nothing_is_wrong_two_queries_are_made_and_s3_is_not_asked() -> None:
    ours = sweeps(datetime(2026, 11, 21, 8, tzinfo=UTC), a=READABLE, b=COPIED, c=History())
    assert ours.run() == Swept(ours.run().counts, [], None)
    assert ours.world.calls() == []
    assert {call.operation for call in ours.world.tables.calls} == {"Query", "GetItem"}
    assert len(ours.world.tables.calls) < 20, "whatever the number of objects"
    assert ours.sent() == []


def test_what_lapses_soon_is_restored_again_and_its_message_sent() -> None:
    ours = sweeps(a=READABLE, b=COPIED)
    swept = ours.run()
    assert (swept.counts["extended"], swept.counts["sent"], swept.errors) == (1, 1, [])
    assert ours.sent() == ["a"]
    assert [call.request["Key"] for call in ours.world.s3.calls if call.operation == "RestoreObject"] == ["a"]
    assert ours.world.calls() == ["GetBucketVersioning", "ListObjectsV2", "RestoreObject", "HeadObject"]


def test_the_extension_is_in_the_record_and_in_the_counters_of_storage() -> None:
    ours = sweeps(a=READABLE)
    assert ours.amount("storage#2026-11-21T07#2026-11-28", "objects") == 1
    ours.run()
    history = history_of(ours.world.tables, "a")
    assert history.restore_expires_at == EXTENDED
    assert history.restore_requested_at == to_iso(SOON)
    assert ours.world.status("a") is Status.RESTORED
    assert ours.amount("storage#2026-11-21T07#2026-11-28", "objects") == 0
    assert ours.amount("storage#2026-11-21T07#2026-12-05", "size_bytes") == 1000, "what the cost report sums"
    assert ours.amount("hour#2026-11-27T09", "requested_objects") == 1
    assert_exact(ours.world.tables)


def test_a_second_sweep_finds_what_was_extended_in_order() -> None:
    ours = sweeps(a=READABLE)
    ours.run()
    ours.backlog = 1
    ours.world.s3.calls.clear()
    assert ours.run().counts["extended"] == 0
    assert ours.world.calls() == []


def test_what_lapsed_uncopied_is_requested_again() -> None:
    ours = sweeps(datetime(2026, 11, 29, tzinfo=UTC), a=EXPIRED)
    swept = ours.run()
    assert swept.counts["requested"] == 1
    assert ours.world.status("a") is Status.RESTORING
    assert ours.sent() == [], "its message comes with its restore"
    assert ours.world.s3.count("HeadObject") == 0
    assert_exact(ours.world.tables)


def test_what_waits_for_its_copy_longer_than_an_hour_has_its_message_sent_again() -> None:
    ours = sweeps(datetime(2026, 11, 22, tzinfo=UTC), a=READABLE)
    assert ours.run().counts["sent"] == 1
    assert ours.world.s3.count("RestoreObject") == 0


def test_while_the_queue_holds_messages_none_was_lost() -> None:
    ours = sweeps(datetime(2026, 11, 22, tzinfo=UTC), a=READABLE)
    ours.backlog = 1
    assert ours.run().counts["sent"] == 0
    assert ours.world.calls() == []


def test_all_pages_are_swept_also_those_after_the_first_message() -> None:
    objects = {f"k{number:03}": READABLE for number in range(25)}
    ours = sweeps(datetime(2026, 11, 22, tzinfo=UTC), **objects)
    ours.world.s3.page_size = 10

    def send_makes_a_backlog(_: object) -> None:
        ours.backlog = len(ours.sqs.sent)

    ours.world.s3.on_call = send_makes_a_backlog
    assert ours.run().counts["sent"] == 25
    assert sorted(ours.sent()) == sorted(objects)


def test_a_sweep_goes_on_where_its_time_ran_out() -> None:
    ours = sweeps(**{f"k{number:03}": READABLE for number in range(25)})
    ours.world.s3.page_size = 10
    place: Place | None = None
    runs = 0
    while place is not None or not runs:
        left = iter([1.0, 0.0])
        place = ours.run(
            place and Place.from_document(place.to_document()), lambda left=left: next(left)
        ).next
        runs += 1
    assert runs == 3
    assert len(ours.sent()) == 25
    assert ours.world.s3.count("RestoreObject") == 25
    assert_exact(ours.world.tables)


def test_a_versioned_bucket_is_listed_with_its_versions_and_each_restored_as_itself() -> None:
    world = World(versioned=True)
    first = world.add("a", archived("first"))
    second = world.add("a", archived("second"))
    world.s3.now = SOON
    ours = Sweeps(world)
    assert ours.run().counts["extended"] == 2
    versions = {call.request["VersionId"] for call in world.s3.calls if call.operation == "RestoreObject"}
    assert versions == {first, second}
    assert history_of(world.tables, "a", first).restore_expires_at == EXTENDED


def test_a_record_without_version_is_about_the_current_one_only() -> None:
    world = World()
    world.add("a")
    world.s3.buckets[BUCKET].versioned = True
    world.s3.current(BUCKET, "a").version_id = "null"
    for content in ("older", "newer"):
        world.s3.put(BUCKET, "a", archived(content))
    world.s3.now = SOON
    Sweeps(world).run()
    (restore,) = [call.request for call in world.s3.calls if call.operation == "RestoreObject"]
    assert restore["VersionId"] == world.s3.current(BUCKET, "a").version_id


def test_only_what_a_selection_names_is_listed() -> None:
    ours = sweeps(a=READABLE)
    selected = Selection(prefix="2019/")
    ours.world.states.update(
        JOB, lambda state: replace(state, request=replace(state.request, manifest="", selection=selected))
    )
    ours.run()
    (listing,) = [call.request for call in ours.world.s3.calls if call.operation == "ListObjectsV2"]
    assert listing["Prefix"] == "2019/"


@pytest.mark.parametrize(
    "change",
    [
        {"status": JobStatus.COMPLETE},
        {"cancel_requested_at": "2026-11-21T09:00:00.000Z"},
    ],
)
def test_a_job_that_is_over_is_not_swept(change: dict[str, Any]) -> None:
    ours = sweeps(a=READABLE)
    ours.world.states.update(JOB, lambda state: replace(state, **change))
    assert ours.run(Place((JOB,), resends=True)).next is None
    assert ours.run().next is None
    assert ours.world.calls() == []


def test_a_job_that_does_not_copy_is_not_swept() -> None:
    ours = sweeps(a=READABLE)
    ours.world.states.update(JOB, lambda state: replace(state, request=replace(state.request, copy=None)))
    ours.run()
    assert ours.world.calls() == []


def test_a_transfer_of_a_vault_is_not_swept_its_archives_are_in_no_bucket() -> None:
    ours = sweeps(a=READABLE)
    ours.world.states.update(JOB, lambda state: replace(state, request=replace(state.request, way=Way.VAULT)))
    ours.run()
    assert ours.world.calls() == []


def test_an_object_of_another_job_is_that_jobs() -> None:
    ours = sweeps(a=READABLE)
    ours.world.states.create(replace(ours.world.states.read(JOB), job_id="job-2"))
    counters = read_counters(ours.world.tables.client, ROLLUPS, JOB)[1]

    def of_any(_job_id: str) -> JobCounters:
        return counters

    sweeper = replace(ours.sweeper(), counters=of_any)
    assert sweeper.run(Place(("job-2",), resends=True), lambda: 1.0).counts["pages"] == 1
    assert ours.world.s3.count("RestoreObject") == 0


def test_what_s3_refuses_is_told_and_the_rest_extended() -> None:
    ours = sweeps(a=READABLE, b=READABLE)
    ours.world.s3.on_call = refuses("RestoreObject", "AccessDenied", "a")
    swept = ours.run()
    assert ours.sent() == ["b"]
    (reason,) = swept.errors
    assert reason.startswith("archive/a: ")
    assert "AccessDenied" in reason
    assert history_of(ours.world.tables, "a") == READABLE


def test_an_expiry_that_cannot_be_looked_up_leaves_the_request_on_record() -> None:
    ours = sweeps(a=READABLE)
    ours.world.s3.on_call = refuses("HeadObject", "SlowDown")
    swept = ours.run()
    assert len(swept.errors) == 1
    assert history_of(ours.world.tables, "a").restore_requested_at == to_iso(SOON)
    assert ours.sent() == ["a"]


def test_messages_that_the_queue_did_not_take_are_told() -> None:
    ours = sweeps(a=READABLE)
    ours.sqs.refuses = lambda _: True
    swept = ours.run()
    assert (swept.counts["extended"], swept.counts["sent"], len(swept.errors)) == (1, 0, 1)


def test_a_table_that_cannot_be_read_ends_the_sweep() -> None:
    ours = sweeps(a=READABLE)
    ours.world.tables.on_call = throttles("BatchGetItem")
    with pytest.raises(ClientError):
        ours.run()


def test_an_object_that_somebody_put_there_since_is_left_alone() -> None:
    ours = sweeps(a=READABLE)
    ours.world.s3.put(BUCKET, "a", Stored("new", 5))
    ours.run()
    assert ours.world.s3.count("RestoreObject") == 0
    assert ours.world.copy == ELSEWHERE


def _always(counters: JobCounters) -> Callable[[str], JobCounters]:
    def tell(_: str) -> JobCounters:
        return counters

    return tell


def test_what_is_readable_though_no_event_said_so_is_written_down_and_copied() -> None:
    """S3 sends no event of an object that was readable when its restore was requested."""
    ours = sweeps(a=REQUEST)
    swept = ours.run()
    assert (swept.counts["healed"], swept.errors, ours.sent()) == (1, [], ["a"])
    assert ours.world.status("a") is Status.RESTORED
    assert history_of(ours.world.tables, "a").restore_expires_at == EXPIRES
    assert_exact(ours.world.tables)


def test_a_bucket_that_cannot_be_listed_keeps_no_other_job_waiting() -> None:
    ours = sweeps(a=READABLE)
    state = ours.world.states.read(JOB)
    elsewhere = replace(state, job_id="a-job", request=replace(state.request, bucket="gone"))
    ours.world.states.create(elsewhere)
    totals = Totals(9, 9000)
    register_job(ours.world.tables.client, ROLLUPS, Job("a-job", "2026-11-21T00:00:00.000Z", "Bulk", totals))
    sweeper = ours.sweeper()
    counters = sweeper.counters(JOB)
    swept = replace(sweeper, counters=_always(counters)).run(None, lambda: 1.0)
    assert swept.counts["extended"] == 1
    (error,) = swept.errors
    assert error.startswith("Bucket gone of job a-job cannot be listed: ")
