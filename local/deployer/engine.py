"""Stands for the Pulumi engine during one run of the program: takes what it registers, notes its outputs."""

from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple, cast

from pulumi.runtime import mocks, rpc

from local.errors import DeployError

Key = tuple[str, str]
"""(type, logical name)"""


class Options(NamedTuple):
    """The options of a resource that mean something here."""

    protect: bool = False
    retain: bool = False
    ignore: tuple[str, ...] = ()


Act = Callable[[Key, dict[str, Any], Options], tuple[str, dict[str, Any]]]
"""What is done with a resource of these inputs; gives its id and its state."""


class Engine(mocks.Mocks):
    """One run. `errors` are what went wrong, one sentence each; `outputs` the stack's exports."""

    def __init__(self, act: Act) -> None:
        self.monitor = _Monitor(self)
        self.errors: list[Exception] = []
        self.declared: set[Key] = set()
        self.options: dict[Key, Options] = {}
        self.outputs: dict[str, Any] = {}
        self._act = act
        self._lock = Lock()

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Provider functions; the program has none so far."""
        raise DeployError(f"{args.token}: the deployer does not know this function.")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Acts on a resource, one at a time; after the first error on none."""
        if not args.custom:
            return None, {}
        key = args.typ, args.name
        inputs = cast("dict[str, Any]", _plain(args.inputs))
        with self._lock:
            if self.errors:
                raise DeployError("an earlier resource failed.")
            try:
                self._declare(key)
                return self._act(key, inputs, self.options[key])
            except Exception as exc:
                self.errors.append(DeployError(f"{args.typ} {args.name}: {sentence(exc)}"))
                raise self.errors[0] from exc

    def _declare(self, key: Key) -> None:
        """The engine tells resources apart by their URN, parents included; here type and name must do."""
        if key in self.declared:
            raise DeployError("it is declared twice; type and name must tell resources apart here.")
        self.declared.add(key)


class _Monitor(mocks.MockMonitor):
    """Notes what mocks do not see: options of resources, and the stack's outputs."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        options = Options(request.protect, request.retainOnDelete, tuple(request.ignoreChanges))
        self._engine.options[request.type, request.name] = options
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        if request.urn.rsplit("::", 2)[-2] == "pulumi:pulumi:Stack":
            self._engine.outputs.update(_plain(rpc.deserialize_properties(request.outputs)))
        return super().RegisterResourceOutputs(request)


def _plain(value: Any) -> Any:
    """Values without the wrapping of secrets, and whole numbers as int: the protocol knows only floats."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {
            name: _plain(each) for name, each in cast("dict[str, Any]", value).items() if each is not None
        }
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def sentence(error: Exception) -> str:
    """What an error says, on one line, and never nothing."""
    return " ".join(str(error).split()) or type(error).__name__
