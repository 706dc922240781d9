"""The functions of the stack, as deployed, called in this process; a new one of each after a crash."""

import importlib
import json
import sys
from collections import Counter
from collections.abc import Mapping
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from tests.vault_world.crashes import Crashes, Killed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

NAMES = (
    *("prepare_vault", "watch_vaults", "transfer_archives", "transfer_large", "finish_vault"),
    *("job_api", "start_job", "load_objects", "watch_jobs"),
)
_CONTEXT = SimpleNamespace(
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    function_name="thaw-function",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:thaw-function",
    memory_limit_in_mb="1769",
    get_remaining_time_in_millis=lambda: 900_000,
)


def module_of(name: str) -> ModuleType:
    """Where the entry point of a function is; `name` is that of its folder."""
    return importlib.import_module(f"lambdas.{name}.handler")


class Functions:
    """Entry points by the folder of their function. `invocations` counts their calls, `deaths` the processes
    that died."""

    def __init__(self, crashes: Crashes) -> None:
        self._crashes = crashes
        self.invocations = Counter[str]()
        self.deaths = 0

    def call(self, name: str, event: Mapping[str, Any]) -> Any:
        """One invocation. Raises what the function raises, and Killed where it died."""
        folder = name.replace("-", "_")
        module = module_of(folder)
        self.invocations[folder] += 1
        self._crashes.begin(folder)
        try:
            return module.handler(json.loads(json.dumps(event)), cast("LambdaContext", _CONTEXT))
        finally:
            if self._crashes.end():
                self.deaths += 1
                self.forget()
                raise Killed

    def forget(self) -> None:
        """Every execution environment is gone, and what it remembered."""
        for name, module in list(sys.modules.items()):
            if name.startswith("lambdas."):
                for value in list(vars(module).values()):
                    if hasattr(value, "cache_clear") and getattr(value, "__module__", "") == name:
                        value.cache_clear()
