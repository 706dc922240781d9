"""Whatever jobs load, finish, give up and get back, and whenever events come: every number adds up."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, FakeDynamoDB
from tests.store.loads import asked, assert_totals, job_state, load, loader, states
from tests.store.tables import assert_exact, stored, target, writer
from thaw.core.history import Failure, History, Observation, Status
from thaw.core.job_states import JobStatus
from thaw.core.jobs import Job, Progress, Totals
from thaw.core.keys import ObjectId
from thaw.core.lives import Place
from thaw.core.times import from_millis, to_millis
from thaw.store.jobs import read_counters
from thaw.store.registration import register_loaded, unregister_loaded
from thaw.store.verify import verify

KEYS = ("a", "b", "c")
NAMES = ("one", "two", "three")
STEP = 6 * 3_600_000
START = to_millis("2026-11-21T00:00:00.000Z")


class Lives(RuleBasedStateMachine):
    """Three jobs and three objects; time goes on by hours between the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeDynamoDB()
        self.millis = START
        self.runs: dict[str, int] = {}
        self.under_way: set[str] = set()
        self.registered: set[str] = set()

    @property
    def now(self) -> str:
        return from_millis(self.millis)

    @rule(job_id=st.sampled_from(NAMES), keys=st.sets(st.sampled_from(KEYS), min_size=1), seen=st.booleans())
    def load(self, job_id: str, keys: set[str], *, seen: bool) -> None:
        """A job begins (again), loads, and registers what it has."""
        self._begin(job_id)
        owners = self._owners()
        before = seen and History(
            restore_expires_at=from_millis(self.millis + 3 * STEP),
            observation=Observation(from_millis(self.millis - 1), Status.RESTORED),
        )
        records = asked(job_id, *sorted(keys), history=before or History())
        loaded = load(self.fake, records, run=self.runs[job_id], now=self.now)
        again = load(self.fake, records, run=self.runs[job_id], now=self.now)
        assert [each.place for each in loaded] == [each.place for each in again]
        for each in loaded:
            owner = owners.get(each.record.entry.key)
            others = owner is not None and owner != job_id and owner in self.under_way
            assert (each.place is Place.ELSEWHERE) == others
        self._register(job_id)

    @rule(job_id=st.sampled_from(NAMES), status=st.sampled_from([JobStatus.COMPLETE, JobStatus.CANCELLED]))
    @precondition(lambda self: self.under_way)
    def end(self, job_id: str, status: JobStatus) -> None:
        if job_id in self.under_way:
            states(self.fake).update(job_id, lambda state: replace(state, status=status))
            self.under_way.discard(job_id)

    @rule(job_id=st.sampled_from(NAMES))
    @precondition(lambda self: self.under_way)
    def undo(self, job_id: str) -> None:
        if job_id not in self.under_way:
            return
        ids = [ObjectId(f"archive/{key}", "null") for key in KEYS]
        loader(self.fake, slot=2).unload(job_id, self.runs[job_id], ids)
        unregister_loaded(self.fake.client, ROLLUPS, JOBS, job_id)
        self._note_registration(job_id)
        self.end(job_id, JobStatus.FAILED)

    @rule(
        key=st.sampled_from(KEYS),
        kind=st.sampled_from(["requested", "completed", "expired", "copied", "failed"]),
        late=st.sampled_from([0, 0, 1, 5]),
    )
    def event(self, key: str, kind: str, late: int) -> None:
        at = from_millis(self.millis - late * STEP)
        history = {
            "requested": History(restore_requested_at=at),
            "completed": History(
                restore_completed_at=at, restore_expires_at=from_millis(to_millis(at) + 4 * STEP)
            ),
            "expired": History(restore_expired_at=at),
            "copied": History(copied_at=at),
            "failed": History(failure=Failure(at, "SlowDown", "")),
        }[kind]
        results = writer(self.fake, slot=lambda: 1).apply({target(key): history})
        assert not any(isinstance(result, Exception) for result in results.values())

    @rule(steps=st.integers(1, 4))
    def time_goes_on(self, steps: int) -> None:
        self.millis += steps * STEP + 1

    @invariant()
    def every_number_adds_up(self) -> None:
        assert_exact(self.fake)
        assert_totals(self.fake)
        found = verify(self.fake.client, OBJECTS, ROLLUPS, sorted(self.registered), lambda _: None, JOBS)
        for verification in found.jobs:
            assert verification.proven, verification.differences
        for job_id in self.registered:
            Progress.of(*read_counters(self.fake.client, ROLLUPS, job_id))

    @invariant()
    def no_news_are_older_than_a_life(self) -> None:
        for one in stored(self.fake).values():
            assert not one.history.copied_at or one.history.copied_at >= one.since
            assert not one.history.failure.at or one.history.failure.at >= one.since

    def _begin(self, job_id: str) -> None:
        if job_id in self.under_way:
            return
        self.runs[job_id] = self.runs.get(job_id, 0) + 1
        if self.runs[job_id] == 1:
            states(self.fake).create(job_state(job_id))
        states(self.fake).update(job_id, lambda state: replace(state, status=JobStatus.LOADING))
        self.under_way.add(job_id)

    def _register(self, job_id: str) -> None:
        job = Job(job_id, self.now, "Bulk", Totals(0, 0), {}, ("archive",))
        register_loaded(self.fake.client, ROLLUPS, JOBS, job)
        self._note_registration(job_id)

    def _note_registration(self, job_id: str) -> None:
        if (job_id, "job") in self.fake.tables[ROLLUPS]:
            self.registered.add(job_id)
        else:
            self.registered.discard(job_id)

    def _owners(self) -> dict[str, str]:
        return {one.entry.key: one.entry.job_id for one in stored(self.fake).values()}


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
