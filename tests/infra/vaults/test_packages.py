"""The packages of the functions of vault transfers: each runs by itself, on what the runtime brings."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.jobs.functions import handler
from infra.layers import PREPARE
from infra.packaging import build
from infra.vaults.functions import PREPARING, VAULT_FUNCTIONS
from tests.infra.jobs.test_packages import IMPORTING
from tests.infra.libraries import link_libraries, link_runtime
from tests.infra.recording import ROOT

each_function = pytest.mark.parametrize("folder", VAULT_FUNCTIONS)


@each_function
def test_a_function_is_imported_from_its_zip_its_layer_and_the_runtime_alone(
    folder: str, tmp_path: Path
) -> None:
    libraries = tmp_path / "libraries"
    if folder == PREPARING:
        link_libraries(PREPARE, libraries)
    else:
        libraries.mkdir()
        link_runtime(libraries)
    package = build(ROOT, folder, tmp_path / "build")
    module, _, name = handler(folder).rpartition(".")
    arguments = [str(package.path), str(libraries), module, name]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORTING, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@each_function
def test_a_function_s_zip_holds_no_other_function_and_no_library_of_the_laptop(
    folder: str, tmp_path: Path
) -> None:
    names = zipfile.ZipFile(build(ROOT, folder, tmp_path).path).namelist()
    folders = {name.split("/")[1] for name in names if name.startswith("lambdas/") and name.count("/") > 1}
    assert folders == {folder}
    tops = {name.split("/")[0] for name in names}
    assert tops <= {"lambdas", "thaw", "analytics", "aws_lambda_powertools", "typing_extensions.py"}
    if folder != PREPARING:
        assert "analytics" not in tops


def test_what_plans_brings_the_prices_it_reckons_with(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build(ROOT, PREPARING, tmp_path).path).namelist()
    assert [name for name in names if name.startswith("analytics/prices/")]
