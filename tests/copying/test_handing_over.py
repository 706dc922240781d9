"""An execution's name says which copy it is: one object version of a job, readable until then."""

from hypothesis import given
from hypothesis import strategies as st

from tests.store.tables import EXPIRES
from thaw.copying.handing_over import execution_name
from thaw.core.copy_messages import CopyMessage

texts = st.text(min_size=1, max_size=5)
messages = st.builds(CopyMessage, texts, texts, texts, texts, st.none() | st.integers(0, 5))


@given(messages)
def test_a_name_is_one_that_step_functions_takes(message: CopyMessage) -> None:
    name = execution_name(message, EXPIRES)
    assert name.isascii()
    assert len(name) <= 80
    assert name.replace("-", "").isalnum()


@given(messages, messages)
def test_only_the_same_object_version_of_the_same_job_has_the_same_name(
    one: CopyMessage, other: CopyMessage
) -> None:
    same = one._replace(size_bytes=None) == other._replace(size_bytes=None)
    assert (execution_name(one, EXPIRES) == execution_name(other, EXPIRES)) == same
