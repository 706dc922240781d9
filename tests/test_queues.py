"""A queue is asked in tens, and counted empty only when nothing of it is left anywhere."""

from typing import Any, cast

import pytest

from thaw.queues import is_empty, send_all


@pytest.mark.parametrize("name", ["", "NotVisible", "Delayed"])
def test_a_queue_is_empty_only_if_nothing_waits_is_under_way_or_delayed(name: str) -> None:
    class Queue:
        def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
            wanted = f"ApproximateNumberOfMessages{name}"
            return {"Attributes": {each: str(int(each == wanted)) for each in request["AttributeNames"]}}

    assert not is_empty(cast("Any", Queue()), "copies")


def test_messages_are_sent_in_tens_and_what_the_queue_did_not_take_is_counted() -> None:
    sizes: list[int] = []

    class Queue:
        def send_message_batch(self, **request: Any) -> dict[str, Any]:
            sizes.append(len(request["Entries"]))
            return {"Failed": request["Entries"][:1]}

    assert send_all(cast("Any", Queue()), "archives", [str(number) for number in range(23)]) == 3
    assert sizes == [10, 10, 3]
