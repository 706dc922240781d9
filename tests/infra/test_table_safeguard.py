"""Deletion protection set by ourselves, and a table that no config renames."""

from typing import Any

import pytest

from infra.errors import TableMismatchError
from infra.providers.table_safeguard import TableSafeguardProvider
from tests.infra.fakes import FakeDynamoDB, connect_to

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/thaw-objects"


def props(**changes: Any) -> dict[str, Any]:
    return {
        "table_name": "thaw-objects",
        "table_arn": ARN,
        "wanted_name": "thaw-objects",
        "deletion_protection": True,
        "region": "eu-central-1",
        "profile": "",
    } | changes


def test_protection_is_set_once_and_waited_for() -> None:
    dynamodb = FakeDynamoDB(ARN)
    safeguard = TableSafeguardProvider(connect_to(dynamodb=dynamodb))
    safeguard.create(props())
    safeguard.create(props())
    assert dynamodb.updates == [True], "what is protected already is not updated again"
    assert dynamodb.waited == 2


def test_protection_is_lifted_when_the_config_says_so() -> None:
    dynamodb = FakeDynamoDB(ARN)
    safeguard = TableSafeguardProvider(connect_to(dynamodb=dynamodb))
    safeguard.create(props())
    safeguard.update("id", props(), props(deletion_protection=False))
    assert dynamodb.updates == [True, False]


def test_deletion_of_the_safeguard_leaves_the_protection() -> None:
    dynamodb = FakeDynamoDB(ARN)
    safeguard = TableSafeguardProvider(connect_to(dynamodb=dynamodb))
    safeguard.create(props())
    safeguard.delete("id", props())
    assert dynamodb.table["DeletionProtectionEnabled"] is True


def test_credentials_of_another_account_are_told_before_anything_changes() -> None:
    dynamodb = FakeDynamoDB(ARN.replace("123456789012", "999999999999"))
    with pytest.raises(TableMismatchError, match=r"but boto3's .* lead to .*:999999999999:table/thaw-obj"):
        TableSafeguardProvider(connect_to(dynamodb=dynamodb)).create(props())
    assert dynamodb.updates == []


def test_a_name_prefix_that_would_rename_the_table_is_refused_while_the_engine_plans() -> None:
    safeguard = TableSafeguardProvider()
    (failure,) = safeguard.check(props(), props(wanted_name="melt-objects")).failures
    assert failure.reason == (
        "thaw:name_prefix would rename the table thaw-objects to melt-objects, but a table cannot be renamed"
        " and its records would be lost; put the old name_prefix back, or deploy the new one as"
        " another stack."
    )
    assert safeguard.check({}, props(wanted_name="melt-objects")).failures == []
    assert safeguard.check(props(), props(deletion_protection=False)).failures == []


def test_a_region_that_would_replace_the_table_is_refused_while_the_engine_plans() -> None:
    safeguard = TableSafeguardProvider()
    (failure,) = safeguard.check(props(), props(region="us-east-1")).failures
    assert failure.reason == (
        "aws:region would move the table thaw-objects from eu-central-1 to us-east-1, where it would be"
        " another, empty one; put the old Region back, or deploy the new one as another stack."
    )
    assert safeguard.check({}, props()).failures == [], "a stack without tables may be anywhere"


def test_only_another_table_replaces_the_safeguard() -> None:
    safeguard = TableSafeguardProvider()
    assert safeguard.diff("id", props(), props()).changes is False
    assert safeguard.diff("id", props(), props(deletion_protection=False)).replaces == []
    assert safeguard.diff("id", props(), props(table_arn="arn:other")).replaces == ["table_arn"]
