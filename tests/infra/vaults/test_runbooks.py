"""The runbooks of Systems Manager: right as documents, and they start what the state machine takes."""

import json
import re
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from infra.vaults import runbooks
from infra.vaults.runbooks import Field
from tests.infra.jobs.recorded import with_vaults
from thaw.core.job_requests import JobRequest
from thaw.core.vault_request_parsing import (
    RESUME_INPUT_FIELDS,
    TRANSFER_FIELDS,
    Resume,
    ResumedJob,
    parse_vault_input,
    parse_vault_transfer,
)

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:thaw-transfer-vault"
LAUNCH = json.loads(runbooks.launch(MACHINE, ["photos", "tapes"], ["warm"]))
RESUME = json.loads(runbooks.resume(MACHINE))
FIELDS = {"launch": runbooks.launch_fields(["photos"], ["warm"]), "resume": list(runbooks.RESUME_FIELDS)}

TOP = {"schemaVersion", "description", "parameters", "mainSteps", "outputs"}
PARAMETER = {"type", "description", "default", "allowedValues", "allowedPattern"}
STEP = {"name", "action", "description", "inputs", "outputs", "isEnd"}
ACTIONS = {
    "aws:executeAwsApi": {"Service", "Api"},
    "aws:assertAwsResourceProperty": {"Service", "Api", "PropertySelector", "DesiredValues"},
    "aws:sleep": {"Duration"},
}
"""Those that ours use, with the inputs that they need:
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html"""

VARIABLE = re.compile(r"{{ *([A-Za-z0-9_:.]+) *}}")
MAX_DOCUMENT_BYTES = 64 * 1024
"""https://docs.aws.amazon.com/general/latest/gr/ssm.html"""

each_runbook = pytest.mark.parametrize("runbook", [LAUNCH, RESUME], ids=["launch", "resume"])


@each_runbook
def test_a_runbook_has_what_the_schema_of_automation_knows(runbook: dict[str, Any]) -> None:
    assert runbook["schemaVersion"] == "0.3"
    assert runbook.keys() == TOP
    for name, parameter in runbook["parameters"].items():
        assert re.fullmatch("[A-Za-z][A-Za-z0-9]{0,49}", name)
        assert parameter.keys() <= PARAMETER, name
        assert parameter["type"] == "String", "a runbook puts a text as it is into a text"
        assert parameter["description"].endswith("."), name
        assert ("allowedValues" in parameter) != ("allowedPattern" in parameter), name
    assert len(json.dumps(runbook)) < MAX_DOCUMENT_BYTES


@each_runbook
def test_its_steps_are_known_and_have_what_they_need(runbook: dict[str, Any]) -> None:
    names = [step["name"] for step in runbook["mainSteps"]]
    assert len(set(names)) == len(names)
    for step in runbook["mainSteps"]:
        assert step.keys() <= STEP
        assert re.fullmatch("[A-Za-z0-9_]{3,128}", step["name"])
        assert ACTIONS[step["action"]] <= step["inputs"].keys()
    assert [step["name"] for step in runbook["mainSteps"] if step.get("isEnd")] == names[-1:]


@each_runbook
def test_every_variable_is_a_parameter_an_earlier_output_or_of_the_automation(
    runbook: dict[str, Any],
) -> None:
    known = {*runbook["parameters"], "automation:EXECUTION_ID"}
    for step in runbook["mainSteps"]:
        assert set(VARIABLE.findall(json.dumps(step["inputs"]))) <= known
        known |= {f"{step['name']}.{output['Name']}" for output in step.get("outputs", [])}
    assert set(runbook["outputs"]) <= known
    used = set(VARIABLE.findall(json.dumps(runbook["mainSteps"])))
    assert runbook["parameters"].keys() <= used, "a field that nothing reads would be ignored in silence"


@each_runbook
def test_calls_are_what_boto3_knows(runbook: dict[str, Any]) -> None:
    client = boto3.client("stepfunctions", region_name="eu-central-1")
    for step in runbook["mainSteps"]:
        inputs = step["inputs"]
        if "Api" in inputs:
            assert inputs["Service"] == "stepfunctions"
            shape = client.meta.service_model.operation_model(inputs["Api"]).input_shape
            own = inputs.keys() - ACTIONS[step["action"]]
            assert shape is not None
            assert set(shape.required_members) <= own <= shape.members.keys()


@each_runbook
def test_a_runbook_has_no_rights_but_those_of_who_starts_it(runbook: dict[str, Any]) -> None:
    assert "assumeRole" not in runbook


def test_a_default_is_one_of_what_is_allowed() -> None:
    for fields in FIELDS.values():
        for field in fields:
            assert field.default is None or allowed(field, field.default), field.key


def allowed(field: Field, value: str) -> bool:
    return value in field.choices if field.choices else re.fullmatch(field.pattern, value) is not None


def started(runbook: dict[str, Any], values: dict[str, str]) -> Any:
    """The input of the machine, once a form is filled in: texts put into a text."""
    defaults = {
        name: parameter["default"]
        for name, parameter in runbook["parameters"].items()
        if "default" in parameter
    }
    filled = {**defaults, **values}
    text = runbook["mainSteps"][0]["inputs"]["input"]
    return json.loads(VARIABLE.sub(lambda found: filled[found[1]], text))


def test_the_form_asks_for_all_that_a_transfer_takes() -> None:
    assert [field.key for field in FIELDS["launch"] if field.key not in TRANSFER_FIELDS] == []
    missing = set(TRANSFER_FIELDS) - {field.key for field in FIELDS["launch"]}
    assert missing == {"idempotency_key"}, "the execution's name is one"
    keys = {field.key for field in FIELDS["resume"]} | runbooks.RESUMING.keys()
    assert keys == set(RESUME_INPUT_FIELDS)


def test_what_is_left_out_of_the_form_is_left_out_of_the_request_and_nothing_is_paid_for() -> None:
    asked = parse_vault_input(started(LAUNCH, {"Vault": "photos", "DestinationBucket": "warm"}))
    plain = parse_vault_transfer({"vault": "photos", "destination_bucket": "warm", "dry_run": True})
    assert asked == plain
    assert plain.dry_run, "who fills in no more sees what it would cost, and pays nothing"


def test_a_form_filled_in_is_the_request_of_the_api() -> None:
    values = {
        "Vault": "photos",
        "DestinationBucket": "warm",
        "DestinationPrefix": "in/\u00e4/",
        "StorageClass": "DEEP_ARCHIVE",
        "Tier": "STANDARD",
        "DryRun": "false",
        "CreatedFrom": "2019-01-01T00:00:00Z",
        "MinSizeBytes": "1024",
        "NamePattern": "*.tif",
        "Names": "s3://manifests/names.csv",
        "CrossRegion": "true",
        "BucketOwner": "210987654321",
    }
    request = parse_vault_input(started(LAUNCH, values))
    assert isinstance(request, JobRequest)
    assert request.vault is not None
    assert request.copy is not None
    assert (request.copy.storage_class, request.copy.destination_prefix) == ("DEEP_ARCHIVE", "in/\u00e4/")
    assert (request.tier, request.dry_run) == ("Standard", False)
    assert (request.vault.min_size_bytes, request.vault.name_pattern) == (1024, "*.tif")
    assert (request.vault.cross_region, request.vault.bucket_owner) == (True, "210987654321")


def test_a_transfer_is_resumed_by_its_name() -> None:
    asked = parse_vault_input(started(RESUME, {"JobId": "vault-photos-0123abcd"}))
    assert isinstance(asked, ResumedJob)
    assert (asked.job_id, asked.resume) == ("vault-photos-0123abcd", Resume())
    again = parse_vault_input(started(RESUME, {"JobId": "vault-photos-0123abcd", "Replan": "true"}))
    assert isinstance(again, ResumedJob)
    assert again.resume.replan


@given(st.text(max_size=50))
def test_a_text_that_the_form_takes_comes_through_as_it_is(text: str) -> None:
    if allowed(Field("name_pattern", ""), text):
        values = {"Vault": "photos", "DestinationBucket": "warm", "NamePattern": text}
        assert started(LAUNCH, values)["name_pattern"] == text


@pytest.mark.parametrize("text", ['", "dry_run": "false', "\\", "{{ Vault }}", "a\tb", "x" * 1025])
def test_a_text_that_would_change_the_request_is_not_taken(text: str) -> None:
    assert not allowed(Field("name_pattern", ""), text)


@mock_aws
def test_systems_manager_takes_the_documents() -> None:
    client = boto3.client("ssm", region_name="eu-central-1")
    for purpose, logical in (("launch", "vault-launch"), ("resume", "vault-resume")):
        inputs = with_vaults().one("ssm/document:Document", logical).inputs
        assert (inputs["documentType"], inputs["documentFormat"]) == ("Automation", "JSON")
        created: Any = client.create_document(
            Content=inputs["content"],
            Name=inputs["name"],
            DocumentType=inputs["documentType"],
            DocumentFormat=inputs["documentFormat"],
        )["DocumentDescription"]
        assert created["SchemaVersion"] == "0.3"
        assert created["Name"] == f"thaw-vault-{purpose}"
        found = json.loads(client.get_document(Name=inputs["name"])["Content"])
        assert {each["Name"] for each in created["Parameters"]} == found["parameters"].keys()


def test_the_form_offers_the_vaults_and_buckets_of_the_stack() -> None:
    content = json.loads(with_vaults().one("ssm/document:Document", "vault-launch").inputs["content"])
    assert content["parameters"]["Vault"]["allowedValues"] == ["photos", "tax-records"]
    assert content["parameters"]["DestinationBucket"]["allowedValues"] == ["warm"]
    machine = content["mainSteps"][0]["inputs"]["stateMachineArn"]
    assert machine == with_vaults().outputs["transfer_vault_machine_arn"]
