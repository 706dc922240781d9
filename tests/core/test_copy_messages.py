"""A copy message says what to copy, whatever the key; what is none is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import keys
from thaw.core.copy_messages import CopyMessage, CopyMessageError

MESSAGE = CopyMessage("july", "archive", "a b+é.csv", "v1", 1000)
MOST_BYTES = 1_048_576 // 10


@given(keys(), st.one_of(st.none(), st.integers(0, 50 * 10**12)))
def test_any_key_comes_back_and_ten_messages_fit_a_batch(key: str, size: int | None) -> None:
    message = MESSAGE._replace(key=key, size_bytes=size)
    assert CopyMessage.from_json(message.to_json()) == message
    assert len(message.to_json().encode()) < MOST_BYTES


def test_the_document_has_these_names() -> None:
    assert json.loads(MESSAGE.to_json()) == {
        "schema": 1,
        "job_id": "july",
        "bucket": "archive",
        "key": "a b+é.csv",
        "version_id": "v1",
        "size_bytes": 1000,
    }


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"schema": 1}', '{"schema": 1, "job_id": "july"}'])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(CopyMessageError, match=r"A message of the copies queue cannot be read \("):
        CopyMessage.from_json(text)


@pytest.mark.parametrize(
    ("name", "value"), [("schema", 2), ("schema", None), ("job_id", ""), ("key", 7), ("version_id", None)]
)
def test_a_message_with_a_wrong_field_is_refused_with_what_is_read(name: str, value: object) -> None:
    text = json.dumps(json.loads(MESSAGE.to_json()) | {name: value})
    with pytest.raises(CopyMessageError, match="this version reads schema 1 with texts that are not empty"):
        CopyMessage.from_json(text)
