"""Reserved concurrency of a function that is not ours to declare."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.errors import ConcurrencyError
from infra.providers.function_concurrency import FunctionConcurrencyProvider
from tests.infra.fakes import connect_to

NAME = "thaw-athena-connector"


class FakeLambda:
    """Functions with their reservations, and a limit below which the rest of the account must not fall."""

    class exceptions:  # noqa: N801 (boto3's name)
        """`client.exceptions`."""

        class ResourceNotFoundException(ClientError):  # noqa: N818 (boto3's name)
            """There is no such function."""

        class InvalidParameterValueException(ClientError):  # noqa: N818 (boto3's name)
            """More than can be reserved."""

    def __init__(self, *functions: str, reservable: int = 900) -> None:
        self.reserved: dict[str, int | None] = dict.fromkeys(functions)
        self.reservable = reservable

    def _find(self, name: str) -> None:
        if name not in self.reserved:
            raise self.exceptions.ResourceNotFoundException({"Error": {"Code": "ResourceNotFound"}}, "op")

    def put_function_concurrency(self, *, FunctionName: str, ReservedConcurrentExecutions: int) -> None:  # noqa: N803
        self._find(FunctionName)
        if ReservedConcurrentExecutions > self.reservable:
            message = "decreases account's UnreservedConcurrentExecution below its minimum value of [100]"
            raise self.exceptions.InvalidParameterValueException(
                {"Error": {"Code": "InvalidParameterValue", "Message": message}}, "PutFunctionConcurrency"
            )
        self.reserved[FunctionName] = ReservedConcurrentExecutions

    def get_function_concurrency(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        self._find(FunctionName)
        reserved = self.reserved[FunctionName]
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    def delete_function_concurrency(self, *, FunctionName: str) -> None:  # noqa: N803
        self._find(FunctionName)
        self.reserved[FunctionName] = None


def props(**changes: Any) -> dict[str, Any]:
    return {
        "function_name": NAME,
        "concurrency": 10,
        "generation": "stack 1",
        "region": "eu-central-1",
        "profile": "",
    } | changes


def provider(client: FakeLambda) -> FunctionConcurrencyProvider:
    return FunctionConcurrencyProvider(connect_to(**{"lambda": client}))


def test_concurrency_is_reserved_changed_and_given_back() -> None:
    client = FakeLambda(NAME)
    concurrency = provider(client)
    made = concurrency.create(props(concurrency=10.0))
    assert client.reserved == {NAME: 10}, "the engine hands numbers over as floats"
    assert concurrency.update(made.id, made.outs or {}, props(concurrency=3)).outs == props(concurrency=3)
    assert client.reserved == {NAME: 3}
    concurrency.delete(made.id, props())
    assert client.reserved == {NAME: None}


def test_an_account_with_too_little_concurrency_is_told_the_way_out() -> None:
    with pytest.raises(ConcurrencyError) as caught:
        provider(FakeLambda(NAME, reservable=0)).create(props())
    assert str(caught.value) == (
        "The function thaw-athena-connector was to have 10 of the account's concurrent executions for itself,"
        " but Lambda refuses (An error occurred (InvalidParameterValue) when calling the"
        " PutFunctionConcurrency operation: decreases account's UnreservedConcurrentExecution below its"
        " minimum value of [100]); lower thaw:athena_max_concurrency, raise the account's quota of concurrent"
        " executions in Service Quotas, or set the key to 0, which caps nothing."
    )


def test_a_refresh_sees_what_somebody_changed_or_took_away() -> None:
    client = FakeLambda(NAME)
    concurrency = provider(client)
    assert concurrency.read(NAME, props()).id == "", "nothing is reserved: the next `up` reserves"
    concurrency.create(props(concurrency=900))
    assert concurrency.read(NAME, props()).outs == props(concurrency=900)
    assert provider(FakeLambda()).read(NAME, props()).id == "", "the function is gone"


def test_a_function_that_is_gone_holds_nothing_to_give_back() -> None:
    provider(FakeLambda()).delete(NAME, props())


def test_another_generation_is_reserved_anew_and_another_function_is_another_resource() -> None:
    concurrency = FunctionConcurrencyProvider()
    assert concurrency.diff(NAME, props(), props()).changes is False
    changed = concurrency.diff(NAME, props(), props(generation="stack 2"))
    assert (changed.changes, changed.replaces) == (True, [])
    assert concurrency.diff(NAME, props(), props(function_name="other")).replaces == ["function_name"]
