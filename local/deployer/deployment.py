"""Deploys the Pulumi program into the emulator: up, up again with another config, and destroy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from local.deployer import dynamic
from local.deployer.engine import Engine, Key, Options, sentence
from local.deployer.handlers import NOT_HOSTED, has
from local.deployer.hosted import HANDLERS
from local.deployer.program import PROGRAM, run_program
from local.emulator import Emulator
from local.errors import DeployError


class Created(NamedTuple):
    """A resource that is there: what it was made from, and what came of it."""

    id: str
    inputs: dict[str, Any]
    state: dict[str, Any]
    options: Options


class NotHosted(NamedTuple):
    """What is declared and means nothing here."""

    type: str
    name: str
    reason: str


@dataclass
class Deployment:
    """What stands in the emulator after an up: `outputs` are the stack's exports.

    `resources` are in the order of their creation.
    """

    emulator: Emulator
    program: Path
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    resources: dict[Key, Created] = field(default_factory=dict[Key, Created])

    @property
    def not_hosted(self) -> list[NotHosted]:
        """Each property of each resource that the emulator takes without meaning it, with the reason."""
        return [
            NotHosted(f"{type_} {unhosted}", name, reason)
            for (type_, name), created in self.resources.items()
            for (unhosted_type, unhosted), reason in NOT_HOSTED.items()
            if type_ == unhosted_type and has(created.inputs, unhosted)
        ]

    def up(self, config: Mapping[str, Any]) -> None:
        """Plans as a preview does, then creates what is missing, changes what differs, deletes the rest.

        Raises DeployError for the first resource that cannot be, and what the program itself raises; what
        the plan finds is raised before anything has been touched.
        """
        with dynamic.aws_of(self.emulator):
            self._refuse(config)
            engine = Engine(self._put)
            self._run(engine, config)
            self._delete([key for key in self.resources if key not in engine.declared])
        self.outputs = engine.outputs

    def _refuse(self, config: Mapping[str, Any]) -> None:
        """Runs a preview, which refuses what providers refuse, and then what is beyond the deployer."""
        beyond: list[DeployError] = []

        def plan(key: Key, inputs: dict[str, Any], options: Options) -> tuple[str, dict[str, Any]]:
            before = self.resources.get(key)
            inputs = _with_ignored(before, inputs, options.ignore)
            if key[0].startswith(dynamic.PREFIX):
                dynamic.check(before.inputs if before else {}, inputs)
            else:
                beyond.extend(_beyond(key, before, inputs))
            return (before.id, {**before.state, **inputs}) if before else ("", inputs)

        preview = Engine(plan)
        self._run(preview, config, preview=True)
        beyond.extend(
            DeployError(f"{type_} {name} is protected, but the program declares it no more.")
            for (type_, name), created in self.resources.items()
            if created.options.protect and (type_, name) not in preview.declared
        )
        if beyond:
            raise beyond[0]

    def destroy(self) -> list[Key]:
        """Deletes everything in reverse order; returns the protected resources, which are left.

        Raises DeployError for the first that cannot be deleted; what is still there stays in `resources`.
        """
        protected = [key for key, created in self.resources.items() if created.options.protect]
        with dynamic.aws_of(self.emulator):
            self._delete([key for key in self.resources if key not in protected])
        return protected

    def _run(self, engine: Engine, config: Mapping[str, Any], *, preview: bool = False) -> None:
        region = {"aws:region": self.emulator.region}
        try:
            run_program(engine.monitor, region | dict(config), preview=preview, program=self.program)
        except Exception as exc:
            raise (engine.errors or [exc])[0] from exc

    def _put(self, key: Key, inputs: dict[str, Any], options: Options) -> tuple[str, dict[str, Any]]:
        """Creates, changes or keeps one resource."""
        before = self.resources.get(key)
        inputs = _with_ignored(before, inputs, options.ignore)
        act = _put_dynamic if key[0].startswith(dynamic.PREFIX) else _put_ordinary
        id_, state = act(key, self.emulator, before, inputs)
        self.resources[key] = Created(id_, inputs, state, options)
        return id_, state

    def _delete(self, keys: Sequence[Key]) -> None:
        for key in reversed(keys):
            created = self.resources[key]
            if not created.options.retain:
                try:
                    self._delete_one(key[0], created)
                except Exception as exc:
                    raise DeployError(f"{key[0]} {key[1]} could not be deleted: {sentence(exc)}") from exc
            del self.resources[key]

    def _delete_one(self, type_: str, created: Created) -> None:
        if type_.startswith(dynamic.PREFIX):
            dynamic.delete(created.id, created.state)
        elif delete := HANDLERS[type_].delete:
            delete(self.emulator, created.inputs, created.state)


def deploy(config: Mapping[str, Any], emulator: Emulator, program: Path = PROGRAM) -> Deployment:
    """The program, up in the emulator. `config` as in a stack file; keys without namespace are `thaw:`."""
    deployment = Deployment(emulator, program)
    deployment.up(config)
    return deployment


def _put_dynamic(
    _key: Key, _emulator: Emulator, before: Created | None, inputs: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    if before is None:
        return dynamic.create(inputs)
    return dynamic.update(before.id, before.inputs, before.state, inputs)


def _put_ordinary(
    key: Key, emulator: Emulator, before: Created | None, inputs: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    handler = HANDLERS[key[0]]
    if before is not None and not _changed(before, inputs):
        return before.id, before.state
    if before is not None and handler.change is not None:
        handler.change(emulator, inputs, before.state)
        return before.id, {**before.state, **inputs}
    id_, outputs = handler.put(emulator, inputs)
    return id_, {**inputs, **outputs}


def _with_ignored(before: Created | None, inputs: dict[str, Any], ignore: Sequence[str]) -> dict[str, Any]:
    """The inputs, with the old ones in place of changes that the resource's options ignore."""
    if before is None:
        return inputs
    kept = {name: value for name, value in inputs.items() if name not in ignore}
    return kept | {name: before.inputs[name] for name in ignore if name in before.inputs}


def _changed(before: Created, inputs: Mapping[str, Any]) -> set[str]:
    """The properties that differ; what is in a file differs by its hash, which is another property."""
    names = (set(inputs) | set(before.inputs)) - {"code", "source"}
    return {name for name in names if inputs.get(name) != before.inputs.get(name)}


def _beyond(key: Key, before: Created | None, inputs: Mapping[str, Any]) -> Iterator[DeployError]:
    """What the deployer does not know about a resource, or how to change."""
    handler = HANDLERS.get(key[0])
    if handler is None:
        yield DeployError(f"{key[0]} {key[1]}: the deployer does not know this type.")
        return
    if unknown := sorted(handler.unknown_in(inputs)):
        yield DeployError(f"{key[0]} {key[1]}: the deployer does not know {', '.join(unknown)}.")
    changed = _changed(before, inputs) if before is not None and not handler.repeatable else set[str]()
    if fixed := sorted(changed - handler.changeable):
        yield DeployError(f"{key[0]} {key[1]}: the deployer cannot change {', '.join(fixed)}.")
