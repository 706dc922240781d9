"""The account's role for the logs of API Gateway: set where there is none, and never taken from others."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.errors import ApiLogRoleError
from infra.providers.api_log_role import POLLS, ApiLogRoleProvider
from tests.infra.fakes import connect_to

OURS, THEIRS = "arn:aws:iam::123456789012:role/thaw-job-api-logs", "arn:aws:iam::123456789012:role/theirs"


class _Exceptions:
    BadRequestException = ClientError


class FakeApiGateway:
    """An account's settings; refuses a role the first `refusals` times, as AWS does while it is new."""

    exceptions = _Exceptions

    def __init__(self, role: str = "", refusals: int = 0) -> None:
        self.account = {"cloudwatchRoleArn": role} if role else {}
        self.refusals = refusals

    def get_account(self) -> dict[str, Any]:
        return {"throttleSettings": {}, **self.account}

    def update_account(self, *, patchOperations: list[dict[str, str]]) -> None:  # noqa: N803 (boto3's name)
        if self.refusals:
            self.refusals -= 1
            raise ClientError({"Error": {"Code": "BadRequestException", "Message": "m"}}, "UpdateAccount")
        (operation,) = patchOperations
        assert (operation["op"], operation["path"]) == ("replace", "/cloudwatchRoleArn")
        self.account = {"cloudwatchRoleArn": operation["value"]}

    @property
    def role(self) -> str:
        return self.account.get("cloudwatchRoleArn", "")


def provider(client: FakeApiGateway, pauses: list[float] | None = None) -> ApiLogRoleProvider:
    noted = list[float]() if pauses is None else pauses
    return ApiLogRoleProvider(connect_to(apigateway=client), noted.append)


def props(role_arn: str = OURS) -> dict[str, Any]:
    return {"role_arn": role_arn, "region": "eu-central-1", "profile": ""}


def test_the_role_is_set_where_there_is_none_and_taken_back() -> None:
    client = FakeApiGateway()
    provider(client).create(props())
    assert client.role == OURS
    provider(client).delete("id", props())
    assert client.role == ""


def test_a_role_of_others_stays() -> None:
    client = FakeApiGateway(THEIRS)
    provider(client).create(props())
    provider(client).update("id", props(), props(f"{OURS}-2"))
    provider(client).delete("id", props())
    assert client.role == THEIRS


def test_our_former_role_makes_way_for_the_new_one() -> None:
    client = FakeApiGateway(OURS)
    provider(client).update("id", props(), props(f"{OURS}-2"))
    assert client.role == f"{OURS}-2"


def test_a_role_that_is_not_known_everywhere_yet_is_waited_for() -> None:
    client, pauses = FakeApiGateway(refusals=2), list[float]()
    provider(client, pauses).create(props())
    assert client.role == OURS
    assert len(pauses) == 2


def test_a_role_that_stays_refused_is_named() -> None:
    client, pauses = FakeApiGateway(refusals=POLLS), list[float]()
    with pytest.raises(ApiLogRoleError, match=rf"^API Gateway does not take {OURS} as the account's role"):
        provider(client, pauses).create(props())
    assert len(pauses) == POLLS - 1


def test_another_role_is_a_change_in_place() -> None:
    made = provider(FakeApiGateway())
    assert made.diff("id", props(), props()).changes is False
    assert made.diff("id", props(), props(THEIRS)).changes is True
    assert not made.diff("id", props(), props(THEIRS)).replaces
