"""An execution's name says which copy it is: one object version of a job, since its restore."""

from hypothesis import given
from hypothesis import strategies as st

from tests.store.tables import COMPLETION, REQUEST, record
from thaw.copying.handing_over import execution_name
from thaw.core.copy_messages import CopyMessage
from thaw.core.history import History, merge

RECORD = record("a", history=merge(REQUEST, COMPLETION))
MESSAGE = CopyMessage("job-1", "archive", "a", "null", None)

texts = st.text(min_size=1, max_size=5)
messages = st.builds(CopyMessage, texts, texts, texts, texts, st.none() | st.integers(0, 5))


@given(messages)
def test_a_name_is_one_that_step_functions_takes(message: CopyMessage) -> None:
    name = execution_name(message, RECORD)
    assert name.isascii()
    assert len(name) <= 80
    assert name.replace("-", "").isalnum()


@given(messages, messages)
def test_only_the_same_object_version_of_the_same_job_has_the_same_name(
    one: CopyMessage, other: CopyMessage
) -> None:
    same = one._replace(size_bytes=None) == other._replace(size_bytes=None)
    assert (execution_name(one, RECORD) == execution_name(other, RECORD)) == same


def test_an_extension_does_not_change_the_name_of_a_copy_that_runs() -> None:
    extended = History("2026-11-22T05:00:00.000Z", restore_expires_at="2026-12-22T00:00:00.000Z")
    later = RECORD._replace(history=merge(RECORD.history, extended))
    assert execution_name(MESSAGE, later) == execution_name(MESSAGE, RECORD)


def test_a_later_restore_or_life_has_a_name_of_its_own() -> None:
    again = RECORD._replace(history=RECORD.history._replace(restore_completed_at="2026-12-30T00:00:00.000Z"))
    anew = RECORD._replace(since="2026-11-22T00:00:00.000Z")
    assert len({execution_name(MESSAGE, each) for each in (RECORD, again, anew)}) == 3
