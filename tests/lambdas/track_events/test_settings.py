"""The function's environment is read in one place, and what is wrong with it is told by name."""

import json
from dataclasses import fields

import pytest

from lambdas.track_events.settings import Settings
from tests.lambdas.environment import assert_required, refusal
from thaw.core.copies import CopyRule

RULE = {
    "source_bucket": "archive",
    "source_prefix": "cold/",
    "destination_bucket": "restored",
    "destination_prefix": "",
}
ENVIRONMENT = {
    "OBJECTS_TABLE": "objects",
    "ROLLUPS_TABLE": "rollups",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/thaw-dead",
    "COPY_RULES": json.dumps([RULE]),
    "ROLLUP_SLOTS": "4",
    "MAX_RECEIVE_COUNT": "5",
}
COPIER = {
    "JOBS_TABLE": "jobs",
    "COPY_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/thaw-copies",
}


def test_a_whole_environment_is_read() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        objects_table="objects",
        rollups_table="rollups",
        dead_letter_queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/thaw-dead",
        copy_rules=(CopyRule("archive", "cold/", "restored", ""),),
        rollup_slots=4,
        max_receive_count=5,
    )


def test_every_setting_comes_from_a_variable_of_its_name() -> None:
    assert {field.name.upper() for field in fields(Settings)} == {*ENVIRONMENT, *COPIER}


def test_a_stack_that_starts_jobs_names_their_table_and_the_copies_queue() -> None:
    settings = Settings.from_environment({**ENVIRONMENT, **COPIER})
    assert (settings.jobs_table, settings.copy_queue_url) == ("jobs", COPIER["COPY_QUEUE_URL"])


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_variable_that_is_missing_is_named(name: str) -> None:
    assert_required(Settings.from_environment, ENVIRONMENT, name)


@pytest.mark.parametrize("name", ["ROLLUP_SLOTS", "MAX_RECEIVE_COUNT"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", " 4", "²"])
def test_a_number_must_be_whole_and_positive(name: str, value: str) -> None:
    told = refusal(Settings.from_environment, {**ENVIRONMENT, name: value})
    assert told == f"Environment variable {name} is {value!r}; it must be a whole number from 1."


@pytest.mark.parametrize(
    "value", ["[", "5", "null", '{"source_bucket": "a"}', '[{"source_bucket": "a"}]', "[[]]"]
)
def test_copy_rules_that_are_none_are_refused_with_what_they_are(value: str) -> None:
    told = refusal(Settings.from_environment, {**ENVIRONMENT, "COPY_RULES": value})
    assert told.startswith(f"Environment variable COPY_RULES is {value!r}: ")


def test_a_stack_without_copy_rules_gives_an_empty_list() -> None:
    assert Settings.from_environment({**ENVIRONMENT, "COPY_RULES": "[]"}).copy_rules == ()
