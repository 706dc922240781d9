"""A dynamic resource: the reserved concurrency of a function that somebody else's template creates.

The application of the Athena connector has no parameter for it
(https://github.com/awslabs/aws-athena-query-federation/pull/1921), and the AWS provider sets it on functions
of its own only; this sets it by PutFunctionConcurrency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi.dynamic as dynamic

from infra.errors import ConcurrencyError
from infra.providers.connection import CONNECTION_INPUTS, GONE, Provider, changed

OUR_INPUTS = ("function_name", "concurrency", "generation", *CONNECTION_INPUTS)


class FunctionConcurrencyProvider(Provider):
    """Reserves, changes and gives back; nothing else of the function is touched."""

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Another function is another resource; anything else is set anew."""
        return dynamic.DiffResult(
            changes=bool(changed(_olds, _news, OUR_INPUTS)),
            replaces=changed(_olds, _news, ("function_name",)),
        )

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Reserves. Raises ConcurrencyError."""
        self._reserve(props)
        return dynamic.CreateResult(props["function_name"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Reserves the new number. Raises ConcurrencyError."""
        self._reserve(_news)
        return dynamic.UpdateResult(_news)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Finds out, on `pulumi refresh`, what is reserved: the next `up` puts it right."""
        client = self.connect("lambda", props)
        try:
            found = client.get_function_concurrency(FunctionName=props["function_name"])
        except client.exceptions.ResourceNotFoundException:
            return dynamic.ReadResult(GONE, {})
        reserved = found.get("ReservedConcurrentExecutions")
        if reserved is None:
            return dynamic.ReadResult(GONE, {})
        return dynamic.ReadResult(id_, {**props, "concurrency": reserved})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Gives it back; a function that is gone holds none."""
        client = self.connect("lambda", _props)
        try:
            client.delete_function_concurrency(FunctionName=_props["function_name"])
        except client.exceptions.ResourceNotFoundException:
            return

    def _reserve(self, props: Mapping[str, Any]) -> None:
        client = self.connect("lambda", props)
        name, wanted = props["function_name"], int(props["concurrency"])
        try:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)
        except client.exceptions.InvalidParameterValueException as exc:
            raise ConcurrencyError(
                f"The function {name} was to have {wanted} of the account's concurrent executions for itself,"
                f" but Lambda refuses ({exc}); lower thaw:athena_max_concurrency, raise the account's quota"
                " of concurrent executions in Service Quotas, or set the key to 0, which caps nothing."
            ) from exc


@dataclass(frozen=True)
class FunctionConcurrencyArgs:
    """How many executions a function has, at most and for itself.

    `generation` differs whenever the function may be another under the same name, without its reservation.
    """

    function_name: str
    concurrency: int
    generation: pulumi.Input[str]
    connection: Mapping[str, str]


class FunctionConcurrency(dynamic.Resource, module="thaw", name="FunctionConcurrency"):
    """The reserved concurrency of a function."""

    def __init__(
        self, name: str, args: FunctionConcurrencyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props: dict[str, Any] = {
            "function_name": args.function_name,
            "concurrency": args.concurrency,
            "generation": args.generation,
            **args.connection,
        }
        super().__init__(FunctionConcurrencyProvider(), name, cast(Any, props), opts)
