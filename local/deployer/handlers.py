"""What the deployer knows of a resource type: its properties, and how to create, change and delete one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

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
    """`properties` are those that `put` acts on, inner ones as `outer.inner`; `changeable` those of `change`.

    `repeatable`: putting again changes what is there. `delete` None: it goes with something else.
    """

    properties: frozenset[str]
    put: Put
    delete: Delete | None = None
    repeatable: bool = False
    change: Change | None = None
    changeable: frozenset[str] = frozenset()

    def unknown_in(self, inputs: Inputs, outer: str = "") -> Iterator[str]:
        """The paths of the inputs, inner ones included, that are not among `properties`."""
        for name, value in inputs.items():
            path = outer + name
            if path in self.properties:
                continue
            if any(known.startswith(f"{path}.") for known in self.properties):
                many = cast("list[Inputs]", value if isinstance(value, list) else [value])
                for inner in many:
                    yield from self.unknown_in(inner, f"{path}.")
            else:
                yield path

    def changed_by(self, change: Change, changeable: str) -> "Handler":
        """The same handler, able to change some properties, given as words of one text."""
        return replace(self, change=change, changeable=frozenset(changeable.split()))


def handler(properties: str, put: Put, delete: Delete | None = None, *, repeatable: bool = False) -> Handler:
    """A handler, its properties as words of one text."""
    return Handler(frozenset(properties.split()), put, delete, repeatable)


_NO_LAYER = "built for another processor; functions find these libraries in the emulator's own environment"
_NO_QUICKSIGHT = "the emulator has no QuickSight; nothing is made"

NOT_HOSTED: Mapping[tuple[str, str], str] = {
    ("aws:lambda/function:Function", "runtime"): "code runs on the emulator's own Python",
    ("aws:lambda/function:Function", "architectures"): "code runs on this machine's processor",
    ("aws:lambda/function:Function", "memorySize"): "memory is not limited",
    ("aws:lambda/function:Function", "ephemeralStorage"): "space on disk is not limited",
    ("aws:sfn/stateMachine:StateMachine", "roleArn"): "judged once, when the machine is made",
    ("aws:sfn/stateMachine:StateMachine", "loggingConfiguration"): "kept; no execution is logged",
    ("aws:apigateway/stage:Stage", "accessLogSettings"): "kept; no call is logged",
    (
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "maximumBatchingWindowInSeconds",
    ): "batches are not waited for",
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarmActions"): "kept; metrics in logs do not reach alarms",
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "metricQueries"): "no expression is worked out",
    (
        "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
        "applicationId",
    ): "a function of its name stands in for the connector, and Athena reads the tables itself",
    (
        "aws:athena/workgroup:Workgroup",
        "configuration.bytesScannedCutoffPerQuery",
    ): "what a query scans is not measured",
    ("aws:lambda/layerVersion:LayerVersion", "code"): _NO_LAYER,
    ("aws:lambda/layerVersion:LayerVersion", "s3Key"): _NO_LAYER,
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "rules",
    ): "kept; no object expires",
    ("aws:quicksight/dataSource:DataSource", "dataSourceId"): _NO_QUICKSIGHT,
    ("aws:quicksight/refreshSchedule:RefreshSchedule", "scheduleId"): _NO_QUICKSIGHT,
    (
        "aws:ssm/document:Document",
        "content",
    ): "the emulator runs no Automation; the deployment keeps the document",
    ("aws:cloudformation/stack:Stack", "templateBody"): "of QuickSight, which the emulator does not have",
    ("aws:scheduler/schedule:Schedule", "target.roleArn"): "judged once, when the schedule is made",
    ("aws:scheduler/schedule:Schedule", "target.retryPolicy"): "the emulator calls once",
}
"""Properties, inner ones as `outer.inner`, that are passed on, and mean nothing here."""


def has(inputs: Inputs, path: str) -> bool:
    """Whether the inputs have a property, inner ones as `outer.inner`."""
    outer, _, inner = path.partition(".")
    return outer in inputs and (not inner or has(inputs[outer], inner))
