"""The layers of the functions that need compiled libraries, built by `make layer` for arm64.

They are for another machine, so that nothing here can run them. The functions' own zips are built at every
`up`.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from infra.errors import PackagingError
from infra.packaging import ARCHITECTURE, RUNTIME, Package, digest, put, zipped

PLATFORM = "aarch64-manylinux_2_28"
"""Of the runtime, Amazon Linux 2023 with glibc 2.34:
https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html"""

MAX_ZIPPED_BYTES = 50 * 10**6
MAX_UNZIPPED_BYTES = 250 * 10**6
"""Zipped for a direct upload, and unzipped with the function:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

UNUSED_NAMES = frozenset(("tests", "bin", "__pycache__", ".lock"))
UNUSED_ENDS = (".pyi", ".pyc", ".pyx", ".pxi", ".pxd", ".h", ".hpp", ".a", ".lib")
"""What no import reads: a seventh of the size."""

UNUSED_OF_PYARROW = (
    *("*flight*", "*substrait.[cp]*", "*substrait*.cpython*", "*_gcsfs*", "*_azurefs*", "*_hdfs*"),
    *("*s3fs*", "libarrow_s3*", "*parquet_encryption*", "*cpp_tests*", "include/*", "includes/*", "src/*"),
    *("libarrow_python.so", "libarrow_python.so.*.*"),
)
"""Remote file systems and services, which Thaw reaches by boto3; and the library that the wheel holds under
three names, but for the one it is linked by. libarrow_substrait stays: everything is linked to it."""


@dataclass(frozen=True)
class Layer:
    """The libraries of the function in `lambdas/<function>`, but for the files that `unused` names.

    One `through_bucket` may be larger than what can be uploaded directly: it goes through an object in S3.
    """

    function: str
    libraries: str
    unused: tuple[str, ...] = ()
    through_bucket: bool = False

    @property
    def requirements(self) -> str:
        """The pinned requirements, below the root of the repository."""
        return f"lambdas/{self.function}/requirements.txt"

    @property
    def file(self) -> str:
        """The zip's name in the build folder."""
        return f"{self.function.replace('_', '-')}-layer.zip"

    @property
    def stamp(self) -> str:
        """The file beside the zip: the requirements that it was built from."""
        return self.file.replace(".zip", ".txt")


REPORT = Layer("report", "pandas, DuckDB and PyAthena")
PREPARE = Layer(
    "prepare_job",
    "DuckDB, PyArrow and ISA-L",
    unused=tuple(f"python/pyarrow/{pattern}" for pattern in UNUSED_OF_PYARROW),
    through_bucket=True,
)
LAYERS = (REPORT, PREPARE)


def find(layer: Layer, root: Path, target: Path) -> Package:
    """The built layer in the folder `target`. Raises PackagingError when it is missing or of before."""
    path, stamp = target / layer.file, target / layer.stamp
    name = f"The layer of the function {layer.function}, {path},"
    if not path.exists() or not stamp.exists():
        raise PackagingError(f"{name} is not built; run `make layer`.")
    if stamp.read_bytes() != (root / layer.requirements).read_bytes():
        raise PackagingError(f"{name} is older than {layer.requirements}; run `make layer`.")
    return Package(path, digest(path.read_bytes()))


def build(layer: Layer, root: Path, target: Path) -> Package:
    """Installs the pinned requirements for Lambda's processor and zips them into `target`.

    Raises PackagingError when that fails, or the layer is larger than Lambda takes.
    """
    requirements = root / layer.requirements
    with tempfile.TemporaryDirectory() as folder:
        _install(requirements, Path(folder) / "python")
        files = dict(kept(Path(folder), layer))
        size = sum(path.stat().st_size for path in files.values())
        _refuse_larger(layer, "unzipped", size, MAX_UNZIPPED_BYTES)
        content = zipped(files, zipfile.ZIP_DEFLATED)
    if not layer.through_bucket:
        _refuse_larger(layer, "zipped", len(content), MAX_ZIPPED_BYTES)
    package = put(target / layer.file, content)
    put(target / layer.stamp, requirements.read_bytes())
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


def kept(folder: Path, layer: Layer) -> Iterator[tuple[str, Path]]:
    """What of the libraries in `folder`/python goes into the layer: name below `folder`, and path."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        useless = UNUSED_NAMES & set(inside.parts) or path.suffix in UNUSED_ENDS
        left_out = any(fnmatch(inside.as_posix(), pattern) for pattern in layer.unused)
        if path.is_file() and not useless and not left_out:
            yield inside.as_posix(), path


def _refuse_larger(layer: Layer, how: str, size: int, limit: int) -> None:
    if size > limit:
        raise PackagingError(
            f"The layer of the function {layer.function} has {size / 1e6:.0f} MB {how}, but Lambda takes"
            f" {limit / 1e6:.0f} MB; drop a library from {layer.requirements}, or leave more out here."
        )


def main() -> None:
    """Builds the layers of this repository into build/, unless they are there."""
    root = Path(__file__).resolve().parent.parent
    for layer in LAYERS:
        try:
            find(layer, root, root / "build")
        except PackagingError:
            build(layer, root, root / "build")


if __name__ == "__main__":
    main()
