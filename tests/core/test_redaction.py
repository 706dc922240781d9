"""People outside are told which resource, never whose account or which Region."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core.redaction import redacted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "User: arn:aws:sts::123456789012:assumed-role/thaw/start-job may not s3:PutObject",
            "User: assumed-role/thaw/start-job may not s3:PutObject",
        ),
        ("arn:aws:s3:::archive/2019/a", "archive/2019/a"),
        (
            "no arn:aws-us-gov:states:us-gov-west-1:123456789012:stateMachine:thaw-create-job",
            "no stateMachine:thaw-create-job",
        ),
        (
            "https://sqs.eu-north-1.amazonaws.com/123456789012/thaw",
            "https://sqs.eu-north-1.amazonaws.com/(account)/thaw",
        ),
        ("account 123456789012.", "account (account)."),
        ("123,456,789,012 bytes of 1234567890123", "123,456,789,012 bytes of 1234567890123"),
        ("", ""),
    ],
)
def test_arns_and_accounts_are_cut(text: str, told: str) -> None:
    assert redacted(text) == told


@given(st.text(max_size=30), st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_no_arn_keeps_its_account(around: str, account: str) -> None:
    told = redacted(f"{around} arn:aws:iam::{account}:role/thaw-{around}")
    assert f":{account}:" not in told
    assert "arn:aws:iam" not in told
