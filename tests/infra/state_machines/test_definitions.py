"""The state machines of jobs: right, patient, and in the words of the code around them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import thaw.core.errors
import thaw.jobs.errors
import thaw.store.errors
import thaw.vaults.errors
from infra.errors import DefinitionError
from infra.jobs.functions import LONGEST_SECONDS
from infra.names import Names, Place
from infra.state_machines.definitions import ALL_MACHINES, FINAL_ERRORS, FOLDER, definition, substituted
from tests.infra.asl import all_states, problems
from tests.infra.jobs.access import ACCESS
from thaw.core import job_files, vault_files

PLACE = ACCESS.place
NAMES = ACCESS.names


def machine(purpose: str) -> dict[str, Any]:
    return json.loads(definition(purpose, NAMES, PLACE, ACCESS.jobs_bucket))


def of_type(purpose: str, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, dict(state)) for name, state in all_states(machine(purpose)) if state["Type"] == kind)


each_machine = pytest.mark.parametrize("purpose", ALL_MACHINES)


def test_every_file_is_a_machine_and_every_machine_a_file() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == {
        f"{purpose}.asl.json" for purpose in ALL_MACHINES
    }


@each_machine
def test_a_machine_is_right(purpose: str) -> None:
    assert problems(machine(purpose)) == []


@each_machine
def test_a_machine_ends_at_last_and_says_what_it_is(purpose: str) -> None:
    assert machine(purpose)["TimeoutSeconds"] >= 24 * 3600
    assert "Input: " in machine(purpose)["Comment"]


@each_machine
def test_every_task_has_a_time_longer_than_its_function_s_and_is_tried_again_at_random_moments(
    purpose: str,
) -> None:
    for name, state in of_type(purpose, "Task"):
        assert state["TimeoutSeconds"] > LONGEST_SECONDS, name
        backing_off = [each for each in state["Retry"] if each.get("JitterStrategy") == "FULL"]
        assert backing_off, name
        assert all(each["BackoffRate"] > 1 and each["MaxDelaySeconds"] <= 60 for each in backing_off), name
        if ":lambda:invoke" in state["Resource"]:
            assert any("Lambda.TooManyRequestsException" in each["ErrorEquals"] for each in backing_off), name


@each_machine
def test_every_error_is_caught_where_something_can_be_done_about_it(purpose: str) -> None:
    for name, state in machine(purpose)["States"].items():
        if state["Type"] in ("Task", "Map"):
            *others, last = state["Catch"]
            assert last["ErrorEquals"] == ["States.ALL"], name
            assert (not others) == (name != "AwaitInventory"), "only waiting ends in another way than well"


@each_machine
def test_maps_let_no_item_fail_give_nothing_large_back_and_are_held_back(purpose: str) -> None:
    for name, state in of_type(purpose, "Map"):
        distributed = state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        if distributed:
            assert state["ToleratedFailurePercentage"] == 0, name
            assert state["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] == "STANDARD", (
                "EXPRESS ends after five minutes"
            )
        assert "MaxConcurrency" in state or state["MaxConcurrencyPath"] == "$.concurrency", name
        assert state["ResultPath"] is None, name
        ends = [each for each in state["ItemProcessor"]["States"].values() if each.get("End")]
        assert all(each.get("Result", each.get("ResultSelector")) == {} for each in ends), (
            f"{name}: the results of all items have to fit into 256 KB"
        )


CONCURRENCY = {
    "LoadParts": 10,
    "ReadParts": 10,
    "ReadManyParts": 10,
    "CopyParts": 20,
    "TransferParts": 20,
    "WriteParts": 10,
}


def test_so_many_items_are_worked_on_at_once() -> None:
    found = {
        name: state.get("MaxConcurrency") for each in ALL_MACHINES for name, state in of_type(each, "Map")
    }
    assert found == {**CONCURRENCY, "RequestRestores": None}, "what Submit answers paces the requests"


@each_machine
def test_whatever_goes_wrong_in_creating_a_job_is_undone(purpose: str) -> None:
    undoing = {
        "create-job": "Undo",
        "copy-large": "Abort",
        "transfer-vault": "Undo",
        "transfer-large": "Abort",
    }
    if purpose not in undoing:
        return
    for name, state in machine(purpose)["States"].items():
        if "Catch" in state and name not in (undoing[purpose], "Accept"):
            assert state["Catch"][-1]["Next"] == undoing[purpose], name


def test_a_refusal_by_s3_is_not_tried_again_but_a_report_that_is_late_is() -> None:
    (request,) = [state for name, state in of_type("create-job", "Task") if name == "RequestPart"]
    assert "TooManyRefusedError" in request["Retry"][0]["ErrorEquals"]
    assert request["Retry"][0]["MaxAttempts"] == 0
    report = machine("read-report")["States"]["Open"]
    late = report["Retry"][0]
    assert late["ErrorEquals"] == ["ReportNotThereError"]
    assert late["IntervalSeconds"] * late["MaxAttempts"] >= 120


def test_errors_that_come_again_are_errors_of_ours() -> None:
    ours = {
        name
        for module in (thaw.core.errors, thaw.jobs.errors, thaw.store.errors, thaw.vaults.errors)
        for name, each in vars(module).items()
        if isinstance(each, type) and issubclass(each, thaw.core.errors.ThawError)
    }
    assert set(FINAL_ERRORS) <= ours
    assert "ReportNotThereError" in ours


@pytest.mark.parametrize("purpose", ["restore-bucket", "transfer-vault"])
def test_a_refused_input_is_not_asked_again(purpose: str) -> None:
    accept = machine(purpose)["States"]["Accept"]
    errors = [error for each in accept["Retry"] for error in each["ErrorEquals"]]
    assert accept["Catch"][0]["Next"] == "Refused", "there is nothing to undo"
    assert all(error.startswith("Lambda.") for error in errors)


def test_the_folders_are_those_of_the_job() -> None:
    states = machine("create-job")["States"]
    for name, folder in (
        ("LoadParts", job_files.import_folder),
        ("RequestRestores", job_files.requests_folder),
    ):
        prefix = states[name]["ItemReader"]["Parameters"]["Prefix.$"]
        assert prefix == f"States.Format('{folder('{}')}', $.job_id)"
    maps = {"transfer-vault": ("LoadParts", job_files.import_folder)}
    for purpose, (name, folder) in {**maps, "finish-vault": ("WriteParts", vault_files.plan_folder)}.items():
        parameters = machine(purpose)["States"][name]["ItemReader"]["Parameters"]
        assert parameters == {
            "Bucket": ACCESS.jobs_bucket,
            "Prefix.$": f"States.Format('{folder('{}')}', $.job_id)",
        }
    key = states["LoadOne"]["Parameters"]["Payload"]["key.$"]
    assert key == f"States.Format('{job_files.import_folder('{}')}part-00000.json.gz', $.job_id)"


def test_waiting_for_an_inventory_ends_with_another_look_and_never_by_being_too_long() -> None:
    wait = machine("transfer-vault")["States"]["AwaitInventory"]
    assert wait["Next"] == "Inventory"
    late, _ = wait["Catch"]
    assert (late["ErrorEquals"], late["Next"]) == (["States.Timeout"], "Inventory")
    first = wait["Retry"][0]
    assert (first["ErrorEquals"], first["MaxAttempts"]) == (["States.Timeout"], 0), "no second wait unlooked"
    assert wait["Parameters"]["Payload"]["token.$"] == "$$.Task.Token"


def test_a_transfer_begins_with_a_job_and_is_accepted_otherwise() -> None:
    accepted = machine("transfer-vault")["States"]["Accepted?"]
    assert accepted["Default"] == "Accept"
    (rule,) = accepted["Choices"]
    assert rule["Next"] == "Validate"
    assert rule["And"] == [
        {"Variable": "$.job_id", "IsPresent": True},
        {"Not": {"Variable": "$.resume", "IsPresent": True}},
    ]


def test_nothing_of_a_vault_is_begun_before_it_is_valid_and_nothing_loaded_in_a_dry_run() -> None:
    states = machine("transfer-vault")["States"]
    assert states["Valid?"]["Choices"] == [
        {"Variable": "$.refused", "BooleanEquals": True, "Next": "JobRefused"}
    ]
    order = [rule["Next"] for rule in states["Planned?"]["Choices"]]
    assert order == ["JobRefused", "AwaitPlan", "Plan", "DryRun", "Register"]
    assert states["AwaitPlan"]["Next"] == "Plan", "a query of Athena that runs is looked at again"
    assert states["Planned?"]["Default"] == "LoadParts"


def test_an_unknown_placeholder_is_refused_with_the_names_that_are_known() -> None:
    with pytest.raises(DefinitionError) as caught:
        substituted({"a": ["${Gone}"]}, {"There": 1, "Other": 2})
    assert str(caught.value) == (
        "A state machine names ${Gone}, which has no value; it takes Other, There: correct its file."
    )


def test_a_placeholder_alone_may_become_anything_and_one_in_a_text_becomes_text() -> None:
    assert substituted({"a": "${L}", "b": "x-${N}-${N}", "c": 1}, {"L": [1], "N": 2}) == {
        "a": [1],
        "b": "x-2-2",
        "c": 1,
    }


def test_other_partitions_call_by_their_own_arns() -> None:
    text = definition("create-job", Names("thaw"), Place("aws-cn", "cn-north-1", "123456789012"), "b")
    assert "arn:aws:" not in text
    assert "arn:aws-cn:states:::lambda:invoke" in text
