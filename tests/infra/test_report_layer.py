"""The layer of the report function: asked for when it is missing or old, and as built, fit for Lambda."""

import ast
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from infra import modules, report_layer
from infra.config import BUILD_VARIABLE, load_build_folder
from infra.errors import PackagingError
from infra.packaging import Package, build, digest, put
from infra.report_layer import LAYER, MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES, REQUIREMENTS, STAMP, find
from local.deployer.layers import stand_in
from tests.infra.recording import ROOT
from tests.infra.test_report_package import (
    installed_libraries,
    layer_libraries,
    link_runtime,
    run_in_lambda,
)

AARCH64 = 0xB7
"""e_machine of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the layer's requirements."""
    requirements = tmp_path / REQUIREMENTS
    requirements.parent.mkdir(parents=True)
    requirements.write_text("duckdb==2.0.0\n")
    return tmp_path


def test_a_layer_that_is_not_built_is_asked_for(root: Path) -> None:
    with pytest.raises(PackagingError) as raised:
        find(root, root / "build")
    path = root / "build" / LAYER
    assert str(raised.value) == f"The layer of the report function, {path}, is not built; run `make layer`."


def test_a_layer_of_other_requirements_is_asked_for_anew(root: Path) -> None:
    target = root / "build"
    put(target / LAYER, b"zip")
    put(target / STAMP, b"duckdb==1.0.0\n")
    with pytest.raises(
        PackagingError, match=r"is older than lambdas/report/requirements.txt; run `make layer`"
    ):
        find(root, target)
    put(target / STAMP, b"duckdb==2.0.0\n")
    assert find(root, target) == Package(target / LAYER, digest(b"zip"))


def test_tests_and_the_demo_need_no_layer_and_leave_that_for_aws_alone(root: Path) -> None:
    stand_in(root, root / "build" / "local")
    assert find(root, root / "build" / "local").path.exists()
    with pytest.raises(PackagingError):
        find(root, root / "build")


def test_builds_for_aws_are_in_build_unless_the_environment_says_otherwise(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BUILD_VARIABLE, raising=False)
    assert load_build_folder(root) == root / "build"
    monkeypatch.setenv(BUILD_VARIABLE, "/elsewhere")
    assert load_build_folder(root) == Path("/elsewhere")


def test_a_library_that_cannot_be_had_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(root / "python"))
    with pytest.raises(PackagingError, match=r"libraries could not be installed for arm64: .*/uv"):
        report_layer.build(root, root / "build")


def test_what_no_import_reads_is_left_out_and_what_is_too_large_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(_requirements: Path, target: Path) -> None:
        for name in ("a/x.py", "a/x.pyi", "a/tests/test_x.py", "a.dist-info/METADATA", "bin/a", ".lock"):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text("12345")

    monkeypatch.setattr(report_layer, "_install", install)
    package = report_layer.build(root, root / "build")
    assert zipfile.ZipFile(package.path).namelist() == ["python/a.dist-info/METADATA", "python/a/x.py"]
    assert find(root, root / "build") == package
    assert report_layer.build(root, root / "elsewhere").sha256 == package.sha256
    monkeypatch.setattr(report_layer, "MAX_UNZIPPED_BYTES", 9)
    with pytest.raises(PackagingError, match="has 0 MB unzipped, but Lambda takes 0 MB; drop a library"):
        report_layer.build(root, root / "build")


@pytest.fixture(scope="module")
def built() -> zipfile.ZipFile:
    return zipfile.ZipFile(find(ROOT, ROOT / "build").path)


@pytest.mark.layer
def test_lambda_takes_the_layer(built: zipfile.ZipFile) -> None:
    assert Path(str(built.filename)).stat().st_size <= MAX_ZIPPED_BYTES
    assert sum(entry.file_size for entry in built.infolist()) <= 0.9 * MAX_UNZIPPED_BYTES, (
        "the function comes too"
    )
    assert all(name.startswith("python/") for name in built.namelist()), "what Lambda puts on the path"


@pytest.mark.layer
def test_compiled_code_is_for_arm64_alone(built: zipfile.ZipFile) -> None:
    compiled = [name for name in built.namelist() if ".so" in Path(name).name]
    assert len(compiled) > 50, "numpy, pandas, duckdb"
    for name in compiled:
        header = built.read(name)[:20]
        assert header[:4] == b"\x7fELF", name
        assert int.from_bytes(header[18:20], "little") == AARCH64, name
    assert not [name for name in built.namelist() if name.endswith((".dylib", ".pyd"))]


@pytest.mark.layer
def test_every_library_that_the_function_imports_is_there(built: zipfile.ZipFile) -> None:
    tops = {name.split("/")[1].partition(".")[0] for name in built.namelist()}
    runtime = {"boto3", "botocore", "aws_lambda_powertools", *sys.stdlib_module_names}
    imported = {
        top
        for path in modules.files_of(ROOT, "lambdas.report.handler").values()
        if path.suffix == ".py"
        for top in imported_at_run_time(ast.parse(path.read_text()))
    }
    assert imported - runtime - set(modules.OUR_PACKAGES) == {"duckdb", "numpy", "pandas", "pyathena"} <= tops
    assert not {"pyarrow", "boto3", "botocore"} & tops


def imported_at_run_time(tree: ast.AST) -> set[str]:
    """The top packages that a module imports, but for type checkers."""
    tops: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            tops.add(node.module.split(".")[0])
        else:
            tops |= imported_at_run_time(node)
    return tops


@pytest.mark.layer
def test_the_function_runs_without_what_the_layer_leaves_out(tmp_path: Path) -> None:
    whole, libraries = tmp_path / "whole", tmp_path / "libraries"
    whole.mkdir()
    for name, path in installed_libraries().items():
        if path.is_dir():
            shutil.copytree(path, whole / name)
        else:
            shutil.copy(path, whole / name)
    for name, path in report_layer.kept(whole):
        (libraries / name).parent.mkdir(parents=True, exist_ok=True)
        path.rename(libraries / name)
    link_runtime(libraries)
    assert run_in_lambda(build(ROOT, "report", tmp_path), tmp_path / "task", libraries)


@pytest.mark.layer
def test_the_layer_holds_what_is_pinned(built: zipfile.ZipFile) -> None:
    named = {name.split("/")[1].partition("-")[0] for name in built.namelist() if ".dist-info/" in name}
    assert named == {name.replace("-", "_") for name in layer_libraries()}
