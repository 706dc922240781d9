"""Dynamic resources: the program's own provider code, really run, with the emulator as its AWS."""

import base64
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import dill
import pulumi.dynamic as dynamic

from local.emulator import Emulator, without_aws
from local.errors import DeployError

PREFIX = "pulumi-python:dynamic"
PROVIDER = "__provider"

State = dict[str, Any]


@contextmanager
def aws_of(emulator: Emulator) -> Generator[None]:
    """Leads every boto3 client of this process to the emulator: providers make their own."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(without_aws(before) | emulator.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> State:
    """The inputs as the provider wants them; `olds` are the inputs of before. Raises DeployError."""
    result = _provider(news).check(_plain(olds), _plain(news))
    if result.failures:
        raise DeployError("; ".join(f"{failure.property}: {failure.reason}" for failure in result.failures))
    return result.inputs


def create(inputs: Mapping[str, Any]) -> tuple[str, State]:
    """Checks and creates, as the engine would."""
    created = _provider(inputs).create(check({}, inputs))
    return created.id, {**inputs, **(created.outs or {})}


def update(
    resource_id: str, olds: Mapping[str, Any], state: State, inputs: Mapping[str, Any]
) -> tuple[str, State]:
    """Checks, compares, and then keeps, updates or replaces, as the engine would."""
    provider = _provider(inputs)
    before, news = _plain(state), check(olds, inputs)
    difference = provider.diff(resource_id, before, news)
    if difference.replaces:
        replacement = provider.create(news)
        provider.delete(resource_id, before)
        return replacement.id, {**inputs, **(replacement.outs or {})}
    # A provider that does not say whether anything changes leaves it to the engine to compare.
    if not (_plain(inputs) != _plain(olds) if difference.changes is None else difference.changes):
        return resource_id, state
    updated = provider.update(resource_id, before, news)
    return resource_id, {**inputs, **(updated.outs or {})}


def delete(resource_id: str, state: State) -> None:
    _provider(state).delete(resource_id, _plain(state))


def _provider(inputs: Mapping[str, Any]) -> dynamic.ResourceProvider:
    return dill.loads(base64.b64decode(inputs[PROVIDER]))  # noqa: S301 - the program's own pickle


def _plain(values: Mapping[str, Any]) -> State:
    return {name: value for name, value in values.items() if name != PROVIDER}
