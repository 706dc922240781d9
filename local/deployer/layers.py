"""A stand-in for the report function's layer: its libraries are for arm64, and the emulator has its own."""

from pathlib import Path

from infra.packaging import put, zipped
from infra.report_layer import LAYER, REQUIREMENTS, STAMP


def stand_in(root: Path, target: Path) -> None:
    """Puts a layer into the folder `target` that holds no library, just what they would have been."""
    requirements = root / REQUIREMENTS
    put(target / LAYER, zipped({"python/requirements.txt": requirements}))
    put(target / STAMP, requirements.read_bytes())
