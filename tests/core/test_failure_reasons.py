"""Why a workflow failed, as people read it."""

import json

import pytest

from thaw.core.failure_reasons import MAX_REASON, reason_of


def test_of_a_functions_error_its_message_is_told_and_no_stack_trace() -> None:
    cause = {"errorMessage": "Job july was cancelled.", "errorType": "CancelledError", "stackTrace": ["x.py"]}
    assert reason_of({"Error": "CancelledError", "Cause": json.dumps(cause)}) == "Job july was cancelled."


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout"),
        (
            {"Error": "States.ItemReaderFailed", "Cause": "no such bucket"},
            "States.ItemReaderFailed: no such bucket",
        ),
        ({"Error": "Lambda.Unknown", "Cause": '"text"'}, 'Lambda.Unknown: "text"'),
        ({"Error": "E", "Cause": "{}"}, "E: {}"),
        (
            {"Error": "States.ExceedToleratedFailureThreshold", "Cause": "threshold was exceeded"},
            "A part of the job failed for good; the failed items of its Map in Step Functions say why.",
        ),
        ({}, "The workflow failed and does not say why."),
    ],
)
def test_of_other_errors_all_is_told_that_there_is(error: dict[str, str], reason: str) -> None:
    assert reason_of(error) == reason


def test_a_reason_names_no_account_and_is_no_novel() -> None:
    cause = "arn:aws:lambda:eu-north-1:123456789012:function:thaw may not " + "x" * 2000
    reason = reason_of({"Error": "AccessDenied", "Cause": cause})
    assert "123456789012" not in reason
    assert reason.startswith("AccessDenied: function:thaw may not")
    assert len(reason) == MAX_REASON
