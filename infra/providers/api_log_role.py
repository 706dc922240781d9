"""A dynamic resource: the role with which API Gateway writes logs, set where the account has none.

It is one for all REST APIs of an account in a Region. The AWS provider's own resource for it would overwrite
what others have set (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi.dynamic as dynamic

from infra.errors import ApiLogRoleError
from infra.providers.connection import CONNECTION_INPUTS, Connect, Provider, changed, connect

OUR_INPUTS = ("role_arn", *CONNECTION_INPUTS)
POLL_SECONDS, POLLS = 5, 12
"""A new role is not known everywhere at once: a minute is plenty."""


class ApiLogRoleProvider(Provider):
    """Sets the role if there is none, and takes it back if it is still ours."""

    def __init__(self, connect: Connect = connect, pause: Callable[[float], None] = time.sleep) -> None:
        super().__init__(connect)
        self.pause = pause

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Another role is set in place."""
        return dynamic.DiffResult(changes=bool(changed(_olds, _news, OUR_INPUTS)))

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Sets the role if there is none. Raises ApiLogRoleError."""
        self._set(props)
        return dynamic.CreateResult("api-log-role", props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Sets the role in place of our former one. Raises ApiLogRoleError."""
        self._set(_news, former=_olds["role_arn"])
        return dynamic.UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leaves the account without a role rather than with one that is about to be deleted."""
        client = self.connect("apigateway", _props)
        if _role(client) == _props["role_arn"]:
            _put(client, "")

    def _set(self, props: Mapping[str, Any], former: str = "") -> None:
        client, role_arn = self.connect("apigateway", props), props["role_arn"]
        if _role(client) not in ("", former):
            return
        for left in reversed(range(POLLS)):
            try:
                _put(client, role_arn)
                break
            except client.exceptions.BadRequestException as exc:
                if not left:
                    raise ApiLogRoleError(
                        f"API Gateway does not take {role_arn} as the account's role for logs ({exc});"
                        " see that nobody changed the role, then deploy again."
                    ) from exc
            self.pause(POLL_SECONDS)


def _role(client: Any) -> str:
    """The account's role, "" for none."""
    return client.get_account().get("cloudwatchRoleArn") or ""


def _put(client: Any, role_arn: str) -> None:
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role_arn}
    client.update_account(patchOperations=[operation])


@dataclass(frozen=True)
class ApiLogRoleArgs:
    """The role to set where there is none."""

    role_arn: pulumi.Input[str]
    connection: Mapping[str, str]


class ApiLogRole(dynamic.Resource, module="thaw", name="ApiLogRole"):
    """The account's role for the logs of API Gateway."""

    def __init__(self, name: str, args: ApiLogRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        props: dict[str, Any] = {"role_arn": args.role_arn, **args.connection}
        super().__init__(ApiLogRoleProvider(), name, cast(Any, props), opts)
