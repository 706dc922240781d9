"""The packages of the functions of jobs: each runs by itself, on what the runtime brings."""

import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from infra.jobs.functions import API_FUNCTION, FUNCTIONS, handler
from infra.layers import PREPARE
from infra.packaging import BRINGS_SDK, SDK_SERVICES, build
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

MAX_SDK_BYTES = 10 * 10**6

ASKING = """
import sys

folder, *services = sys.argv[1:]
sys.path.insert(0, folder)
import boto3, botocore
from botocore.awsrequest import AWSResponse

for module in (boto3, botocore):
    assert module.__file__.startswith(folder), module.__file__
keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
clients = {name: boto3.client(name, region_name="eu-west-1", **keys) for name in services}
sent = []

class Raw:
    def stream(self):
        yield b"<CopyObjectResult/>"

def answered(request, **_):
    sent.append((request.method, request.url, dict(request.headers)))
    return AWSResponse(request.url, 200, {}, Raw())

s3 = clients["s3"]
s3.meta.events.register("before-send.s3", answered)
s3.copy_object(Bucket="copies", Key="k", CopySource="archive/k", IfNoneMatch="*")
s3.copy_object(Bucket="copies", Key="k", CopySource="archive/k", IfMatch="etag")
s3.delete_object(Bucket="archive", Key="k", IfMatch="etag")
asked = [{name.lower(): value for name, value in headers.items()} for *_, headers in sent]
none_match, match, deleted = asked
assert none_match["if-none-match"] in ("*", b"*"), none_match
assert match["if-match"] in ("etag", b"etag"), match
assert deleted["if-match"] in ("etag", b"etag"), deleted
"""
"""The requests of copies as the zip's own boto3 sends them, with their conditions."""


@pytest.mark.parametrize("folder", sorted(BRINGS_SDK))
def test_a_copier_s_zip_brings_a_boto3_that_knows_the_conditions_of_copies(
    folder: str, tmp_path: Path
) -> None:
    archive = zipfile.ZipFile(build(ROOT, folder, tmp_path).path)
    assert sum(entry.file_size for entry in archive.infolist()) < MAX_SDK_BYTES
    models = {name.split("/")[2] for name in archive.namelist() if name.count("/") > 2 and "/data/" in name}
    assert models == set(SDK_SERVICES)
    ours = [archive.read(name).decode() for name in archive.namelist() if name.startswith("lambdas/")]
    services = {found for text in ours for found in re.findall(r'boto3\.client\(\s*"(\w+)"', text)}
    assert "s3" in services
    archive.extractall(tmp_path / "task")
    arguments = [str(tmp_path / "task"), *services]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASKING, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


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
