"""A transfer from its request to its plan: over Glacier's own API, in the steps of the state machine."""

import gzip
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.vaults import preparations
from tests.vaults.described import NAMED
from tests.vaults.preparations import FILES, JOB, JOBS_BUCKET, LIVE, REQUEST, RETRIEVAL_SECONDS, World
from thaw.core import job_files, vault_files
from thaw.core.archives import VAULT_CLASS, vault_bucket
from thaw.core.history import NOTHING
from thaw.core.job_states import JobStatus
from thaw.core.records import ManifestEntry
from thaw.jobs.import_lines import records_of
from thaw.jobs.parts import import_part
from thaw.jobs.preparing import JobNotPreparedError
from thaw.vaults import destination_keys
from thaw.vaults.errors import InventoryError
from thaw.vaults.preview import Preview

SIZE = 39 * 2**40
"""As large as one archive can be."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with preparations.world() as made:
        yield made


def inventories_asked(world: World) -> int:
    vault = world.server.vault(preparations.VAULT, preparations.REGION)
    return sum(job.archive is None for job in vault.jobs.values())


def test_every_archive_is_in_the_plan_with_the_record_it_is_loaded_as(world: World) -> None:
    for number, (description, _) in enumerate(NAMED):
        if description.isascii():
            world.add(description, bytes(number + 1), created=1e9 + number)
    for number in range(1000):
        world.add(f"more/{number}", created=1.5e9 + number)
    world.ask()
    planned = world.prepare()
    archives = world.server.vault(preparations.VAULT, preparations.REGION).archives
    rows = world.planned()
    assert (planned.parts, planned.refused, world.state.status) == (2, False, JobStatus.PREPARING)
    assert [row.archive_id for row in rows] == [
        each.archive_id
        for each in sorted(archives.values(), key=lambda each: (each.created, each.archive_id))
    ]
    for row in rows:
        archive = archives[row.archive_id]
        assert (row.size_bytes, row.sha256_tree_hash) == (archive.size_bytes, archive.sha256_tree_hash)
        assert row.description.replace("\\", "") == archive.description.replace("\\", "")
    records = world.records(planned.parts)
    bucket = vault_bucket(preparations.VAULT)
    assert [(each.id.object_path, each.history) for each in records] == [
        (f"{bucket}/{row.archive_id}", NOTHING) for row in rows
    ]
    assert records[0].entry == ManifestEntry(
        JOB, bucket, rows[0].archive_id, rows[0].size_bytes, VAULT_CLASS, "Bulk"
    )
    whole = world.table(vault_files.plan_file(JOB))
    assert [(row["archive_id"], row["key"]) for row in whole] == [(row.archive_id, row.key) for row in rows]
    validated = world.state.validated
    assert validated
    assert (validated.objects, validated.rows_in, validated.parts) == (len(rows), len(rows), 2)
    assert validated.by_storage_class[VAULT_CLASS].size_bytes == sum(row.size_bytes for row in rows)
    assert world.table(vault_files.excluded_file(JOB)) == []


def test_an_object_that_is_in_the_way_is_marked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destination_keys, "KEYS_PER_PIECE", 2)
    for name in ("a", "b", "c", "d"):
        world.add(name)
    for key in ("in/a", "in/b", "in/d", 'in/other, "one"', "elsewhere/c", "in/zz"):
        world.s3.put_object(Bucket=LIVE, Key=key, Body=b"")
    world.ask()
    world.prepare()
    assert {row.key for row in world.planned() if row.exists} == {"in/a", "in/b", "in/d"}
    assert world.preview()["existing"] == 3
    assert world.keys(destination_keys.existing_folder(JOB)) == [], "what was listed is of no use any more"


def test_keys_with_ends_of_lines_that_are_there_already_are_in_nobody_s_way(world: World) -> None:
    world.add("a")
    for number in range(300):
        for end in ("\r", "\n", "\r\n"):
            world.s3.put_object(Bucket=LIVE, Key=f'in/{number}/"Icon"{end}', Body=b"")
    world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"")
    world.ask()
    world.prepare()
    assert [(row.key, row.exists) for row in world.planned()] == [("in/a", True)]


def test_a_listing_goes_on_in_further_calls(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destination_keys, "KEYS_PER_PIECE", 2)
    world.add("a")
    for number in range(5):
        world.s3.put_object(Bucket=LIVE, Key=f"in/{number}", Body=b"")
    passed = iter(range(0, 10**6, 130))
    world.seconds = lambda: 900.0 - next(passed)
    world.ask()
    steps = world.preparation
    steps.validate(JOB)
    steps.inventory(JOB)
    world.server.advance(RETRIEVAL_SECONDS)
    steps.inventory(JOB)
    steps.go_on_downloading(JOB, lambda: 900.0)
    done = [steps.plan(JOB, world.seconds).done for _ in range(3)]
    assert done == [False, False, False]
    assert steps.plan(JOB, lambda: 900.0).done


def test_an_inventory_that_is_fresh_enough_is_used_whoever_asked_for_it(world: World) -> None:
    world.add("a")
    client = world.server.client()
    client.initiate_job(vaultName=preparations.VAULT, jobParameters={"Type": "inventory-retrieval"})
    world.server.advance(RETRIEVAL_SECONDS + 3600)
    world.ask()
    assert world.preparation.validate(JOB).done
    assert world.preparation.inventory(JOB), "there is one, in JSON"
    world.prepare()
    assert [row.key for row in world.planned()] == ["in/a"]
    assert inventories_asked(world) == 1


@pytest.mark.parametrize(
    ("asked", "age", "hours"),
    [
        ({"InventoryRetrievalParameters": {"Limit": "5"}}, 3600, 48),
        ({}, 23 * 3600, 48),
        ({}, 3600, 0),
    ],
    ids=["only a page", "soon unreadable", "none is young enough"],
)
def test_an_inventory_that_is_not_is_left(world: World, asked: dict[str, Any], age: int, hours: int) -> None:
    world.add("a")
    parameters: Any = {"Type": "inventory-retrieval", **asked}
    world.server.client().initiate_job(vaultName=preparations.VAULT, jobParameters=parameters)
    world.server.advance(RETRIEVAL_SECONDS + age)
    world.ask(max_inventory_age_hours=hours)
    world.preparation.validate(JOB)
    assert not world.preparation.inventory(JOB)
    assert inventories_asked(world) == 2


def elapse(world: World, hours: float) -> None:
    world.server.advance(hours * 3600)


def add_now(world: World, description: str) -> None:
    """Glacier makes a new inventory of the vault some time after it."""
    world.add(description, created=world.server.glacier.now)


def dates(world: World) -> list[str]:
    """Of the inventory that is used."""
    inventory = world.vaults.read(JOB).inventory
    return [inventory.inventory_date] if inventory else []


def test_the_date_of_an_inventory_is_that_of_glacier_s_last_one_and_not_of_its_retrieval(
    world: World,
) -> None:
    world.server.glacier.state.times = replace(world.server.glacier.state.times, inventory_age=10 * 3600.0)
    elapse(world, 20)
    add_now(world, "a")
    elapse(world, 11)
    add_now(world, "too young for it")
    elapse(world, 1)
    world.ask()
    world.prepare()
    assert dates(world) == ["2026-11-22T06:00:00.000Z"]
    assert [row.key for row in world.planned()] == ["in/a"]
    assert world.read(vault_files.inventory_file(JOB, "csv"))


def test_an_inventory_is_too_old_by_its_own_date_if_glacier_has_a_newer_one(world: World) -> None:
    world.add("a")
    elapse(world, 30)
    world.ask()
    world.prepare()
    asked, first = inventories_asked(world), dates(world)
    elapse(world, 4)
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True, max_inventory_age_hours=1)
    world.prepare()
    assert (inventories_asked(world), dates(world)) == (asked, first), "Glacier has no newer one"
    add_now(world, "b")
    elapse(world, 1)
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True, max_inventory_age_hours=48)
    world.prepare()
    assert inventories_asked(world) == asked, "it is 39 hours old, by what its retrieval tells of it"
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True, max_inventory_age_hours=35)
    world.prepare()
    assert inventories_asked(world) == asked + 1, "it was retrieved 5 hours ago, and is 39 hours old"


def test_an_inventory_in_json_tells_its_date_itself(world: World) -> None:
    world.add("a")
    elapse(world, 2)
    world.server.client().initiate_job(
        vaultName=preparations.VAULT, jobParameters={"Type": "inventory-retrieval"}
    )
    elapse(world, 5)
    world.ask()
    world.prepare()
    assert dates(world) == ["2026-11-21T12:00:00.000Z"], "as the stand-in writes it: when it was asked for"
    body = world.read(vault_files.inventory_file(JOB, "json"))
    world.s3.put_object(Bucket=FILES, Key="i.json.gz", Body=gzip.compress(body))
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True, inventory=f"s3://{FILES}/i.json.gz")
    world.prepare()
    assert dates(world) == ["2026-11-21T12:00:00.000Z"]


def test_a_new_inventory_is_retrieved_whatever_there_is_and_once(world: World) -> None:
    world.add("a")
    world.ask()
    world.prepare()
    world.add("added since", created=1e9)
    elapse(world, 1)
    for run in (2, 3):
        world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
        world.again(replan=True, new_inventory=True)
        world.preparation.validate(JOB)
        assert not world.preparation.inventory(JOB)
        world.vaults.update(JOB, lambda now: replace(now, inventory=None))
        world.server.advance(RETRIEVAL_SECONDS)
        assert world.preparation.inventory(JOB), "one that died before it could write it down finds it again"
        world.prepare()
        assert {row.key for row in world.planned()} == {"in/a", "in/added since"}
        assert inventories_asked(world) == run


def test_an_inventory_is_asked_for_once_however_often_the_step_is_taken(world: World) -> None:
    world.add("a")
    world.ask()
    world.preparation.validate(JOB)
    for _ in range(2):
        assert not world.preparation.inventory(JOB)
    world.vaults.update(JOB, lambda now: replace(now, inventory=None))
    assert not world.preparation.inventory(JOB), "one that died before it could write it down finds it again"
    assert inventories_asked(world) == 1


def test_the_wait_is_over_at_once_if_the_inventory_came_before_the_token(world: World) -> None:
    world.add("a")
    world.ask()
    world.preparation.validate(JOB)
    world.preparation.inventory(JOB)
    world.preparation.wait(JOB, "early")
    assert (world.tokens.done, world.vaults.read(JOB).token) == ([], "early")
    world.server.advance(RETRIEVAL_SECONDS)
    world.preparation.wait(JOB, "late")
    assert world.tokens.done == ["late"]


def test_an_inventory_that_is_gone_is_asked_for_again(world: World) -> None:
    world.add("a")
    world.ask()
    world.preparation.validate(JOB)
    world.preparation.inventory(JOB)
    vault = world.server.vault(preparations.VAULT, preparations.REGION)
    vault.jobs.clear()
    assert not world.preparation.inventory(JOB)
    assert not world.preparation.inventory(JOB)
    assert inventories_asked(world) == 1


def test_a_download_goes_on_where_it_was(world: World) -> None:
    for number in range(6):
        world.add("x" * 1000, created=1e9 + number)
    world.part_bytes = 5 * 2**20
    large = world.preparation.download
    assert large.part_bytes == world.part_bytes
    for number in range(5000):
        world.server.vault(preparations.VAULT, preparations.REGION).add(b"x", f"{number:01000}", 1e9)
    world.ask()
    steps = world.preparation
    steps.validate(JOB)
    steps.inventory(JOB)
    world.server.advance(RETRIEVAL_SECONDS)
    steps.inventory(JOB)
    calls = iter((900.0, 0.0))
    assert not steps.go_on_downloading(JOB, lambda: next(calls))
    inventory = world.vaults.read(JOB).inventory
    assert inventory
    assert inventory.read_bytes == world.part_bytes
    ranges: list[int] = []
    client = steps.download.glacier

    def note(**_: object) -> None:
        ranges.append(1)

    client.meta.events.register("before-call.glacier.GetJobOutput", note)
    assert steps.go_on_downloading(JOB, lambda: 900.0)
    assert len(ranges) == -(-inventory.size_bytes // world.part_bytes) - 1
    assert steps.plan(JOB, world.seconds).parts == 6


def test_a_given_inventory_is_taken_and_a_given_plan_needs_none(world: World) -> None:
    world.add("a")
    world.add("b")
    world.ask(replace(REQUEST, dry_run=True))
    world.prepare()
    assert world.state.status is JobStatus.DRY_RUN
    inventory = world.read(vault_files.inventory_file(JOB, "csv"))
    world.s3.put_object(Bucket=FILES, Key="i.csv.gz", Body=gzip.compress(inventory))
    plan = gzip.decompress(world.read(vault_files.plan_file(JOB))).decode().replace("in/a", "in/renamed")
    world.s3.put_object(Bucket=FILES, Key="p.csv", Body=plan.encode())
    asked = inventories_asked(world)

    world.again(replan=True, inventory=f"s3://{FILES}/i.csv.gz")
    world.prepare()
    assert {row.key for row in world.planned()} == {"in/a", "in/b"}
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True, inventory="", plan=f"s3://{FILES}/p.csv")
    world.prepare()
    assert {row.key for row in world.planned()} == {"in/renamed", "in/b"}
    assert inventories_asked(world) == asked
    assert job_files.left_out_part(JOB, 0) not in world.keys(job_files.import_folder(JOB))

    shorter = "".join(line for line in plan.splitlines(keepends=True) if "in/b" not in line)
    world.s3.put_object(Bucket=FILES, Key="p.csv", Body=shorter.encode())
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True)
    world.prepare()
    assert len(list(records_of(world.read(job_files.left_out_part(JOB, 0))))) == 1


def edit_plan(world: World, old: str, new: str) -> None:
    key = vault_files.plan_file(JOB)
    text = gzip.decompress(world.read(key)).decode()
    assert old in text
    world.s3.put_object(Bucket=JOBS_BUCKET, Key=key, Body=gzip.compress(text.replace(old, new).encode()))


def carry_out(world: World) -> None:
    """As `resume` does it with a dry run."""
    world.again(replan=False)
    world.states.update(JOB, lambda state: replace(state, continues=False))


def test_the_plan_of_a_dry_run_that_was_edited_where_it_is_is_taken_as_edited(world: World) -> None:
    world.add("a", created=1e9)
    world.add("b", created=1.1e9)
    world.ask(replace(REQUEST, dry_run=True))
    world.prepare()
    edit_plan(world, "in/a", "in/edited")
    carry_out(world)
    planned = world.prepare()
    assert (planned.parts, planned.refused) == (1, False)
    assert {row.key for row in world.planned()} == {"in/edited", "in/b"}
    calls = world.vaults.read(JOB).plan
    assert world.prepare().done
    assert world.vaults.read(JOB).plan == calls, "once is enough"
    assert {row["key"] for row in world.table(vault_files.plan_file(JOB))} == {"in/edited", "in/b"}
    assert inventories_asked(world) == 1


def test_an_edited_plan_that_cannot_be_used_is_told_and_can_be_corrected(world: World) -> None:
    world.add("a")
    world.ask(replace(REQUEST, dry_run=True))
    world.prepare()
    edit_plan(world, "in/a", "elsewhere/a")
    carry_out(world)
    refused = world.prepare()
    assert refused.refused
    assert "has a key that does not begin with in/" in refused.state.reason
    edit_plan(world, "elsewhere/a", "in/corrected")
    world.states.update(JOB, lambda state: replace(state, refusal=None, status=JobStatus.FAILED))
    carry_out(world)
    assert not world.prepare().refused
    assert [row.key for row in world.planned()] == ["in/corrected"]


def test_a_run_that_does_not_replan_keeps_the_plan_and_asks_for_nothing(world: World) -> None:
    world.add("a")
    world.ask(replace(REQUEST, dry_run=True))
    first = world.prepare()
    rows = world.planned()
    world.add("added since")
    world.again(replan=False)
    again = world.prepare()
    assert (again.parts, again.done, again.state.status) == (first.parts, True, JobStatus.PREPARING)
    assert world.planned() == rows
    assert inventories_asked(world) == 1
    assert world.records(again.parts), "what a dry run has planned can be loaded"


def test_a_new_plan_keeps_the_keys_of_the_former_one(world: World) -> None:
    world.add("a", created=1.2e9)
    world.ask()
    world.prepare()
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    [before] = world.planned()
    older = world.add("a", created=1e9)
    world.server.advance(24 * 3600)
    world.again(replan=True, max_inventory_age_hours=1)
    world.prepare()
    keys = {row.archive_id: row.key for row in world.planned()}
    assert keys[before.archive_id] == before.key == "in/a"
    assert keys[older.archive_id].startswith("in/a-")


def test_a_shorter_plan_leaves_nothing_of_the_longer_one(world: World) -> None:
    for number in range(1001):
        world.add(f"{number:04}", created=1e9 + number)
    world.ask()
    assert world.prepare().parts == 2
    world.s3.put_object(Bucket=JOBS_BUCKET, Key=f"{job_files.loaded_folder(JOB)}part-00001.json", Body=b"{}")
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    world.again(replan=True, name_pattern="0000")
    assert world.prepare().parts == 1
    assert len(world.keys(vault_files.plan_folder(JOB))) == 1
    files = [job_files.left_out_part(JOB, 0), import_part(JOB, 0)]
    assert world.keys(job_files.import_folder(JOB)) == files
    [*left_out] = records_of(world.read(files[0]))
    assert len({each.id for each in left_out}) == 1000
    assert not {each.entry.key for each in left_out} & {row.archive_id for row in world.planned()}
    assert world.keys(job_files.loaded_folder(JOB)) == []
    assert len(world.table(vault_files.excluded_file(JOB))) == 1000
    validated = world.state.validated
    assert validated
    assert (validated.rows_in, validated.objects, validated.filtered) == (1001, 1, 1000)


def test_a_dry_run_says_what_it_costs_and_takes_in_every_tier(world: World) -> None:
    vault = world.server.vault(preparations.VAULT, preparations.REGION)
    for number in range(3):
        vault.add(b"x", f"{number}", 1e9 + number, pretended_bytes=SIZE)
    world.ask(replace(REQUEST, dry_run=True))
    planned = world.prepare()
    assert (planned.state.status, planned.state.ended_at != "") == (JobStatus.DRY_RUN, True)
    preview = world.preview()
    tiers = {each["tier"]: each for each in preview["tiers"]}
    assert (preview["archives"], preview["size_bytes"]) == (3, 3 * SIZE)
    assert preview["names"][0] == {"description": "0", "key": "in/0"}
    assert {tier: each["quota_days"] for tier, each in tiers.items()} == dict.fromkeys(tiers, 2)
    assert tiers["Standard"]["hours"] == pytest.approx(
        3 * SIZE / world.rules.vault_bytes_per_day * 24 + 5, 0.01
    )
    assert tiers["Standard"]["lines"]["retrieval"] == f"{3 * SIZE / 2**30 / 100:.4f}"
    validated = world.state.validated
    assert validated
    assert (validated.expected_hours, validated.cost_usd) == (
        tiers["Bulk"]["hours"],
        tiers["Bulk"]["cost_usd"],
    )


def test_a_transfer_of_nothing_is_refused(world: World) -> None:
    world.add("a")
    world.ask(name_pattern="b*")
    planned = world.prepare()
    assert planned.refused
    assert world.state.status is JobStatus.FAILED
    assert world.state.reason == (
        "Nothing is to be transferred: none of the 1 rows of the inventory is an archive that the request"
        " leaves in; excluded.csv.gz has the reason of each."
    )


@pytest.mark.parametrize(
    ("vault", "body", "told"),
    [
        ({"names": f"s3://{FILES}/f"}, b"AAA,\n", f"s3://{FILES}/f is no CSV of archive ids and names: In"),
        ({"inventory": f"s3://{FILES}/f"}, b"hello", "inventory is no inventory of a vault: it begins with"),
        ({"plan": f"s3://{FILES}/f"}, b"a,b\n1,2\n", "A plan begins with the line archive_id,key,"),
    ],
)
def test_files_that_cannot_be_used_are_the_request_s_fault(
    world: World, vault: dict[str, Any], body: bytes, told: str
) -> None:
    world.add("a")
    world.s3.put_object(Bucket=FILES, Key="f", Body=body)
    world.ask(**vault)
    planned = world.prepare()
    assert (planned.refused, planned.state.refusal, planned.state.status) == (True, 422, JobStatus.FAILED)
    assert planned.state.reason.startswith(told), planned.state.reason


def test_a_plan_that_is_made_again_finds_all_that_it_is_made_of(world: World) -> None:
    """Whoever dies before the state has the plan leaves everything there."""
    world.add("a")
    world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"")
    world.ask()
    steps = world.preparation
    steps.validate(JOB)
    steps.inventory(JOB)
    world.server.advance(RETRIEVAL_SECONDS)
    steps.inventory(JOB)
    steps.go_on_downloading(JOB, world.seconds)
    state, vault = world.state, world.vaults.read(JOB)
    previews = [steps.planning.go_on(state, vault, world.seconds) for _ in range(2)]
    assert previews[0] == previews[1]
    assert isinstance(previews[0], Preview)
    assert previews[0].figures.existing == 1


def test_a_job_that_was_cancelled_goes_no_further(world: World) -> None:
    world.add("a")
    world.ask()
    world.states.update(JOB, lambda state: replace(state, cancel_requested_at="2026-11-21T10:00:00.000Z"))
    steps = world.preparation
    for step in (
        lambda: steps.validate(JOB),
        lambda: steps.inventory(JOB),
        lambda: steps.wait(JOB, "token"),
        lambda: steps.go_on_downloading(JOB, world.seconds),
        lambda: steps.plan(JOB, world.seconds),
    ):
        with pytest.raises(JobNotPreparedError, match="was cancelled before it was planned"):
            step()
    assert inventories_asked(world) == 0


def test_every_step_can_be_taken_twice(world: World) -> None:
    world.add("a")
    world.ask()
    steps = world.preparation
    for _ in range(2):
        assert not steps.validate(JOB).refused
    steps.inventory(JOB)
    world.server.advance(RETRIEVAL_SECONDS)
    for _ in range(2):
        assert steps.inventory(JOB)
    for _ in range(2):
        assert steps.go_on_downloading(JOB, world.seconds)
    plans = [steps.plan(JOB, world.seconds) for _ in range(2)]
    assert {each.parts for each in plans} == {1}
    world.vaults.update(JOB, lambda now: replace(now, plan=None))
    assert steps.plan(JOB, world.seconds).parts == 1
    assert [row.key for row in world.planned()] == ["in/a"]


def test_a_plan_without_its_inventory_is_not_made(world: World) -> None:
    world.add("a")
    world.ask()
    world.preparation.validate(JOB)
    with pytest.raises(InventoryError, match="is not downloaded"):
        world.preparation.plan(JOB, world.seconds)
    with pytest.raises(InventoryError, match="was given up"):
        world.preparation.go_on_downloading(JOB, world.seconds)


def test_errors_of_the_services_are_not_taken_for_answers(world: World) -> None:
    world.add("a")
    world.ask()
    world.s3.delete_bucket(Bucket=JOBS_BUCKET)
    world.preparation.validate(JOB)
    world.preparation.inventory(JOB)
    world.server.advance(RETRIEVAL_SECONDS)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        world.preparation.go_on_downloading(JOB, world.seconds)
