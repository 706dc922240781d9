"""Deploys the Pulumi program into the emulator: up, up again with another config, and destroy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, cast

from pulumi.runtime import mocks, rpc

from local.deployer import dynamic, functions, queues, tables, watching
from local.deployer.handlers import NOT_HOSTED, Handler
from local.deployer.program import PROGRAM, run_program
from local.emulator import Emulator
from local.errors import DeployError

HANDLERS: Mapping[str, Handler] = {
    **functions.HANDLERS,
    **queues.HANDLERS,
    **tables.HANDLERS,
    **watching.HANDLERS,
}

Key = tuple[str, str]
"""(type, logical name)"""


class Created(NamedTuple):
    """A resource that is there: what it was made from, and what came of it."""

    id: str
    inputs: dict[str, Any]
    state: dict[str, Any]


class NotHosted(NamedTuple):
    """What is declared and means nothing here."""

    type: str
    name: str
    reason: str


@dataclass
class Deployment:
    """What stands in the emulator after an up: `outputs` are the stack's exports.

    `resources` are in the order of their creation; `kept` are protected ones that a destroy left.
    """

    emulator: Emulator
    program: Path
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    resources: dict[Key, Created] = field(default_factory=dict[Key, Created])
    protected: set[Key] = field(default_factory=set[Key])

    @property
    def not_hosted(self) -> list[NotHosted]:
        """Each property of each resource that the emulator takes without meaning it, with the reason."""
        return [
            NotHosted(f"{type_} {unhosted}", name, reason)
            for (type_, name), created in self.resources.items()
            for (unhosted_type, unhosted), reason in NOT_HOSTED.items()
            if type_ == unhosted_type and unhosted in created.inputs
        ]

    def up(self, config: Mapping[str, Any]) -> None:
        """Creates what is missing, changes what differs, deletes what is declared no more.

        Raises DeployError for the first resource that cannot be, and what the program itself raises.
        """
        engine = _Engine(self)
        with dynamic.aws_of(self.emulator):
            try:
                run_program(
                    engine.monitor, {"aws:region": self.emulator.region, **config}, program=self.program
                )
            except Exception as exc:
                raise (engine.errors or [exc])[0] from exc
            gone = [key for key in self.resources if key not in engine.declared]
            self._delete(gone)
        self.outputs = engine.outputs
        self.protected = engine.protected

    def destroy(self) -> list[Key]:
        """Deletes everything in reverse order; returns the protected resources, which are left."""
        left = [key for key in self.resources if key in self.protected]
        with dynamic.aws_of(self.emulator):
            self._delete([key for key in self.resources if key not in self.protected])
        return left

    def put(self, key: Key, inputs: dict[str, Any], ignore: list[str]) -> Created:
        """Creates or changes one resource."""
        before = self.resources.get(key)
        if before is None:
            created = Created(*_put(key, self.emulator, inputs))
        else:
            inputs = {**inputs, **{name: before.inputs[name] for name in ignore if name in before.inputs}}
            created = _changed(key, self.emulator, before, inputs)
        self.resources[key] = created
        return created

    def _delete(self, keys: list[Key]) -> None:
        for key in reversed(keys):
            created = self.resources.pop(key)
            if key[0].startswith(dynamic.PREFIX):
                dynamic.delete(created.id, created.state)
            elif delete := _handler(key).delete:
                delete(self.emulator, created.inputs, created.state)


def deploy(config: Mapping[str, Any], emulator: Emulator, program: Path = PROGRAM) -> Deployment:
    """The program, up in the emulator. `config` as in a stack file; keys without namespace are `thaw:`."""
    deployment = Deployment(emulator, program)
    deployment.up(config)
    return deployment


def _put(key: Key, emulator: Emulator, inputs: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    if key[0].startswith(dynamic.PREFIX):
        resource_id, state = dynamic.create(inputs)
        return resource_id, inputs, state
    handler = _handler(key)
    unknown = sorted(set(inputs) - handler.properties)
    if unknown:
        raise DeployError(f"the deployer does not know the properties {', '.join(unknown)}")
    resource_id, outputs = handler.put(emulator, inputs)
    return resource_id, inputs, {**inputs, **outputs}


def _changed(key: Key, emulator: Emulator, before: Created, inputs: dict[str, Any]) -> Created:
    if key[0].startswith(dynamic.PREFIX):
        resource_id, state = dynamic.update(before.id, before.state, inputs)
        return Created(resource_id, inputs, state)
    same = {name for name in inputs if name == "code" or inputs[name] == before.inputs.get(name)}
    if same == set(inputs) == set(before.inputs):
        return before
    if not _handler(key).repeatable:
        raise DeployError(f"the deployer cannot change {sorted(set(inputs) - same)}")
    return Created(*_put(key, emulator, inputs))


def _handler(key: Key) -> Handler:
    if key[0] not in HANDLERS:
        raise DeployError("the deployer does not know this type")
    return HANDLERS[key[0]]


class _Engine(mocks.Mocks):
    """Stands for the engine and the providers during one run of the program."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.monitor = _Monitor(self)
        self.errors: list[Exception] = []
        self.declared: set[Key] = set()
        self.protected: set[Key] = set()
        self.ignored: dict[Key, list[str]] = {}
        self.outputs: dict[str, Any] = {}
        self._lock = Lock()

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise DeployError(f"{args.token}: the deployer does not know this function.")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, {}
        key = args.typ, args.name
        inputs = cast("dict[str, Any]", _plain(args.inputs))
        with self._lock:
            if self.errors:
                raise DeployError("an earlier resource failed.")
            self.declared.add(key)
            try:
                created = self.deployment.put(key, inputs, self.ignored.get(key, []))
            except Exception as exc:
                self.errors.append(DeployError(f"{args.typ} {args.name}: {exc}"))
                raise self.errors[0] from exc
        return created.id, created.state


class _Monitor(mocks.MockMonitor):
    """Notes what mocks do not see: options of resources, and the stack's outputs."""

    def __init__(self, engine: _Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        key = request.type, request.name
        if request.protect:
            self._engine.protected.add(key)
        self._engine.ignored[key] = list(request.ignoreChanges)
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        if request.urn.rsplit("::", 2)[-2] == "pulumi:pulumi:Stack":
            self._engine.outputs.update(rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)


def _plain(value: Any) -> Any:
    """Inputs with whole numbers as int: the engine's protocol knows only floats."""
    if isinstance(value, dict):
        return {
            name: _plain(each) for name, each in cast("dict[str, Any]", value).items() if each is not None
        }
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
