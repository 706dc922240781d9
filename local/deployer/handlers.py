"""What the deployer knows of a resource type: its properties, and how to create, change and delete one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.emulator import Emulator

Inputs = Mapping[str, Any]
"""A resource's inputs, camelCase, whole numbers as int."""

Outputs = dict[str, Any]
"""What the provider would give back besides the inputs."""

Put = Callable[[Emulator, Inputs], tuple[str, Outputs]]
"""Creates a resource; gives its id and outputs."""

Delete = Callable[[Emulator, Inputs, Outputs], None]

Change = Callable[[Emulator, Inputs, Outputs], None]
"""Gives what is there the inputs of now; the outputs are those of its creation."""


@dataclass(frozen=True)
class Handler:
    """`properties` are those that `put` acts on, `changeable` those that `change` acts on.

    `repeatable`: putting again changes what is there. `delete` None: it goes with something else.
    """

    properties: frozenset[str]
    put: Put
    delete: Delete | None = None
    repeatable: bool = False
    change: Change | None = None
    changeable: frozenset[str] = frozenset()

    def changed_by(self, change: Change, changeable: str) -> "Handler":
        """The same handler, able to change some properties, given as words of one text."""
        return replace(self, change=change, changeable=frozenset(changeable.split()))


def handler(properties: str, put: Put, delete: Delete | None = None, *, repeatable: bool = False) -> Handler:
    """A handler, its properties as words of one text."""
    return Handler(frozenset(properties.split()), put, delete, repeatable)


NOT_HOSTED: Mapping[tuple[str, str], str] = {
    ("aws:lambda/function:Function", "runtime"): "code runs on the emulator's own Python",
    ("aws:lambda/function:Function", "architectures"): "code runs on this machine's processor",
    ("aws:lambda/function:Function", "memorySize"): "memory is not limited",
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarmActions"): "kept; metrics in logs do not reach alarms",
}
"""Properties that are passed on, and mean nothing here."""
