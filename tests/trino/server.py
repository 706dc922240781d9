"""Starts the real Trino on loopback and stops it; it cannot outlive the test run."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

JARS = Path("build/trino")
"""Where `make test-trino` puts Trino's jars."""

_MAIN = Path(__file__).parent / "TrinoServer.java"
_QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_STOP_SECONDS = 30


@contextmanager
def running_trino(log: Path, heap: str = "2g") -> Generator[str]:
    """The address, `http://127.0.0.1:PORT`, of a Trino of its own with an empty catalog `memory`.

    Its process reads from a pipe that only we hold, and ends when the pipe closes. Raises
    RuntimeError with the end of the log when it does not start.
    """
    command = ["java", f"-Xmx{heap}", *_QUICK_START, "-Duser.timezone=UTC", "-cp", f"{JARS}/*", str(_MAIN)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output)
    assert process.stdin, "a pipe was asked for"
    assert process.stdout, "a pipe was asked for"
    with process:
        try:
            address = process.stdout.readline().decode().strip()
            if not address:
                raise RuntimeError(f"Trino did not start; the end of {log}:\n{log.read_text()[-4000:]}")
            yield address
        finally:
            process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            finally:
                process.kill()
