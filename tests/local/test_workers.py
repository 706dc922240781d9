"""Workers of Lambda functions."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from local.emulator import Emulator
from tests.local.lambdas import make_function

pytestmark = pytest.mark.emulator

LOOKING = """
import os, time

def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return [os.getpid(), os.path.realpath(os.environ["LAMBDA_TASK_ROOT"]), {version}]
"""


def look(emulator: Emulator, seconds: float = 0) -> list[object]:
    payload = json.dumps({"seconds": seconds})
    answer = emulator.client("lambda").invoke(FunctionName="looking", Payload=payload)
    return json.loads(answer["Payload"].read())


def test_workers_of_one_code_share_its_folder_and_new_code_has_another(emulator: Emulator) -> None:
    make_function(emulator, "looking", LOOKING.replace("{version}", "1"))
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(partial(look, emulator), [1.0, 1.0])
    assert one[0] != other[0], "two workers"
    assert one[1:] == other[1:] == [one[1], 1]
    emulator.client("lambda").delete_function(FunctionName="looking")
    make_function(emulator, "looking", LOOKING.replace("{version}", "2"))
    changed = look(emulator)
    assert changed[2] == 2
    assert changed[1] != one[1]


RAISING = """
class TooManyError(Exception):
    pass

def handler(event, context):
    raise TooManyError("of them")
"""


def test_an_exception_is_named_by_its_class(emulator: Emulator) -> None:
    make_function(emulator, "raising", RAISING)
    told = json.loads(emulator.client("lambda").invoke(FunctionName="raising")["Payload"].read())
    assert (told["errorType"], told["errorMessage"]) == ("TooManyError", "of them")
