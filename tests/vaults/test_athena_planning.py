"""Plans that Athena works out: the same as DuckDB's, whenever a call dies, or failed with Athena's reason."""

import gzip
import json
import random
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from tests.vaults import preparations
from tests.vaults.described import NAMED, archive_id, inventory, row, rows_of
from tests.vaults.preparations import FILES, JOB, JOBS_BUCKET, LIVE, World
from thaw.core import vault_files
from thaw.jobs.preparing import JobNotPreparedError
from thaw.vaults import athena_files, athena_planning, athena_sql, cloud_planning, destination_keys
from thaw.vaults.athena_cursor import athena_folder
from thaw.vaults.errors import PlanError

ROWS_PER_PART = 10
BUCKET_ROWS = 40


class DeadError(Exception):
    """The invocation ends here."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with preparations.world() as made:
        yield prepared(made, monkeypatch)


def prepared(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Small parts, buckets and pieces, and a vault with all that can be in a plan."""
    for module in ("thaw.core.vault_files", "thaw.vaults.plan_output"):
        monkeypatch.setattr(f"{module}.ROWS_PER_PART", ROWS_PER_PART)
    for module in ("athena_planning", "plan_buckets", "athena_sql"):
        monkeypatch.setattr(f"thaw.vaults.{module}.ROWS_PER_PART", ROWS_PER_PART)
    monkeypatch.setattr(athena_planning, "bucket_rows", small_buckets)
    monkeypatch.setattr(athena_files, "PIECE_BYTES", 10_000)
    monkeypatch.setattr(athena_files, "PIECE_ROWS", 7)
    monkeypatch.setattr(destination_keys, "KEYS_PER_PIECE", 5)
    world.s3.put_object(Bucket=FILES, Key="inventory.csv", Body=lines().encode())
    names = "archive_id,name\n" + "".join(
        f'{archive_id(place)},"given, {place}.txt"\n' for place in range(30, 42)
    )
    world.s3.put_object(
        Bucket=FILES, Key="names.csv", Body=(names + f"{archive_id(10**6)},unused\n").encode()
    )
    for place in range(12):
        world.s3.put_object(Bucket=LIVE, Key=f"in/given, {place * 3}.txt", Body=b"")
    return world


def small_buckets(lines: int) -> int:
    assert lines
    return BUCKET_ROWS


def lines() -> str:
    """Every format, many names twice, archives that are filtered, too large, or there twice, and junk."""
    chance = random.Random(7)
    rows = rows_of([description for description, _ in NAMED] * 4 + ["x" * 1024] * 5)
    chance.shuffle(rows)
    rows += [each | {"Size": 7} for each in rows[:50]]
    rows += [row(9000 + place, "big", size=10**14) for place in range(3)]
    rows += [row(9100 + place, f"small {place}", size=0) for place in range(60)]
    return inventory(rows) + 'junk,"x",1,2\n\n' + "".join(f"junk {place}\r\n" for place in range(9))


def planned_by(world: World, monkeypatch: pytest.MonkeyPatch, most_bytes: int) -> dict[str, Any]:
    """The whole folder of the job, but for what is compressed otherwise, and the state."""
    monkeypatch.setattr(cloud_planning, "MAX_INVENTORY_BYTES", most_bytes)
    world.ask(inventory=f"s3://{FILES}/inventory.csv", names=f"s3://{FILES}/names.csv", min_size_bytes=1)
    world.prepare()
    return made(world)


def made(world: World) -> dict[str, Any]:
    keys = [key for key in world.keys("") if "/inventory" not in key and not key.endswith("planning.json")]
    files = {key: world.read(key) for key in keys}
    unpacked = {key: gzip.decompress(body) if key.endswith(".gz") else body for key, body in files.items()}
    state, vault = world.state, world.vaults.read(JOB)
    plan = vault.plan and (vault.plan.parts, vault.plan.archives, vault.plan.size_bytes, vault.plan.excluded)
    return {**unpacked, "validated": state.validated, "plan": plan, "status": state.status}


@pytest.fixture
def expected(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What DuckDB makes of it; then the job is forgotten."""
    found = planned_by(world, monkeypatch, 10**9)
    forget(world)
    return found


def forget(world: World) -> None:
    for key in world.keys(""):
        world.s3.delete_object(Bucket=JOBS_BUCKET, Key=key)
    world.vaults.delete(JOB)
    world.dynamodb.delete_item(
        TableName=preparations.JOBS, Key={"job_id": {"S": JOB}, "item": {"S": "state"}}
    )


def differing(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    return [key for key in sorted({*found, *expected}) if found.get(key) != expected.get(key)]


def test_athena_s_plan_is_duckdb_s_file_by_file_and_row_by_row(
    world: World, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = planned_by(world, monkeypatch, 100)
    assert differing(found, expected) == []
    assert found["plan"][0] > BUCKET_ROWS // ROWS_PER_PART, "it is of several buckets"
    assert json.loads(found[vault_files.preview_file(JOB)])["unused_names"] == 1
    assert len(world.athena.queries) == 3, "nothing is left out of an earlier plan"
    assert world.keys(athena_folder(JOB)) == []
    assert world.athena.glue.tables == {}


class Deaths:
    """Ends invocations at the `at`-th of the moments before and after each call of AWS."""

    def __init__(self, world: World) -> None:
        self.at = self.seen = 0
        for moment in ("before-call", "after-call"):
            world.s3.meta.events.register(f"{moment}.s3", self.look)
        for each in (world.athena, world.athena.glue):
            for name in ("start_query_execution", "get_query_execution", "create_table", "delete_table"):
                if hasattr(each, name):
                    setattr(each, name, self._watched(getattr(each, name)))

    def look(self, **_: Any) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise DeadError

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(**asked: Any) -> Any:
            self.look()
            answer = call(**asked)
            self.look()
            return answer

        return watched


def test_a_call_that_dies_at_any_moment_changes_nothing(
    world: World, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_planning, "MAX_INVENTORY_BYTES", 100)
    deaths, died = Deaths(world), 0
    world.ask(inventory=f"s3://{FILES}/inventory.csv", names=f"s3://{FILES}/names.csv", min_size_bytes=1)
    steps = world.preparation
    assert steps.validate(JOB).done
    assert steps.inventory(JOB)
    assert steps.go_on_downloading(JOB, world.seconds)
    while True:
        deaths.seen, deaths.at = 0, chance_of(died)
        try:
            if world.preparation.plan(JOB, world.seconds).done:
                break
        except DeadError:
            died += 1
    deaths.at = 0
    assert differing(made(world), expected) == []
    assert died > 10
    assert len(world.athena.queries) == 3, "a query is found again by its token"
    assert world.keys(athena_folder(JOB)) == []


def chance_of(died: int) -> int:
    """The moment of the next death: each call comes a little further than the one that died before it."""
    return 1 + died * 3


def test_a_query_is_started_once_even_if_nobody_wrote_its_id_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_planning, "MAX_INVENTORY_BYTES", 100)
    start = world.athena.start_query_execution

    def died_after(**asked: Any) -> dict[str, str]:
        before = len(world.athena.queries)
        answer = start(**asked)
        if len(world.athena.queries) > before:
            raise DeadError
        return answer

    monkeypatch.setattr(world.athena, "start_query_execution", died_after)
    world.ask(inventory=f"s3://{FILES}/inventory.csv")
    steps = world.preparation
    steps.validate(JOB)
    steps.inventory(JOB)
    steps.go_on_downloading(JOB, world.seconds)
    for _ in range(30):
        with suppress(DeadError):
            if steps.plan(JOB, world.seconds).done:
                break
    assert world.planned()
    assert len(world.athena.queries) == 3


def test_a_query_that_fails_fails_the_plan_with_athena_s_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.athena.failure = "Query exhausted resources at this scale factor"
    with pytest.raises(PlanError, match=r"is FAILED \(Query exhausted resources at this scale factor\)"):
        planned_by(world, monkeypatch, 100)
    assert world.athena.glue.tables == {}
    world.athena.failure = ""
    world.states.update(JOB, lambda state: replace(state, run=2))
    world.prepare()
    assert world.planned(), "the next run starts queries of its own"


def test_the_state_machine_is_told_to_wait_while_a_query_runs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_planning, "MAX_INVENTORY_BYTES", 100)
    world.athena.looks = 2
    world.ask(inventory=f"s3://{FILES}/inventory.csv")
    steps = world.preparation
    steps.validate(JOB)
    steps.inventory(JOB)
    steps.go_on_downloading(JOB, world.seconds)
    assert [steps.plan(JOB, world.seconds)[1:] for _ in range(2)] == [(False, 0, True)] * 2
    world.states.update(JOB, lambda state: replace(state, cancel_requested_at="2026-11-21T10:00:00.000Z"))
    with pytest.raises(JobNotPreparedError):
        steps.plan(JOB, world.seconds)
    assert (len(world.athena.stopped), world.athena.glue.tables) == (1, {})
    assert world.keys(athena_folder(JOB)) == []


def test_a_plan_is_made_in_as_many_calls_as_it_takes(
    world: World, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is short: each call writes a piece, or takes a step."""
    passed = iter(range(0, 10**9, 100))
    world.seconds = lambda: 900.0 - next(passed) % 901
    assert differing(planned_by(world, monkeypatch, 100), expected) == []


@pytest.mark.parametrize("zipped", [False, True])
def test_an_inventory_is_read_zipped_too(
    world: World, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *, zipped: bool
) -> None:
    content = ("\ufeff" + lines()).encode()
    body = gzip.compress(content[:5000]) + gzip.compress(content[5000:]) if zipped else content
    world.s3.put_object(Bucket=FILES, Key="inventory.csv", Body=body)
    assert differing(planned_by(world, monkeypatch, 100), expected) == []


def test_archives_of_a_plan_before_keep_their_keys_and_what_is_gone_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[dict[str, Any]] = []
    for most_bytes in (10**9, 100):
        planned_by(world, monkeypatch, 10**9)
        fewer = inventory(rows_of([description for description, _ in NAMED] * 2)[10:])
        world.s3.put_object(Bucket=FILES, Key="inventory.csv", Body=fewer.encode())
        monkeypatch.setattr(cloud_planning, "MAX_INVENTORY_BYTES", most_bytes)
        world.again(replan=True)
        world.prepare()
        found.append(made(world))
        forget(world)
        world.s3.put_object(Bucket=FILES, Key="inventory.csv", Body=lines().encode())
    assert differing(found[1], found[0]) == []
    assert [key for key in found[1] if "left-out" in key]
    assert len(world.athena.queries) == 4


def test_json_of_that_size_is_refused_with_the_way_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud_planning, "MAX_INVENTORY_BYTES", 100)
    world.s3.put_object(Bucket=FILES, Key="inventory.json", Body=b'{"ArchiveList":[' + b" " * 200 + b"]}")
    world.ask(inventory=f"s3://{FILES}/inventory.json")
    planned = world.prepare()
    assert (planned.refused, planned.state.refusal) == (True, 413)
    assert "plan it with `thaw vault plan`" in planned.state.reason


@pytest.mark.parametrize("lines", [1, 10**6, 10**8])
def test_there_are_never_more_partitions_than_one_unload_may_write(lines: int) -> None:
    rows = athena_sql.bucket_rows(lines)
    assert rows % athena_sql.ROWS_PER_PART == 0
    assert -(-lines // rows) + 1 <= athena_sql.MAX_BUCKETS
