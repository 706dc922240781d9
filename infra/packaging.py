"""Lambda packages: a zip that is the same, byte for byte, whenever its content is."""

import base64
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from infra import modules
from infra.errors import PackagingError

RUNTIME = "python3.13"
"""Supported until 30 June 2029; 3.12 goes on 31 October 2028
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html)."""

ARCHITECTURE = "arm64"

DISTRIBUTIONS = ("aws-lambda-powertools", "typing-extensions")
"""What the functions import beyond the runtime's own boto3 and jmespath
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html)."""

SDK = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "python-dateutil", "six")
SDK_SERVICES = ("dynamodb", "s3", "sqs", "stepfunctions")
BRINGS_SDK = frozenset(("copy_objects", "copy_large"))
"""These functions write and delete under conditions (If-None-Match of CopyObject, If-Match of DeleteObject)
that are younger than the boto3 that a runtime may have, so they bring the pinned one, with these services
alone: the code comes before the runtime's own on the path."""

UNUSED = ("aws_lambda_powertools/event_handler/", "boto3/data/", "boto3/examples/")
"""The part for HTTP APIs, which no function here answers: a third of the size. Then resources, which boto3
makes beside clients."""

_MODELS = "botocore/data/"

COMPILED = (".so", ".pyd", ".dylib")
BYTECODE = (".pyc", ".pyo")

TIMESTAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold."""
MODE = 0o100644


@dataclass(frozen=True)
class Package:
    """A built zip: its path and its content's SHA-256, base64 as Lambda spells it (CodeSha256)."""

    path: Path
    sha256: str


def build(root: Path, function: str, target: Path) -> Package:
    """Builds the package of `lambdas/<function>` under `root` into the folder `target`.

    Raises PackagingError when a distribution is missing or holds compiled code.
    """
    files = {**modules.files_of(root, f"lambdas.{function}.handler"), **_distribution_files(function)}
    path = target / f"{function}.zip"
    return put(path, zipped(files))


def put(path: Path, content: bytes) -> Package:
    """Makes the content a package at this path."""
    _replace(path, content)
    return Package(path, digest(content))


def digest(content: bytes) -> str:
    """SHA-256 as Lambda spells it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def zipped(files: Mapping[str, Path], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of the files under their names, which depends on names and contents alone.

    It is not compressed, unless asked for: what a compressor makes of the same content differs from one
    zlib to the next.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, TIMESTAMP)
            entry.create_system = 3  # Unix, whatever builds it
            entry.external_attr = MODE << 16
            entry.compress_type = compression
            archive.writestr(entry, files[name].read_bytes())
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Puts the content there at once: another `pulumi` may be reading the file of before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(path)


def _distribution_files(function: str) -> dict[str, Path]:
    distributions = (*DISTRIBUTIONS, *(SDK if function in BRINGS_SDK else ()))
    return {name: path for each in distributions for name, path in _recorded(each)}


@cache
def _recorded(name: str) -> Sequence[tuple[str, Path]]:
    """The files of an installed distribution, as its RECORD lists them, without metadata and bytecode."""
    try:
        files = metadata.distribution(name).files or []
    except metadata.PackageNotFoundError as exc:
        raise PackagingError(
            f"The package needs {name}, which is not installed here; run `pip install -r requirements.txt`."
        ) from exc
    refuse_compiled(name, [file.as_posix() for file in files])
    return [(file.as_posix(), Path(str(file.locate()))) for file in files if _belongs(file.as_posix())]


def _belongs(name: str) -> bool:
    outside = name.startswith("..") or ".dist-info/" in name
    used = not name.endswith(BYTECODE) and not name.startswith(UNUSED) and not _is_model_of_others(name)
    return used and not outside


def _is_model_of_others(name: str) -> bool:
    """Whether it describes a service that no function of `BRINGS_SDK` calls."""
    service, inside, _ = name.removeprefix(_MODELS).partition("/")
    return name.startswith(_MODELS) and bool(inside) and service not in SDK_SERVICES


def refuse_compiled(distribution: str, names: Iterable[str]) -> None:
    """Raises PackagingError for compiled code: built for this machine, it need not run on Lambda."""
    compiled = [name for name in names if name.endswith(COMPILED)]
    if compiled:
        raise PackagingError(
            f"{distribution} holds compiled code ({compiled[0]}) for this machine, but the function runs on"
            f" Linux {ARCHITECTURE}; use a pure Python version of it or a Lambda layer."
        )
