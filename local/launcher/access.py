"""Mends of how the emulator judges policies."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import shapes


def plain_http_here_counts_as_secure(iam_evaluator: Any) -> None:
    """`aws:SecureTransport` is false for everybody, since the emulator is spoken to without TLS.

    A policy that denies what is not secure, as every policy of AWS's advice does, would deny everything.
    """

    def make(original: Any) -> Callable[..., None]:
        def pin(source_ip: str, _secure_transport: Any) -> None:
            original(source_ip, True)  # noqa: FBT003 the emulator's own argument

        return pin

    shapes.replace(iam_evaluator, "pin_request_origin", "de819c1bd9ac", make)


def athena_calls_are_judged_on_what_they_are_about(iam_actions: Any, athena: Any) -> None:
    """A call that names a query or a catalog, and no work group, is judged on `*`, which few policies allow.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
    """

    def make(original: Any) -> Callable[..., str]:
        def resource(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
            given = original(service, method, path, headers, body, *more)
            return _subject(athena, body) or given if service == "athena" and given == "*" else given

        return resource

    shapes.replace(iam_actions, "extract_resource_arn", "82f51700695c", make)


class Permissions:
    """What the caller of the request under way may do, where the emulator acts in the caller's name."""

    def __init__(self, iam_evaluator: Any, iam_actions: Any, environ: Mapping[str, str]) -> None:
        self._evaluator = iam_evaluator
        self._actions = iam_actions
        self._enforced = environ.get("AUTH") == "true"

    def require(self, action: str, arn: str) -> None:
        """Raises PermissionError with AWS's sentence, if policies are enforced on the caller."""
        key = self._evaluator._verified_key.get()
        if not self._enforced or not key:
            return
        service, region = action.partition(":")[0], arn.split(":")[3]
        denied = self._evaluator.enforce(key, action, service, region, resource_arn=arn)
        if denied:
            who = getattr(denied, "principal_arn", "nobody")
            raise PermissionError(
                self._actions.identity_denial_message(action, who, arn, explicit_deny=False)
            )


def _subject(athena: Any, body: bytes) -> str | None:
    """The ARN of the work group of the query, or of the catalog, that a call names."""
    data: dict[str, Any] = json.loads(body or b"{}")
    execution = athena._executions.get(data.get("QueryExecutionId"))
    if execution is not None:
        return athena._arn_workgroup(execution["WorkGroup"])
    name = data.get("CatalogName") or data.get("Name")
    return athena._arn_datacatalog(name) if name else None
