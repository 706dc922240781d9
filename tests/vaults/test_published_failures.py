"""What the published system loses or stalls at, by the numbers of its list: none of it happens here.

1 to 13, 15, 16, 18, 19, 21, 22, 25, 28, 29, 36 to 39, 41, 42 and 46.
"""

import ast
import csv
import gzip
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from infra.state_machines.definitions import VAULT_MACHINES, definition
from infra.vaults import policies
from local.launcher.glacier import faults
from local.launcher.glacier.archives import Archive
from local.launcher.glacier.faults import Fault
from tests.infra.asl_values import PREDEFINED
from tests.infra.jobs.access import KEY, VAULT_ACCESS
from tests.vault_world.crashes import Killed, Place
from tests.vault_world.small_parts import MIB
from tests.vault_world.world import (
    JOBS_BUCKET,
    NAMES,
    OTHER_VAULT,
    PLACE,
    QUEUE_URL,
    RULES,
    VAULT,
    WARM,
    World,
    world,
)
from thaw.core import vault_files
from thaw.core.job_states import JobStatus

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3600.0
DAY = 24 * HOUR


def put(made: World, name: str, body: bytes = b"content", created: float = 0) -> Archive:
    """An archive in the vault."""
    return made.glacier.of(VAULT).add(body, name, created)


def begin(made: World, **asked: Any) -> str:
    return made.launch("run-1", **{"tier": "STANDARD", **asked})


def status(made: World, archive: Archive) -> str:
    return made.records()[archive.archive_id]["status"]


def error(made: World, archive: Archive) -> str:
    record = made.records()[archive.archive_id]
    return record["error_code"] if record["status"] == "FAILED" else ""


def held_execution(made: World) -> Any:
    """The input of the execution that would transfer the one large archive, and is kept from beginning."""
    made.held.add("thaw-transfer-large")
    while not made.services.unended():
        made.tick()
    (execution,) = made.services.unended()
    return json.loads(execution.input)


def parts_sent(made: World) -> int:
    """Of archives."""
    return sum(each["Bucket"] == WARM for each in given(made, "s3:UploadPart"))


def given(made: World, call: str) -> list[Any]:
    """What functions gave to each call of a name."""
    return [asked for name, asked in made.crashes.asked if name == call]


def asked_for(made: World) -> Counter[str]:
    """How often functions asked Glacier for each archive."""
    jobs = [each["jobParameters"] for each in given(made, "glacier:InitiateJob")]
    return Counter(each["ArchiveId"] for each in jobs if "ArchiveId" in each)


def objects(made: World) -> dict[str, str]:
    """The archive that each object is of, by its key."""
    listed = made.s3.list_objects_v2(Bucket=WARM).get("Contents", [])
    names = [item.get("Key", "") for item in listed]
    heads = [made.s3.head_object(Bucket=WARM, Key=name)["Metadata"] for name in names]
    return {name: head.get("glacier-archive-id", "not ours") for name, head in zip(names, heads, strict=True)}


def failing(archive: Archive, kind: str, operation: str = "", times: int = 1, **more: Any) -> Fault:
    return Fault(kind, operation, archive_id=archive.archive_id, times=times, **more)


def test_01_a_request_that_glacier_refuses_is_repeated_and_then_recorded() -> None:
    with world() as made:
        throttled, refused = put(made, "throttled"), put(made, "refused")
        made.glacier.faults.add(failing(throttled, faults.ERROR, "InitiateJob", 20))
        code = "InvalidParameterValueException"
        made.glacier.faults.add(failing(refused, faults.ERROR, "InitiateJob", 0, code=code))
        assert made.until_ended(begin(made)).status is JobStatus.COMPLETE_WITH_FAILURES
        assert (status(made, throttled), error(made, refused)) == ("COPIED", code)
        assert asked_for(made)[refused.archive_id] == 3


def test_02_a_retrieval_that_ended_failed_is_asked_for_again_and_never_read() -> None:
    with world() as made:
        archive = put(made, "fails once")
        made.glacier.faults.add(failing(archive, faults.FAILED_JOB))
        made.until_ended(begin(made))
        failed, succeeded = [job for job in made.glacier.of(VAULT).jobs.values() if job.archive]
        read = {each["jobId"] for each in given(made, "glacier:GetJobOutput")}
        assert (failed.status, failed.job_id in read, succeeded.job_id in read) == ("Failed", False, True)
        assert status(made, archive) == "COPIED"


both_ways = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@both_ways
def test_03_a_death_between_staged_and_handed_on_does_not_stall_the_archive(*, after: bool) -> None:
    with world() as made:
        archive = put(made, "large", b"large" * MIB)
        job_id = begin(made)
        made.crashes.arm(Place("transfer_archives", "stepfunctions:StartExecution", after))
        made.until_ended(job_id)
        assert made.functions.deaths == 1
        assert status(made, archive) == "COPIED"


def test_04_an_archive_whose_window_was_extended_counts_when_it_is_done() -> None:
    with world() as made:
        archive = put(made, "large", b"large" * MIB)
        job_id = begin(made)
        made.held.add("thaw-transfer-large")
        while asked_for(made)[archive.archive_id] < 2:
            made.tick(3 * HOUR)
        made.held.clear()
        assert made.until_ended(job_id).status is JobStatus.COMPLETE
        assert made.counts(job_id) == {"COPIED": 1}


def test_05_an_extended_archive_that_fails_is_in_the_list_of_failures() -> None:
    with world() as made:
        archive = put(made, "large", b"large" * MIB)
        job_id = begin(made)
        made.held.add("thaw-transfer-large")
        while asked_for(made)[archive.archive_id] < 2:
            made.tick(3 * HOUR)
        made.s3.put_object(Bucket=WARM, Key="in/large", Body=b"something else")
        made.held.clear()
        assert made.until_ended(job_id).status is JobStatus.COMPLETE_WITH_FAILURES
        rows = failures(made, job_id)
        assert [(row["archive_id"], row["error_code"]) for row in rows] == [
            (archive.archive_id, "ObjectConflict")
        ]


def failures(made: World, job_id: str) -> list[dict[str, str]]:
    """The rows of the failed list."""
    listed = made.s3.list_objects_v2(Bucket=JOBS_BUCKET, Prefix=vault_files.failed_folder(job_id))
    rows: list[dict[str, str]] = []
    for item in listed.get("Contents", []):
        body = made.s3.get_object(Bucket=JOBS_BUCKET, Key=item.get("Key", ""))["Body"].read()
        rows += csv.DictReader(gzip.decompress(body).decode().splitlines())
    return rows


def test_06_an_object_at_the_key_is_done_if_it_is_the_archive_and_else_a_conflict() -> None:
    with world() as made:
        same, other, forged = (
            put(made, f"{name}.txt", name.encode()) for name in ("same", "other", "forged")
        )
        s3 = made.s3
        s3.put_object(**pretending(same), Body=b"same", ChecksumAlgorithm="SHA256")
        s3.put_object(**pretending(forged), Body=b"FORGED", ChecksumAlgorithm="SHA256")
        s3.put_object(Bucket=WARM, Key="in/other.txt", Body=b"other")
        made.until_ended(begin(made))
        assert status(made, same) == "COPIED"
        assert (error(made, other), error(made, forged)) == ("ObjectConflict", "ObjectConflict")
        assert asked_for(made) == {}, "none was paid for"
        assert s3.get_object(Bucket=WARM, Key="in/forged.txt")["Body"].read() == b"FORGED"


def pretending(archive: Archive) -> Any:
    """An object that says it is this archive."""
    metadata = {
        "glacier-archive-id": archive.archive_id,
        "glacier-vault": VAULT,
        "glacier-sha256-tree-hash": archive.sha256_tree_hash,
    }
    return {"Bucket": WARM, "Key": f"in/{archive.description}", "Metadata": metadata}


def test_07_overrides_that_give_two_archives_one_key_are_told_apart() -> None:
    with world() as made:
        archives = [put(made, f"{number}.txt", b"%d" % number) for number in range(3)]
        rows = "".join(f"{archive.archive_id},2.txt\n" for archive in archives[:2])
        made.s3.put_object(Bucket=JOBS_BUCKET, Key="names.csv", Body=f"archive_id,key\n{rows}".encode())
        made.until_ended(begin(made, names=f"s3://{JOBS_BUCKET}/names.csv"))
        assert sorted(objects(made).values()) == sorted(archive.archive_id for archive in archives)


def test_08_names_made_unique_are_the_same_whatever_order_the_inventory_has() -> None:
    def named(seed: int) -> dict[str, str]:
        with world() as made:
            created = made.clock.timestamp() - DAY
            for number in range(12):
                put(made, "same.txt" if number % 3 else "same.txt (1)", b"%d" % number, created)
            vault = made.glacier.of(VAULT)
            ids = sorted(vault.archives, key=lambda archive_id: hash((archive_id, seed)))
            vault.archives = {archive_id: vault.archives[archive_id] for archive_id in ids}
            made.until_ended(begin(made))
            return objects(made)

    first, second = named(1), named(2)
    assert len(first) == 12
    assert first == second


@both_ways
def test_09_a_notification_of_a_job_that_nobody_wrote_down_still_counts(*, after: bool) -> None:
    with world() as made:
        archive = put(made, "a.txt")
        job_id = begin(made)
        made.crashes.arm(Place("watch_vaults", "glacier:InitiateJob", after))
        made.until_ended(job_id)
        assert made.functions.deaths == 1
        assert status(made, archive) == "COPIED"


@pytest.mark.parametrize("machine", VAULT_MACHINES)
def test_10_every_error_that_a_state_machine_waits_for_can_come(machine: str) -> None:
    errors = {
        name
        for node in nodes(json.loads(definition(machine, NAMES, PLACE, JOBS_BUCKET)))
        for name in node.get("ErrorEquals", [])
    }
    assert "States.ALL" in errors
    assert {name for name in errors if name.startswith("States.")} <= PREDEFINED


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a definition."""
    if isinstance(node, dict):
        yield cast("dict[str, Any]", node)
        node = [*cast("dict[str, Any]", node).values()]
    if isinstance(node, list):
        for inner in cast("list[Any]", node):
            yield from nodes(inner)


def test_11_every_page_of_what_is_decided_by_is_read_consistently() -> None:
    with world() as made:
        put(made, "large", b"large" * MIB)
        put(made, "small")
        made.until_ended(begin(made))
        queries = [each for each in given(made, "dynamodb:Query") if "IndexName" not in each]
        gets = given(made, "dynamodb:GetItem")
        batches = [
            table for each in given(made, "dynamodb:BatchGetItem") for table in each["RequestItems"].values()
        ]
        tables = {"objects", "jobs"}
        of_ours = [each for each in [*queries, *gets] if each["TableName"] in tables]
        assert len(of_ours) > 5
        assert all(each.get("ConsistentRead") for each in of_ours), of_ours
        assert all(each.get("ConsistentRead") for each in batches)


def test_12_parts_of_an_upload_that_is_gone_do_not_count_for_the_next_one() -> None:
    with world() as made:
        archive = put(made, "large", b"large" * MIB)
        job_id = begin(made)
        made.crashes.arm(Place("transfer_large", "s3:CompleteMultipartUpload"))
        state = held_execution(made)
        begun = made.call("transfer_large", {"action": "begin", **state})
        for group in begun["groups"]:
            asked = {**state, "upload_id": begun["upload_id"], "group": group}
            made.call("transfer_large", {"action": "parts", **asked})
        made.s3.abort_multipart_upload(Bucket=WARM, Key="in/large", UploadId=begun["upload_id"])
        sent = parts_sent(made)
        made.held.clear()
        made.until_ended(job_id)
        assert parts_sent(made) - sent == 5, "all parts once more"
        assert status(made, archive) == "COPIED"


def test_13_names_that_s3_does_not_take_are_mended_before_anything_is_asked_for() -> None:
    names = ["../../up.txt", "/rooted.txt", "a\\b\\c.txt", "x" * 1024, "tab and \x7f".replace("\x7f", "~")]
    fast = f"<m><v>4</v><p>{b64encode(('ü' * 600 + chr(7)).encode()).decode()}</p></m>"
    with world() as made:
        archives = [put(made, name, name.encode()) for name in [*names, fast[:1024]]]
        made.until_ended(begin(made, destination_prefix="in/"))
        found = objects(made)
        assert sorted(found.values()) == sorted(archive.archive_id for archive in archives)
        for key in found:
            assert key.startswith("in/")
            assert len(key.encode()) <= 1024
            assert not {"..", "."} & set(key.split("/"))
            assert not re.search(r"[\x00-\x1f\x7f]", key)


@pytest.mark.parametrize("machine", VAULT_MACHINES)
def test_15_every_way_that_goes_wrong_ends_as_failed(machine: str) -> None:
    states = json.loads(definition(machine, NAMES, PLACE, JOBS_BUCKET))["States"]
    caught = [
        each["Next"]
        for state in states.values()
        for each in state.get("Catch", [])
        if "States.ALL" in each["ErrorEquals"]
    ]
    assert caught
    for start in caught:
        reached, ahead = set[str](), [start]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += _following(states[name])
        assert "Fail" in {states[name]["Type"] for name in reached}
        assert "Succeed" not in {states[name]["Type"] for name in reached}, f"{start} may end well"


def _following(state: dict[str, Any]) -> list[str]:
    chosen = [each["Next"] for each in [*state.get("Choices", []), *state.get("Catch", [])]]
    return [*chosen, *(state[name] for name in ("Next", "Default") if name in state)]


def test_16_an_archive_that_takes_days_is_waited_for() -> None:
    with world() as made:
        archive = put(made, "slow")
        made.glacier.state.times = replace(made.glacier.state.times, standard=3 * DAY)
        made.until_ended(begin(made), seconds=6 * HOUR)
        assert (status(made, archive), asked_for(made)[archive.archive_id]) == ("COPIED", 1)


def test_18_there_is_one_run_at_a_time_and_one_that_has_ended_may_go_on() -> None:
    with world() as made:
        archive = put(made, "a.txt")
        job_id = begin(made)
        asked = {"vault": VAULT, "destination_bucket": WARM, "destination_prefix": "in/"}
        assert made.ask("POST", "/vault-transfers", asked)[0] == 409, "it runs"
        made.until_ended(job_id)
        code, answer = made.ask("POST", "/vault-transfers", asked)
        assert (code, "resume" in answer["error"]["message"]) == (409, True)
        made.resume("run-2", job_id)
        assert made.until_ended(job_id).status is JobStatus.COMPLETE
        assert (made.state(job_id).run, asked_for(made)[archive.archive_id]) == (2, 1)


def test_19_a_resume_asks_only_for_what_is_not_done_and_sends_only_parts_that_are_not_there() -> None:
    with world() as made:
        small, large = put(made, "small"), put(made, "large", b"large" * MIB)
        job_id = begin(made)
        state = held_execution(made)
        begun = made.call("transfer_large", {"action": "begin", **state})
        asked = {**state, "upload_id": begun["upload_id"], "group": begun["groups"][0]}
        made.call("transfer_large", {"action": "parts", **asked})
        sent = parts_sent(made)
        assert 0 < sent < 5
        assert made.ask("DELETE", f"/jobs/{job_id}", query="keep_uploads=true")[0] == 202
        made.held.clear()
        made.until_ended(job_id)
        day = made.glacier.state.paid_bytes
        made.resume("run-2", job_id)
        made.until_ended(job_id)
        assert asked_for(made)[small.archive_id] == 1
        assert made.glacier.state.paid_bytes == day, "what is staged is not paid for twice"
        assert parts_sent(made) == 5
        assert status(made, large) == "COPIED"


def test_21_nothing_is_asked_for_after_a_stop() -> None:
    with world(rules=replace(RULES, vault_bytes_per_day=10)) as made:
        for number in range(6):
            put(made, f"{number}.txt", b"%10d" % number)
        job_id = begin(made)
        made.tick()
        asked = sum(asked_for(made).values())
        assert 0 < asked < 6
        assert made.ask("DELETE", f"/jobs/{job_id}")[0] == 202
        for _ in range(5):
            made.tick(DAY)
        assert made.state(job_id).status is JobStatus.CANCELLED
        assert sum(asked_for(made).values()) == asked


def test_22_a_stop_aborts_its_own_uploads_and_no_other() -> None:
    with world() as made:
        put(made, "large", b"large" * MIB)
        others = {"in/large", "in/large0", "in/other"}
        for key in others:
            made.s3.create_multipart_upload(Bucket=WARM, Key=key)
        made.clock.advance(DAY)
        job_id = begin(made)
        state = held_execution(made)
        made.call("transfer_large", {"action": "begin", **state})
        assert len(uploads(made)) == 4
        made.ask("DELETE", f"/jobs/{job_id}")
        made.held.clear()
        made.until_ended(job_id)
        assert set(uploads(made)) == others
        assert len(uploads(made)) == 3


def uploads(made: World) -> list[str]:
    found = made.s3.list_multipart_uploads(Bucket=WARM).get("Uploads", [])
    return [upload.get("Key", "") for upload in found]


def test_25_no_more_is_staged_than_can_be_transferred() -> None:
    with world(rules=replace(RULES, vault_staged_bytes=30)) as made:
        for number in range(9):
            put(made, f"{number}.txt", b"%10d" % number)
        job_id = begin(made)
        most = 0
        while not made.state(job_id).ended:
            made.tick()
            unread = [job for job in made.glacier.of(VAULT).jobs.values() if job.archive]
            done = set(objects(made).values())
            waiting = [job for job in unread if job.archive and job.archive.archive_id not in done]
            most = max(most, len(waiting))
        assert most == 3
        assert made.counts(job_id) == {"COPIED": 9}


def test_28_a_small_archive_takes_one_put_and_few_writes() -> None:
    with world() as made:
        for number in range(10):
            put(made, f"{number}.txt", b"%10d" % number)
        job_id = begin(made)
        made.crashes.arm()
        made.until_ended(job_id)
        calls = Counter(made.crashes.calls)
        assert (calls["s3:PutObject"] - files_written(made), calls["s3:CreateMultipartUpload"]) == (10, 0)
        assert (calls["glacier:InitiateJob"], calls["glacier:GetJobOutput"]) == (10, 10)
        writes = written(made, "objects")
        assert writes <= 2 * 10, "requested; completed and copied at once"


def files_written(made: World) -> int:
    """Of the jobs bucket."""
    return sum(each["Bucket"] == JOBS_BUCKET for each in given(made, "s3:PutObject"))


def written(made: World, table: str) -> int:
    """Items that functions wrote into a table."""
    in_transactions = [
        next(iter(write.values()))["TableName"]
        for each in given(made, "dynamodb:TransactWriteItems")
        for write in each["TransactItems"]
    ]
    alone = [each["TableName"] for call in ("Put", "Update") for each in given(made, f"dynamodb:{call}Item")]
    return [*in_transactions, *alone].count(table)


def test_29_parts_are_not_read_again_after_each_part() -> None:
    def reads(parts: int) -> int:
        with world() as made:
            put(made, "large", b"l" * (parts * MIB))
            made.until_ended(begin(made))
            assert parts_sent(made) == parts
            queries = given(made, "dynamodb:Query")
            return sum("part#" in json.dumps(each) for each in queries)

    few, many = reads(6), reads(12)
    assert many - few <= 3, "once a group of two parts, never once a part of all"


def test_36_transfers_that_run_at_once_share_nothing() -> None:
    with world() as made:
        put(made, "a.txt")
        made.glacier.of(OTHER_VAULT).add(b"other", "a.txt")
        first = begin(made)
        second = made.launch("run-2", vault=OTHER_VAULT, destination_prefix="out/", tier="EXPEDITED")
        for job_id in (first, second):
            assert made.until_ended(job_id).status is JobStatus.COMPLETE
        assert [made.state(job_id).request.tier for job_id in (first, second)] == ["Standard", "Expedited"]
        assert sorted(objects(made)) == ["in/a.txt", "out/a.txt"]


def test_37_more_than_five_archives_of_any_size_are_under_way_at_once() -> None:
    with world() as made:
        for number in range(6):
            put(made, f"{number}.bin", b"%d" % number * (5 * MIB))
        job_id = begin(made)
        made.held.add("thaw-transfer-large")
        made.tick()
        made.tick()
        assert len(made.services.unended()) == 6
        made.held.clear()
        made.until_ended(job_id)
        assert made.counts(job_id) == {"COPIED": 6}


@pytest.mark.parametrize(
    "wrong", [{"vault": "no such vault!"}, {"vault": "other"}, {"destination_bucket": "other"}]
)
def test_38_names_are_checked_before_anything_begins(wrong: dict[str, str]) -> None:
    with world() as made:
        put(made, "a.txt")
        asked = {"vault": VAULT, "destination_bucket": WARM, "destination_prefix": "in/", **wrong}
        code, _answer = made.ask("POST", "/vault-transfers", asked)
        assert code in (400, 403, 404, 422)
        assert given(made, "glacier:InitiateJob") == []
        assert list(made.states.active()) == []


def test_39_who_writes_encrypted_objects_may_use_their_keys() -> None:
    for statements in (policies.transfer_archives, policies.transfer_large):
        on_key = [each for each in statements(VAULT_ACCESS) if KEY in json.dumps(each)]
        actions = {action for each in on_key for action in each["Action"]}
        assert {"kms:Decrypt", "kms:GenerateDataKey"} <= actions


def test_41_a_text_is_no_truth() -> None:
    with world() as made:
        put(made, "a.txt")
        asked = {"vault": VAULT, "destination_bucket": WARM, "destination_prefix": "in/"}
        code, answer = made.ask("POST", "/vault-transfers", {**asked, "dry_run": "False"})
        assert (code, "dry_run" in answer["error"]["message"]) == (400, True)
        job_id = begin(made, dry_run="False", cross_region="false")
        request = made.state(job_id).request
        assert request.vault is not None
        assert (request.dry_run, request.vault.cross_region) == (False, False), "of a form, a word for it"


def test_42_no_url_that_lets_its_finder_in_is_made_stored_or_logged() -> None:
    with world() as made:
        put(made, "a.txt")
        put(made, "large", b"large" * MIB)
        made.until_ended(begin(made))
        kept = json.dumps(made.crashes.asked, default=str) + made.printed.getvalue()
        assert not re.search(r"X-Amz-Signature|AWSAccessKeyId|Signature=", kept)
    for file in sources():
        assert "generate_presigned" not in file.read_text(), file


def test_46_nothing_is_told_to_anybody_but_the_account_itself() -> None:
    """There is no telemetry to turn off: functions speak to AWS alone, through its own library."""
    speaking = {"urllib", "http", "requests", "urllib3", "httpx", "socket", "aiohttp"}
    for file in sources():
        imported = {
            name.partition(".")[0]
            for node in ast.walk(ast.parse(file.read_text()))
            for name in _imported(node)
        }
        assert not imported & speaking - allowed(file), file


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def allowed(file: Path) -> set[str]:
    """`http` and `urllib.parse` spell statuses and addresses; they open nothing here."""
    text = file.read_text()
    opens = "urllib.request" in text or "http.client" in text
    return set() if opens else {"urllib", "http"}


def sources() -> list[Path]:
    """What is deployed for vaults, and what that uses."""
    return [file for folder in ("thaw", "lambdas") for file in sorted((ROOT / folder).rglob("*.py"))]


def test_what_dies_is_not_forgotten() -> None:
    """The world of these tests does kill functions, and brings their messages back."""
    with world() as made:
        put(made, "a.txt")
        job_id = begin(made)
        made.crashes.arm(Place("transfer_archives", "s3:PutObject"))
        made.until_ended(job_id)
        assert repr(Killed()) in "".join(made.failures)
        assert made.services.queue(QUEUE_URL).dead == []
