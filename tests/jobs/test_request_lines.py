"""Requests are a JSON object a line, whatever the keys."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import keys
from thaw.jobs.request_lines import RequestLine, RequestLineError, from_lines, to_lines

_LINES = st.builds(
    RequestLine,
    keys(),
    st.sampled_from(["null", "v1"]),
    st.none() | st.integers(0, 10**12),
    st.just("GLACIER"),
)


@given(st.lists(_LINES, max_size=5))
def test_requests_are_read_as_they_were_written(requests: list[RequestLine]) -> None:
    assert list(from_lines(to_lines(requests), "part")) == requests


def test_a_line_has_these_names() -> None:
    content = to_lines([RequestLine("é\n", "v1", None, "")])
    assert content.count(b"\n") == 1
    assert json.loads(content) == {"key": "é\n", "version_id": "v1", "size_bytes": None, "storage_class": ""}


@pytest.mark.parametrize("line", ["x", "7", "{}", '{"key": "a", "mood": "fine"}'])
def test_a_line_that_is_none_is_named(line: str) -> None:
    content = to_lines([RequestLine("a", "null", 1, "GLACIER")]) + line.encode()
    with pytest.raises(RequestLineError, match=r"Line 2 of jobs/x is no restore request \("):
        list(from_lines(content, "jobs/x"))
