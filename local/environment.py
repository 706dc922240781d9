"""Gives the emulator a Python environment of its own, so that Lambda workers cannot see our packages."""

import fcntl
import subprocess
import sys
from pathlib import Path

from local.errors import EmulatorError

_REPOSITORY = Path(__file__).resolve().parent.parent
_REQUIREMENTS = _REPOSITORY / "local" / "requirements-emulator.txt"
_ENVIRONMENT = _REPOSITORY / ".emulator"


def emulator_python(environment: Path = _ENVIRONMENT, requirements: Path = _REQUIREMENTS) -> Path:
    """The interpreter of the emulator's environment, which is made first if missing or stale.

    Raises EmulatorError if it cannot be made.
    """
    with requirements.open() as lock:
        # Test workers ask at the same time; the requirements file is always there to lock.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(environment, requirements):
            _make(environment, requirements)
    return environment / "bin" / "python"


def _is_current(environment: Path, requirements: Path) -> bool:
    """The Makefile's rule: the marker is there and not older than the requirements."""
    marker = environment / ".ready"
    return marker.exists() and marker.stat().st_mtime >= requirements.stat().st_mtime


def _make(environment: Path, requirements: Path) -> None:
    pip = str(environment / "bin" / "pip")
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [pip, "install", "-q", "--disable-pip-version-check", "-r", str(requirements)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EmulatorError(
                f"The emulator's environment {environment} could not be made: "
                f"`{' '.join(command)}` ended with {done.returncode}: {done.stderr.strip()[-2000:]}"
            )
    (environment / ".ready").touch()
