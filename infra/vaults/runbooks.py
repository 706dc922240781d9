"""What people start in the console of Systems Manager: runbooks that launch and resume vault transfers.

A runbook puts the texts of a form into the input of the state machine, and looks whether that was taken.
It has no role: it may do what the one who starts it may.
https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from thaw.core.job_request_fields import COPY_CLASSES
from thaw.core.job_request_parsing import API_TIERS

SCHEMA = "0.3"
"""The one of Automation: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-documents.html"""

ANY_TEXT = r'^[^"\\{}\x00-\x1f]{0,1024}$'
"""What stands in JSON as it is, and is no variable of the runbook."""

NUMBER = "^[0-9]{0,18}$"
NEEDED_TEXT = ANY_TEXT.replace("{0,", "{1,")
TRUTHS = ("false", "true")

SETTLING_SECONDS = 30
"""Ours: the state machine refuses its input within seconds."""


class Field(NamedTuple):
    """A line of the form: the key in the input, what it says, and what may be filled in.

    One without `default` has to be filled in; `choices` are all there are.
    """

    key: str
    description: str
    default: str | None = ""
    pattern: str = ANY_TEXT
    choices: Sequence[str] = ()

    @property
    def parameter(self) -> str:
        """The name of the runbook's parameter."""
        return "".join(part.capitalize() for part in re.split("_", self.key))

    @property
    def schema(self) -> dict[str, Any]:
        """As the runbook declares it."""
        needed = {} if self.default is None else {"default": self.default}
        rule = {"allowedValues": list(self.choices)} if self.choices else {"allowedPattern": self.pattern}
        return {"type": "String", "description": self.description, **needed, **rule}


def launch_fields(vaults: Sequence[str], buckets: Sequence[str]) -> list[Field]:
    """What a transfer is asked for with."""
    return [
        Field("vault", "The Glacier vault.", None, choices=vaults),
        Field("destination_bucket", "The bucket that its archives go to.", None, choices=buckets),
        Field("destination_prefix", "A folder there, ending in a slash; may be empty."),
        Field("storage_class", "Of the objects there.", "STANDARD", choices=COPY_CLASSES),
        Field("tier", "Of the retrieval.", "BULK", choices=tuple(API_TIERS)),
        Field(
            "dry_run", "true only plans: names, sizes, duplicates, cost, duration.", "true", choices=TRUTHS
        ),
        Field("created_from", "Only archives created then or later, 2019-01-01T00:00:00Z for one."),
        Field("created_before", "Only archives created before."),
        Field("min_size_bytes", "Only archives of so many bytes or more.", "", NUMBER),
        Field("max_size_bytes", "Only archives of so many bytes or fewer.", "", NUMBER),
        Field("name_pattern", "Only archives whose names match; * and ? as a shell has them."),
        Field("names", "A CSV file of archive ids and keys, s3://BUCKET/KEY, which goes before all names."),
        Field("inventory", "An inventory of the vault that is there already, s3://BUCKET/KEY."),
        Field("plan", "A plan as a dry run wrote it, edited perhaps, s3://BUCKET/KEY."),
        Field("max_inventory_age_hours", "How old an inventory may be that is used again.", "", NUMBER),
        Field("cross_region", "true lets the bucket be in another Region.", "false", choices=TRUTHS),
        Field("bucket_owner", "The account of the bucket, if it is another one.", "", "^([0-9]{12})?$"),
        Field("client_tag", "A word of yours that progress events carry."),
        Field("timeout_hours", "Hours after which the transfer ends, done or not.", "", NUMBER),
        Field("replan", "true plans anew where this transfer has ended before.", "false", choices=TRUTHS),
    ]


RESUME_FIELDS = (
    Field("job_id", "The transfer, as `thaw vault list` names it.", None, "^[A-Za-z0-9._-]{1,128}$"),
    Field("tier", "Of the retrieval; empty: as before.", "", choices=("", *API_TIERS)),
    Field("replan", "true retrieves a new inventory and plans anew.", "false", choices=TRUTHS),
    Field("timeout_hours", "Hours after which the transfer ends, done or not; empty: as before.", "", NUMBER),
)
RESUMING: Mapping[str, Any] = {"resume": True}


def launch(machine_arn: str, vaults: Sequence[str], buckets: Sequence[str]) -> str:
    """The runbook that begins a transfer, as JSON."""
    fields = launch_fields(vaults, buckets)
    return _runbook("Moves a whole Glacier vault into S3.", machine_arn, fields, {})


def resume(machine_arn: str) -> str:
    """The runbook that goes on with a transfer, as JSON."""
    about = "Goes on with a vault transfer that was stopped, or ended with archives that failed."
    return _runbook(about, machine_arn, RESUME_FIELDS, RESUMING)


def _runbook(about: str, machine_arn: str, fields: Sequence[Field], fixed: Mapping[str, Any]) -> str:
    asked = {field.key: f"{{{{ {field.parameter} }}}}" for field in fields}
    runbook = {
        "schemaVersion": SCHEMA,
        "description": about,
        "parameters": {field.parameter: field.schema for field in fields},
        "mainSteps": _steps(machine_arn, json.dumps({**fixed, **asked})),
        "outputs": ["Start.ExecutionArn"],
    }
    return json.dumps(runbook)


def _steps(machine_arn: str, machine_input: str) -> list[dict[str, Any]]:
    """Starts the machine once, however often the step is tried, and looks at it when it has had its time."""
    service = {"Service": "stepfunctions"}
    start = {
        **service,
        "Api": "StartExecution",
        "stateMachineArn": machine_arn,
        "name": "{{ automation:EXECUTION_ID }}",
        "input": machine_input,
    }
    look = {
        **service,
        "Api": "DescribeExecution",
        "executionArn": "{{ Start.ExecutionArn }}",
        "PropertySelector": "$.status",
        "DesiredValues": ["RUNNING", "SUCCEEDED"],
    }
    return [
        {
            "name": "Start",
            "action": "aws:executeAwsApi",
            "description": "Starts the state machine; the execution in the output says what comes of it.",
            "inputs": start,
            "outputs": [{"Name": "ExecutionArn", "Selector": "$.executionArn", "Type": "String"}],
        },
        {"name": "Settle", "action": "aws:sleep", "inputs": {"Duration": f"PT{SETTLING_SECONDS}S"}},
        {
            "name": "Taken",
            "action": "aws:assertAwsResourceProperty",
            "description": "Fails if the request was refused: the cause of the execution says why.",
            "inputs": look,
            "isEnd": True,
        },
    ]
