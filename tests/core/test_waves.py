"""Waves: temporary storage stays within the bound, and no wave is smaller than it has to be."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from thaw.core.history import Status
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_rules import JobRules
from thaw.core.job_states import Wave
from thaw.core.jobs import Job, Progress, Totals
from thaw.core.waves import NO_LIMIT, has_room, pacing_limit, uncopied_bytes, wave_numbers

RULES = JobRules(region="eu-north-1", max_uncopied_bytes=1000)
COPYING = JobRequest("archive", "Bulk", copy=CopyRequest())

sizes = st.lists(st.none() | st.integers(0, 50), max_size=40)
limits = st.integers(1, 60)


def by_wave(objects: list[int | None], limit: int) -> dict[int, list[int]]:
    waves: dict[int, list[int]] = {}
    for number, size in zip(wave_numbers(objects, limit), objects, strict=True):
        waves.setdefault(number, []).append(size or 0)
    return waves


@given(sizes, limits)
def test_waves_count_from_one_without_gaps_and_every_object_is_in_one(
    objects: list[int | None], limit: int
) -> None:
    numbers = list(wave_numbers(objects, limit))
    assert len(numbers) == len(objects)
    assert numbers[:1] in ([], [1])
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(numbers))


@given(sizes, limits)
def test_a_wave_has_at_most_the_limit_or_one_larger_object(objects: list[int | None], limit: int) -> None:
    for wave in by_wave(objects, limit).values():
        assert sum(wave) <= limit or len(wave) == 1


@given(sizes, limits)
def test_a_wave_ends_only_where_the_next_object_would_not_fit(objects: list[int | None], limit: int) -> None:
    waves = list(by_wave(objects, limit).values())
    assert all(sum(wave) + following[0] > limit for wave, following in pairwise(waves))


@given(sizes)
def test_without_a_limit_there_is_one_wave(objects: list[int | None]) -> None:
    assert set(wave_numbers(objects, NO_LIMIT)) <= {1}


@given(st.integers(0, 100), st.integers(0, 100), limits)
def test_what_is_let_in_keeps_the_bound_unless_it_is_alone(size: int, uncopied: int, limit: int) -> None:
    assert has_room(size, uncopied, limit) == (uncopied == 0 or uncopied + size <= limit)
    assert has_room(size, uncopied, NO_LIMIT)


def test_a_job_is_paced_as_it_asks_or_as_the_stack_says_but_only_if_it_copies() -> None:
    assert pacing_limit(JobRequest("archive", "Bulk"), RULES) == NO_LIMIT
    assert pacing_limit(COPYING, RULES) == 1000
    asked = JobRequest("archive", "Bulk", copy=CopyRequest(), max_uncopied_bytes=5)
    assert pacing_limit(asked, RULES) == 5
    unpaced = JobRequest("archive", "Bulk", copy=CopyRequest(), max_uncopied_bytes=0)
    assert pacing_limit(unpaced, RULES) == NO_LIMIT


def progress(**sizes: int) -> Progress:
    parts = {status: Totals(1, sizes.get(status.lower(), 0)) for status in Status}
    return Progress(Job("job-1", "2026-11-21T03:00:00.000Z", "Bulk", Totals(6, 100)), parts)


def wave(number: int, size: int, batch_job_id: str = "", *, reported: bool = False) -> Wave:
    return Wave(number, 1, size, "key", batch_job_id=batch_job_id, reported=reported)


def test_what_is_restored_or_being_restored_is_uncopied_and_what_is_copied_failed_or_lapsed_is_not() -> None:
    now = progress(pending=10, restoring=20, restored=30, copied=40, failed=50, expired=60)
    assert uncopied_bytes(now, ()) == 50


def test_what_s3_has_yet_to_request_of_a_wave_counts_until_its_report_is_read() -> None:
    now = progress(pending=100, restoring=20)
    waiting = wave(2, 70)
    assert uncopied_bytes(now, (wave(1, 50, "batch-1"), waiting)) == 50, "of wave 1, 30 bytes are pending"
    assert uncopied_bytes(now, (wave(1, 50, "batch-1", reported=True), waiting)) == 20
    assert uncopied_bytes(now, (waiting,)) == 20
    assert uncopied_bytes(progress(pending=60), (wave(1, 50, "batch-1"), waiting)) == 0
