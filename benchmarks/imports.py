"""Cold import of the track_events function, against boto3's and an empty interpreter's start."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.timing import in_turns

_ROOT = Path(__file__).parent.parent
_HANDLER = "import lambdas.track_events.handler"
_HEAVY = ("pandas", "pyarrow", "duckdb", "pulumi", "pulumi_aws", "click", "rich")


def main(rounds: int = 11) -> None:
    """Prints medians over fresh interpreters, and which heavy libraries the handler pulls in."""
    sides = {"an empty interpreter": "pass", "boto3 alone": "import boto3", "the handler": _HANDLER}
    times = in_turns({name: partial(_run, code) for name, code in sides.items()}, rounds)
    empty, boto3, handler = (median(times[name]) for name in sides)
    loaded = _run(f"{_HANDLER}\nimport sys\nprint(*(set({_HEAVY!r}) & sys.modules.keys()))").split()
    print(f"fresh interpreters, medians of {rounds}, the start of an empty one taken off")
    print(f"{'boto3 alone':<28} {boto3 / empty - 1:.1f} x an empty interpreter's start")
    print(f"{'the handler':<28} {(handler - empty) / (boto3 - empty):.2f} x boto3 alone, which it contains")
    print(f"{'heavy libraries loaded':<28} {', '.join(loaded) or 'none'} of {', '.join(_HEAVY)}")


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True)
    return done.stdout
