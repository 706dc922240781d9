"""The packages of the functions of jobs: each runs by itself, on what the runtime brings."""

import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from infra.jobs.functions import API_FUNCTION, FUNCTIONS, handler
from infra.layers import PREPARE
from infra.packaging import build
from tests.infra.recording import ROOT
from tests.infra.test_packaging import RUNTIME_BRINGS

FOLDERS = [folder for folder in (*FUNCTIONS, API_FUNCTION) if folder != PREPARE.function]

IMPORTING = """
import sys
from importlib import import_module

package, runtime, module, name = sys.argv[1:]
sys.path[:0] = [package, runtime]
entry = import_module(module)
assert entry.__file__.startswith(package), entry.__file__
assert callable(getattr(entry, name))
"""


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_imported_from_its_zip_and_the_runtime_alone(folder: str, tmp_path: Path) -> None:
    for name in RUNTIME_BRINGS:
        (tmp_path / name).symlink_to(Path(str(metadata.distribution("boto3").locate_file(name))))
    package = build(ROOT, folder, tmp_path / "build")
    module, _, name = handler(folder).rpartition(".")
    arguments = [str(package.path), str(tmp_path), module, name]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORTING, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_a_function_s_zip_holds_no_other_function(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build(ROOT, "start_job", tmp_path).path).namelist()
    ours = {name.split("/")[1] for name in names if name.startswith("lambdas/")}
    assert ours == {
        "start_job",
        *(f"{name}.py" for name in ("__init__", "environment", "job_settings", "tools")),
    }


def test_what_prepares_jobs_brings_the_prices_it_reckons_with(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build(ROOT, PREPARE.function, tmp_path).path).namelist()
    assert [name for name in names if name.startswith("analytics/prices/")]
