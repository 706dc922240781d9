"""The state machines as AWS takes them: their files with names, retries and places put in.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from infra.errors import DefinitionError
from infra.names import Names, Place
from thaw.core import job_files, vault_files

FOLDER = Path(__file__).parent

REQUEST_CONCURRENCY = 10
"""Functions that request restores at the same time: what Submit answers where nothing is paced."""

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

_SERVICE_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
"""Of Lambda itself, which pass: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html"""


FINAL_ERRORS = (
    "CancelledError",
    "IncompleteUploadError",
    "JobNotFoundError",
    "LostObjectsError",
    "LostRequestsError",
    "NotificationOverlapError",
    "NothingToDoError",
    "OutputGoneError",
    "PlanError",
    "TooManyRefusedError",
    "TooManyWavesError",
    "TransferStoppedError",
    "UnheardEventsError",
    "UploadGoneError",
)
"""Of ours, which come again however often one tries."""


def _retrier(errors: Sequence[str], seconds: int, attempts: int) -> dict[str, Any]:
    """Waits longer each time, up to a minute, and never at the same time as its neighbours."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": seconds,
        "MaxAttempts": attempts,
        "BackoffRate": 2,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }


def _step(attempts: int) -> list[Mapping[str, Any]]:
    """Every step of ours may be repeated, after whatever went wrong."""
    return [
        {"ErrorEquals": list(FINAL_ERRORS), "MaxAttempts": 0},
        _SERVICE,
        _retrier(["States.TaskFailed", "States.Timeout"], 5, attempts),
    ]


_SERVICE = _retrier(_SERVICE_ERRORS, 2, 6)
_LATE = {"ErrorEquals": ["ReportNotThereError"], "IntervalSeconds": 30, "MaxAttempts": 5, "BackoffRate": 1}

RETRIES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "ServiceRetry": [_SERVICE],
    "Retry": _step(3),
    "PatientRetry": _step(5),
    "WaitRetry": [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0}, *_step(3)],
    "RetryUntilThere": [_LATE, *_step(3)],
    "ReaderRetry": [_retrier(["States.ItemReaderFailed"], 5, 3)],
}
"""What is put in for a placeholder in the place of a Retry."""


@dataclass(frozen=True)
class Machine:
    """What a state machine works with: functions by their folders, other machines by their purposes.

    `distributed` machines start executions of their own; `lists` and `reads` are of the jobs bucket.
    """

    functions: tuple[str, ...]
    starts: tuple[str, ...] = ()
    distributed: bool = False
    lists: bool = False
    reads: bool = False


MACHINES: Mapping[str, Machine] = {
    "create-job": Machine(
        ("prepare_job", "start_job", "load_objects", "request_restores"), distributed=True, lists=True
    ),
    "restore-bucket": Machine(("start_job",), starts=("create-job",)),
    "read-report": Machine(("read_report",), distributed=True, reads=True),
    "copy-large": Machine(("copy_large",), distributed=True),
    "sweep-copies": Machine(("sweep_copies",)),
}
"""By purpose, which is the end of their names and the beginning of their files' names."""

VAULT_MACHINES: Mapping[str, Machine] = {
    "transfer-vault": Machine(("prepare_vault", "start_job", "load_objects"), distributed=True, lists=True),
    "transfer-large": Machine(("transfer_large",), distributed=True),
    "finish-vault": Machine(("finish_vault",), distributed=True, lists=True),
}
"""Those of vault transfers."""

ALL_MACHINES: Mapping[str, Machine] = {**MACHINES, **VAULT_MACHINES}


def definition(purpose: str, names: Names, place: Place, jobs_bucket: str) -> str:
    """The definition of a machine, as JSON. Raises DefinitionError."""
    text = (FOLDER / f"{purpose}.asl.json").read_text()
    return json.dumps(substituted(json.loads(text), _values(purpose, names, place, jobs_bucket)))


def _values(purpose: str, names: Names, place: Place, jobs_bucket: str) -> dict[str, Any]:
    machine = ALL_MACHINES[purpose]
    return {
        **RETRIES,
        "Partition": place.partition,
        "JobsBucket": jobs_bucket,
        "ImportFolder": job_files.import_folder("{}"),
        "RequestsFolder": job_files.requests_folder("{}"),
        "PlanFolder": vault_files.plan_folder("{}"),
        **{_camel(each): place.function_arn(names.job_function(each)) for each in machine.functions},
        **{f"{_camel(each)}Machine": place.machine_arn(names.machine(each)) for each in machine.starts},
    }


def _camel(words: str) -> str:
    return "".join(word.capitalize() for word in re.split("[-_]", words))


def substituted(node: Any, values: Mapping[str, Any]) -> Any:
    """`node` with every ${Name} replaced; a text that is nothing but one may become any value.

    Raises DefinitionError for a name without value.
    """
    if isinstance(node, Mapping):
        entries = cast("Mapping[str, Any]", node)
        return {key: substituted(value, values) for key, value in entries.items()}
    if isinstance(node, list):
        return [substituted(each, values) for each in cast("list[Any]", node)]
    if not isinstance(node, str):
        return node
    if whole := _PLACEHOLDER.fullmatch(node):
        return _value(whole[1], values)
    return _PLACEHOLDER.sub(lambda found: str(_value(found[1], values)), node)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise DefinitionError(
            f"A state machine names ${{{name}}}, which has no value; it takes {', '.join(sorted(values))}:"
            " correct its file."
        )
    return values[name]
