"""A job's state survives the table: every field, and fields that an earlier version did not have."""

import json
from dataclasses import replace

import pytest
from hypothesis import given

from tests.job_states import job_requests, job_states
from tests.store.loads import job_state
from thaw.core.job_requests import JobRequest
from thaw.core.job_state_json import JobStateError, request_to_json, state_from_json, state_to_json
from thaw.core.job_states import JobState


@given(job_states())
def test_any_state_is_read_as_it_was_written(state: JobState) -> None:
    assert state_from_json(state_to_json(state)) == state


@given(job_requests())
def test_a_request_is_written_as_it_stands_in_the_state(request: JobRequest) -> None:
    state = replace(job_state("july"), request=request)
    assert json.loads(request_to_json(request)) == json.loads(state_to_json(state))["request"]


def test_what_an_earlier_version_did_not_write_is_as_at_the_beginning() -> None:
    document = json.loads(state_to_json(job_state("july")))
    for name in ("loaded", "validated", "waves", "trouble", "requests_refused", "revision"):
        del document[name]
    assert state_from_json(json.dumps(document)) == job_state("july")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"job_id": "july"}'])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(JobStateError, match=r"The state of a job cannot be read \(.*another version of Thaw"):
        state_from_json(text)


def test_a_field_of_a_later_version_is_not_passed_over() -> None:
    document = json.loads(state_to_json(job_state("july"))) | {"mood": "fine"}
    with pytest.raises(JobStateError, match="mood"):
        state_from_json(json.dumps(document))
