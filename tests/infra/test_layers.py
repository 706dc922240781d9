"""The layers: asked for when they are missing or old, and as built, fit for Lambda."""

import ast
import sys
import zipfile
from pathlib import Path

import pytest

from infra import layers, modules
from infra.config import BUILD_VARIABLE, load_build_folder
from infra.errors import PackagingError
from infra.layers import (
    LAYERS,
    MAX_UNZIPPED_BYTES,
    MAX_ZIPPED_BYTES,
    PREPARE,
    REPORT,
    Layer,
    find,
)
from infra.packaging import Package, build, digest, put
from local.deployer.layers import stand_in
from tests.infra.libraries import layer_libraries, pins, trim_libraries
from tests.infra.recording import ROOT
from tests.infra.test_report_package import run_in_lambda

AARCH64 = 0xB7
"""e_machine of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""

EACH = pytest.mark.parametrize("layer", LAYERS, ids=[layer.function for layer in LAYERS])

IMPORTED = {
    REPORT: {"duckdb", "numpy", "pandas", "pyathena"},
    PREPARE: {"duckdb", "isal", "numpy", "pyarrow"},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the requirements of the layers."""
    for layer in LAYERS:
        requirements = tmp_path / layer.requirements
        requirements.parent.mkdir(parents=True)
        requirements.write_text("duckdb==2.0.0\n")
    return tmp_path


def test_the_layers_do_not_share_a_file() -> None:
    assert [(layer.file, layer.stamp) for layer in LAYERS] == [
        ("report-layer.zip", "report-layer.txt"),
        ("prepare-job-layer.zip", "prepare-job-layer.txt"),
    ]


@EACH
def test_a_layer_that_is_not_built_is_asked_for(layer: Layer, root: Path) -> None:
    with pytest.raises(PackagingError) as raised:
        find(layer, root, root / "build")
    path = root / "build" / layer.file
    assert str(raised.value) == (
        f"The layer of the function {layer.function}, {path}, is not built; run `make layer`."
    )


@EACH
def test_a_layer_of_other_requirements_is_asked_for_anew(layer: Layer, root: Path) -> None:
    target = root / "build"
    put(target / layer.file, b"zip")
    put(target / layer.stamp, b"duckdb==1.0.0\n")
    with pytest.raises(PackagingError, match=rf"is older than {layer.requirements}; run `make layer`"):
        find(layer, root, target)
    put(target / layer.stamp, b"duckdb==2.0.0\n")
    assert find(layer, root, target) == Package(target / layer.file, digest(b"zip"))


def test_tests_and_the_demo_need_no_layer_and_leave_that_for_aws_alone(root: Path) -> None:
    stand_in(root, root / "build" / "local")
    for layer in LAYERS:
        assert find(layer, root, root / "build" / "local").path.exists()
        with pytest.raises(PackagingError):
            find(layer, root, root / "build")


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
        layers.build(REPORT, root, root / "build")


FILES = (
    *("a/x.py", "a/x.pyi", "a/tests/test_x.py", "a.dist-info/METADATA", "bin/a", ".lock"),
    *("pyarrow/_s3fs.so", "pyarrow/libarrow.so.1", "pyarrow/libarrow_python.so", "pyarrow/x.pxi"),
    *("pyarrow/libarrow_python.so.1", "pyarrow/libarrow_python.so.1.2.3", "pyarrow/src/a/b.cc"),
)


@pytest.fixture
def installing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of libraries, files of five bytes."""

    def install(_requirements: Path, target: Path) -> None:
        for name in FILES:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text("12345")

    monkeypatch.setattr(layers, "_install", install)


@pytest.mark.usefixtures("installing")
def test_what_no_import_reads_is_left_out(root: Path) -> None:
    package = layers.build(PREPARE, root, root / "build")
    assert zipfile.ZipFile(package.path).namelist() == [
        "python/a.dist-info/METADATA",
        "python/a/x.py",
        "python/pyarrow/libarrow.so.1",
        "python/pyarrow/libarrow_python.so.1",
    ]
    assert find(PREPARE, root, root / "build") == package
    assert layers.build(PREPARE, root, root / "elsewhere").sha256 == package.sha256
    report = layers.build(REPORT, root, root / "build")
    assert len(zipfile.ZipFile(report.path).namelist()) == len(FILES) - 5, "what is general alone"


@pytest.mark.usefixtures("installing")
def test_what_is_too_large_is_refused_unless_it_goes_through_a_bucket(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MAX_ZIPPED_BYTES", 9)
    with pytest.raises(PackagingError, match="function report has 0 MB zipped, but Lambda takes 0 MB; drop"):
        layers.build(REPORT, root, root / "build")
    assert layers.build(PREPARE, root, root / "build")
    monkeypatch.setattr(layers, "MAX_UNZIPPED_BYTES", 9)
    for layer in LAYERS:
        with pytest.raises(PackagingError, match="has 0 MB unzipped, but Lambda takes 0 MB; drop a library"):
            layers.build(layer, root, root / "build")


@EACH
def test_a_layer_has_the_versions_that_everything_is_tested_with(layer: Layer) -> None:
    tested = dict(line.split("==") for line in pins(ROOT / "requirements.txt"))
    for line in pins(ROOT / layer.requirements):
        name, version = line.split("==")
        assert tested[name] == version, f"{name}: run `make lock`"


@EACH
def test_the_libraries_that_a_function_imports_are_those_of_its_layer(layer: Layer) -> None:
    runtime = {"boto3", "botocore", "aws_lambda_powertools", *sys.stdlib_module_names}
    imported = {
        top
        for path in modules.files_of(ROOT, f"lambdas.{layer.function}.handler").values()
        if path.suffix == ".py"
        for top in imported_at_run_time(ast.parse(path.read_text()))
    }
    assert imported - runtime - set(modules.OUR_PACKAGES) == IMPORTED[layer] <= set(layer_libraries(layer))


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


def built(layer: Layer) -> zipfile.ZipFile:
    return zipfile.ZipFile(find(layer, ROOT, ROOT / "build").path)


@pytest.mark.layer
@EACH
def test_lambda_takes_the_layer(layer: Layer) -> None:
    archive = built(layer)
    zipped = Path(str(archive.filename)).stat().st_size
    assert zipped <= MAX_ZIPPED_BYTES or layer.through_bucket
    assert sum(entry.file_size for entry in archive.infolist()) <= 0.9 * MAX_UNZIPPED_BYTES, (
        "the function comes too"
    )
    assert all(name.startswith("python/") for name in archive.namelist()), "what Lambda puts on the path"


@pytest.mark.layer
@EACH
def test_compiled_code_is_for_arm64_alone(layer: Layer) -> None:
    archive = built(layer)
    compiled = [name for name in archive.namelist() if ".so" in Path(name).name]
    assert len(compiled) > 40, "numpy and others"
    for name in compiled:
        header = archive.read(name)[:20]
        assert header[:4] == b"\x7fELF", name
        assert int.from_bytes(header[18:20], "little") == AARCH64, name
    assert not [name for name in archive.namelist() if name.endswith((".dylib", ".pyd"))]


@pytest.mark.layer
@EACH
def test_the_layer_holds_what_is_pinned_and_nothing_of_the_runtime(layer: Layer) -> None:
    names = built(layer).namelist()
    named = {name.split("/")[1].partition("-")[0] for name in names if ".dist-info/" in name}
    assert named == {name.replace("-", "_") for name in layer_libraries(layer)}
    tops = {name.split("/")[1].partition(".")[0] for name in names}
    assert tops >= IMPORTED[layer]
    assert not {"boto3", "botocore"} & tops


@pytest.mark.layer
def test_the_report_function_runs_without_what_its_layer_leaves_out(tmp_path: Path) -> None:
    libraries = trim_libraries(REPORT, tmp_path / "layer")
    assert run_in_lambda(build(ROOT, "report", tmp_path), tmp_path / "task", libraries)
