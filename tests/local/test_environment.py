"""The emulator's own Python environment is made when missing or stale, and then left alone."""

import os
from pathlib import Path

import pytest

from local.environment import emulator_python
from local.errors import EmulatorError


def test_it_is_made_kept_and_made_again_when_the_requirements_are_newer(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.touch()
    environment = tmp_path / "environment"
    python = emulator_python(environment, requirements)
    assert python == environment / "bin" / "python"
    assert python.exists()
    marker = environment / ".ready"
    made = marker.stat().st_mtime_ns
    emulator_python(environment, requirements)
    assert marker.stat().st_mtime_ns == made, "what is current stays"
    os.utime(marker, (0, 0))
    emulator_python(environment, requirements)
    assert marker.stat().st_mtime > 0, "what is stale is made again"


def test_what_cannot_be_installed_is_told_and_tried_again(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("./nowhere\n")
    environment = tmp_path / "environment"
    with pytest.raises(EmulatorError, match=r"could not be made: .*pip install .* ended with 1: .*nowhere"):
        emulator_python(environment, requirements)
    assert not (environment / ".ready").exists()
