"""Mends of how the emulator judges policies."""

import itertools
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import shapes

_NO_ENTRIES: Mapping[str, str] = MappingProxyType({})
_CONTEXT: ContextVar[Mapping[str, str]] = ContextVar("context", default=_NO_ENTRIES)


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


def a_simulation_knows_the_context_that_it_is_given(iam: Any, iam_evaluator: Any) -> None:
    """SimulatePrincipalPolicy drops ContextEntries, so that no statement with a condition holds."""

    def make_extract(original: Any) -> Callable[..., Any]:
        def extract(parameters: Any) -> Any:
            _CONTEXT.set(_context_entries(iam, parameters))
            return original(parameters)

        return extract

    def make_build(original: Any) -> Callable[..., Any]:
        def build(*args: Any) -> Any:
            try:
                return original(*args)
            finally:
                _CONTEXT.set(_NO_ENTRIES)

        return build

    def make_evaluate(original: Any) -> Callable[..., Any]:
        def evaluate(context: Any, *args: Any, **more: Any) -> Any:
            context.service_context = {**context.service_context, **_CONTEXT.get()}
            return original(context, *args, **more)

        return evaluate

    shapes.replace(iam, "_extract_simulate_params", "60c76235f2dd", make_extract)
    shapes.replace(iam, "_build_simulate_results_real", "a9090ec34b89", make_build)
    shapes.replace(iam_evaluator, "evaluate", "2a5dd6932d1a", make_evaluate)


def a_batch_is_judged_as_what_is_in_it(iam_actions: Any) -> None:
    """Batches of messages are judged as actions of their own, which IAM does not know.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
    """

    def make(original: Any) -> Callable[..., str | None]:
        def action(service: str, *request: Any) -> str | None:
            found = original(service, *request)
            return found.removesuffix("Batch") if found and service in ("sqs", "sns") else found

        return action

    shapes.replace(iam_actions, "extract_iam_action", "ec476b92d969", make)


def events_are_judged_by_their_source(iam_actions: Any) -> None:
    """PutEvents knows no `events:source`, so that a policy with it allows nothing.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    """

    def make(original: Any) -> Callable[..., dict[str, Any]]:
        def context(service: str, action: str, body: bytes, *more: Any) -> dict[str, Any]:
            given = original(service, action, body, *more)
            if action != "events:PutEvents":
                return given
            sources = sorted({str(entry.get("Source")) for entry in json.loads(body)["Entries"]})
            return {**given, "events:source": sources[0] if len(sources) == 1 else sources}

        return context

    shapes.replace(iam_actions, "request_tag_context", "d46adb816e02", make)


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


def _context_entries(iam: Any, parameters: Any) -> dict[str, str]:
    """The first value of each condition key that a simulation is given."""
    entries: dict[str, str] = {}
    for number in itertools.count(1):
        entry = f"ContextEntries.member.{number}"
        key = iam._p(parameters, f"{entry}.ContextKeyName")
        if not key:
            return entries
        entries[key.lower()] = iam._p(parameters, f"{entry}.ContextKeyValues.member.1")
    return entries
