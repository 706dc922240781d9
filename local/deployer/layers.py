"""Stand-ins for the functions' layers: their libraries are for arm64, and the emulator has its own."""

from pathlib import Path

from infra.layers import LAYERS
from infra.packaging import put, zipped


def stand_in(root: Path, target: Path) -> None:
    """Puts layers into the folder `target` that hold no library, just what they would have been."""
    for layer in LAYERS:
        requirements = root / layer.requirements
        put(target / layer.file, zipped({"python/requirements.txt": requirements}))
        put(target / layer.stamp, requirements.read_bytes())
