"""The layer of the report function, built by `make layer`: pandas, DuckDB and PyAthena for arm64.

It is for another machine, so that nothing here can run it. The function's own zip is built at every `up`.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from infra.errors import PackagingError
from infra.packaging import ARCHITECTURE, RUNTIME, Package, digest, put, zipped

REQUIREMENTS = "lambdas/report/requirements.txt"
LAYER = "report-layer.zip"
STAMP = "report-layer.txt"
"""Beside the layer: the requirements that it was built from."""

PLATFORM = "aarch64-manylinux_2_28"
"""Of the runtime, Amazon Linux 2023 with glibc 2.34:
https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html"""

MAX_ZIPPED_BYTES = 50 * 10**6
MAX_UNZIPPED_BYTES = 250 * 10**6
"""Zipped for a direct upload, and unzipped with the function:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

UNUSED_NAMES = frozenset(("tests", "bin", "__pycache__", ".lock"))
UNUSED_ENDS = (".pyi", ".pyc", ".h", ".a", ".lib")
"""What no import reads: a seventh of the size."""


def find(root: Path, target: Path) -> Package:
    """The built layer in the folder `target`. Raises PackagingError when it is missing or of before."""
    layer, stamp = target / LAYER, target / STAMP
    if not layer.exists() or not stamp.exists():
        raise PackagingError(f"The layer of the report function, {layer}, is not built; run `make layer`.")
    if stamp.read_bytes() != (root / REQUIREMENTS).read_bytes():
        raise PackagingError(
            f"The layer of the report function, {layer}, is older than {REQUIREMENTS}; run `make layer`."
        )
    return Package(layer, digest(layer.read_bytes()))


def build(root: Path, target: Path) -> Package:
    """Installs the pinned requirements for Lambda's processor and zips them into `target`.

    Raises PackagingError when that fails, or the layer is larger than Lambda takes.
    """
    requirements = root / REQUIREMENTS
    with tempfile.TemporaryDirectory() as folder:
        _install(requirements, Path(folder) / "python")
        files = dict(kept(Path(folder)))
        _refuse_larger("unzipped", sum(path.stat().st_size for path in files.values()), MAX_UNZIPPED_BYTES)
        content = zipped(files, zipfile.ZIP_DEFLATED)
    _refuse_larger("zipped", len(content), MAX_ZIPPED_BYTES)
    package = put(target / LAYER, content)
    put(target / STAMP, requirements.read_bytes())
    return package


def _install(requirements: Path, target: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--target", str(target), "--requirement", str(requirements)]
    command += ["--python-platform", PLATFORM, "--python-version", RUNTIME.removeprefix("python")]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise PackagingError(
            f"The layer's libraries could not be installed for {ARCHITECTURE}: {exc}"
        ) from exc


def kept(folder: Path) -> Iterator[tuple[str, Path]]:
    """What of the installed libraries goes into the layer: name below `folder`, and path."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_file() and not UNUSED_NAMES & set(inside.parts) and path.suffix not in UNUSED_ENDS:
            yield inside.as_posix(), path


def _refuse_larger(how: str, size: int, limit: int) -> None:
    if size > limit:
        raise PackagingError(
            f"The layer of the report function has {size / 1e6:.0f} MB {how}, but Lambda takes"
            f" {limit / 1e6:.0f} MB; drop a library from {REQUIREMENTS}, or leave more out here."
        )


def main() -> None:
    """Builds the layer of this repository into build/, unless it is there."""
    root = Path(__file__).resolve().parent.parent
    target = root / "build"
    try:
        find(root, target)
    except PackagingError:
        build(root, target)


if __name__ == "__main__":
    main()
