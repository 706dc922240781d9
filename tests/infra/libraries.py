"""The libraries of a layer as they are installed here, laid out as Lambda lays them out."""

import shutil
from importlib import metadata
from pathlib import Path

from infra.layers import Layer, kept
from tests.infra.recording import ROOT
from tests.infra.test_packaging import RUNTIME_BRINGS


def pins(path: Path) -> list[str]:
    """The lines of a requirements file that pin something."""
    return [line for line in path.read_text().splitlines() if "==" in line and not line.startswith("#")]


def layer_libraries(layer: Layer) -> list[str]:
    """The distributions that the layer's requirements pin."""
    return [line.partition("==")[0] for line in pins(ROOT / layer.requirements)]


def installed_libraries(layer: Layer) -> dict[str, Path]:
    """The layer's libraries as installed here: what stands at the top of the path, by name."""
    found: dict[str, Path] = {}
    for each in layer_libraries(layer):
        distribution = metadata.distribution(each)
        tops = {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
        found |= {name: Path(str(distribution.locate_file(name))) for name in tops}
    return found


def link_runtime(folder: Path) -> None:
    """What Lambda's runtime brings."""
    for name in RUNTIME_BRINGS:
        if not (folder / name).exists():
            (folder / name).symlink_to(Path(str(metadata.distribution("boto3").locate_file(name))))


def link_libraries(layer: Layer, folder: Path) -> None:
    """The whole libraries, and the runtime's."""
    folder.mkdir()
    for name, path in installed_libraries(layer).items():
        (folder / name).symlink_to(path)
    link_runtime(folder)


def trim_libraries(layer: Layer, work: Path) -> Path:
    """The folder with what of the libraries goes into the layer, for this processor, and the runtime's."""
    for name, path in installed_libraries(layer).items():
        target = work / "whole" / "python" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _ = shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
    for name, path in kept(work / "whole", layer):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        path.rename(work / name)
    link_runtime(work / "python")
    return work / "python"
