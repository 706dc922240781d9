"""What the functions that copy read from their environment."""

from collections.abc import Mapping

import pytest

from lambdas.copy_objects.settings import Settings as CopyObjects
from lambdas.copy_settings import CopySettings
from lambdas.sweep_copies.settings import Settings as SweepCopies
from tests.copying.worlds import MACHINE, RULES
from tests.fakes.stored_objects import OWNER
from tests.lambdas.copying import COPY_OBJECTS, ENVIRONMENT, SWEEP_COPIES
from tests.lambdas.environment import Reader, assert_required, refusal
from thaw.core.job_rules import JobRulesError

READERS: Mapping[str, tuple[Reader, Mapping[str, str]]] = {
    "copy_large": (CopySettings.from_environment, ENVIRONMENT),
    "copy_objects": (CopyObjects.from_environment, COPY_OBJECTS),
    "sweep_copies": (SweepCopies.from_environment, SWEEP_COPIES),
}


def test_the_settings_are_the_environments() -> None:
    copying = CopySettings("thaw-objects", "thaw-rollups", "thaw-jobs", 8, OWNER, RULES)
    assert CopySettings.from_environment(ENVIRONMENT) == copying
    assert CopyObjects.from_environment(COPY_OBJECTS) == CopyObjects(copying, MACHINE, 5)
    assert SweepCopies.from_environment(SWEEP_COPIES) == SweepCopies(copying, SWEEP_COPIES["COPY_QUEUE_URL"])


@pytest.mark.parametrize(
    ("function", "name"), [(function, name) for function, (_, names) in READERS.items() for name in names]
)
def test_a_missing_variable_is_named(function: str, name: str) -> None:
    read, variables = READERS[function]
    assert_required(read, variables, name)


def test_a_wrong_number_is_told() -> None:
    told = refusal(CopyObjects.from_environment, {**COPY_OBJECTS, "COPY_MAX_RECEIVE_COUNT": "none"})
    assert told == "Environment variable COPY_MAX_RECEIVE_COUNT is 'none'; it must be a whole number from 1."


def test_wrong_rules_are_told() -> None:
    with pytest.raises(JobRulesError, match="deploy the stack again"):
        CopySettings.from_environment({**ENVIRONMENT, "JOB_RULES": "{}"})
