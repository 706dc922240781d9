"""Starts an emulator with a Lambda worker, says where it is, and waits for its end."""

import signal

from local.emulator import Emulator
from tests.local.lambdas import make_function

with Emulator() as emulator:
    make_function(emulator, "busy", "def handler(event, context): return 1")
    emulator.client("lambda").invoke(FunctionName="busy")
    print(emulator.pid, emulator.log_path, flush=True)
    signal.pause()
