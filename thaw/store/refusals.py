"""Why DynamoDB did not write an item of a transaction: for now, or for good."""

from collections.abc import Mapping
from typing import Any

from thaw.store.errors import WriteRefusedError

CHANGED = "ConditionalCheckFailed"
"""The item is not as it was read."""

_RETRIED = frozenset(
    {"None", CHANGED, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
"""Reasons for which an item was not written that another try may mend.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""


def refusal(reason: Mapping[str, Any]) -> WriteRefusedError | None:
    """Why an item will never be written as it is; None if it may be, another time."""
    code = reason["Code"]
    if code in _RETRIED:
        return None
    return WriteRefusedError(f"DynamoDB refused a write with {code}: {reason.get('Message')}")
