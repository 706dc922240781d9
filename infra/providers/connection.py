"""Clients for dynamic resources, and the bits that every dynamic provider of ours shares.

The engine runs dynamic providers in a process of its own, `python -m pulumi.dynamic` in the project's folder.
A provider's code is not stored in the stack's state, only the name of its class: so these modules must stay
where they are for as long as a stack holds a resource of theirs, or its deletion could not find its code.
"""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pulumi.dynamic as dynamic

Connect = Callable[[str, Mapping[str, Any]], Any]
"""A client of a service for the inputs of a resource."""

CONNECTION_INPUTS = ("region", "profile")

GONE = ""
"""The id that tells the engine that a resource is no more."""


def connect(service: str, inputs: Mapping[str, Any]) -> Any:
    """A client in the Region and with the profile that the resource was given.

    Neither is left to boto3, which in the engine's process would find its own. AWS_ENDPOINT_URL, which the
    local emulator needs, works as everywhere.
    """
    session: Any = boto3.Session(profile_name=inputs["profile"] or None, region_name=inputs["region"])
    return session.client(service)


class Provider(dynamic.ResourceProvider):
    """A provider that holds no secret and no client: `connect` makes one for each call."""

    serialize_as_secret_always = False

    def __init__(self, connect: Connect = connect) -> None:
        super().__init__()
        self.connect = connect


def changed(olds: Mapping[str, Any], news: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """Which of these inputs differ."""
    return [name for name in names if olds.get(name) != news.get(name)]


def refusal(name: str, error: Exception) -> dynamic.CheckFailure:
    """An error about an input, as the engine shows it before it changes anything."""
    return dynamic.CheckFailure(name, str(error))


def account_of(arn: str) -> str:
    """The account in an ARN (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)."""
    return arn.split(":")[4]
