"""The prepare_job function's zip: with its layer and the runtime all that it needs, and no more."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.layers import PREPARE
from infra.packaging import Package, build
from tests.infra.libraries import link_libraries, trim_libraries
from tests.infra.recording import ROOT
from tests.infra.test_report_package import ours
from tests.manifests.inventories import csv_inventory, orc_inventory, parquet_inventory, row

IN_LAMBDA = """
import io, json, sys
from datetime import UTC, datetime
from types import SimpleNamespace as Fake

task, layer, folder = sys.argv[1:]
sys.path[:0] = [task, layer]
from lambdas.prepare_job.handler import Logger, Metrics, Preparation, PrepareJob, Prices, handler, load_prices
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings
from pathlib import Path

settings = PrepareSettings("j", "Bulk", sort=True)
rows = {
    source: prepare([f"{folder}/{source}"], f"{folder}/out{number}", settings).objects
    for number, source in enumerate(json.loads(sys.stdin.read()))
}

files = {"m.csv": b"photos,a\\n"}

def put(Bucket, Key, Body): files[Key] = Body

def get(Bucket, Key):
    if Key not in files:
        from botocore.exceptions import ClientError
        raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
    return {"Body": io.BytesIO(files[Key])}

listed = {"Key": "a", "Size": 1, "StorageClass": "GLACIER", "LastModified": datetime(2020, 1, 1, tzinfo=UTC)}
s3 = Fake(
    head_object=lambda Bucket, Key: {"ContentLength": len(files[Key])},
    download_file=lambda bucket, key, path: Path(path).write_bytes(files[key]),
    upload_file=lambda path, bucket, key: put(bucket, key, Path(path).read_bytes()),
    put_object=put, get_object=get, delete_objects=lambda **_: {},
    get_paginator=lambda _: Fake(paginate=lambda **_: []),
    list_objects_v2=lambda **_: {"IsTruncated": False, "Contents": [listed]},
)
states = {}
request = JobRequest("photos", "Bulk", manifest="s3://manifests/m.csv", expiration_days=1)
states["j"] = JobState("j", request, JobStatus.PREPARING, "2026-11-21T09:00:00.000Z")
def update(job_id, change): return states.setdefault("done", change(states["j"]))
prices = load_prices()
rules = JobRules("us-east-1", ("photos",), ("manifests",))
preparation = Preparation(
    Fake(read=states.__getitem__, update=update), s3, "jobs", rules, Prices(prices.date, prices.regions),
    10**9, lambda: datetime(2026, 11, 22, 3, tzinfo=UTC),
)
function = PrepareJob(preparation, Logger(service="p"), Metrics(namespace="Thaw", service="p"))
context = Fake(aws_request_id="1", get_remaining_time_in_millis=lambda: 900_000)
answer = function.handle({"job_id": "j"}, context)
assert answer["done"] and answer["parts"] == 1, answer
assert states["done"].validated.cost_usd, states
ours = [m for m in list(sys.modules.values()) if (getattr(m, "__file__", None) or "").startswith(task)]
print(json.dumps([rows, [m.__file__.removeprefix(task + "/") for m in ours]]))
"""
"""Prepares inventories of the folder, then a job, with what the zip, the layer and the runtime bring."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build(ROOT, "prepare_job", tmp_path_factory.mktemp("build"))


def run(package: Package, tmp_path: Path, libraries: Path) -> set[str]:
    """The modules that are loaded from the zip to prepare all kinds of manifests."""
    for make in (csv_inventory, parquet_inventory, orc_inventory):
        (tmp_path / make.__name__).mkdir()
        make(tmp_path / make.__name__, [row("a"), row("b", version_id="v1")])
    sources = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*/manifest.json")]
    zipfile.ZipFile(package.path).extractall(tmp_path / "task")
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-c",
            IN_LAMBDA,
            str(tmp_path / "task"),
            str(libraries),
            str(tmp_path),
        ],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows, loaded = json.loads(done.stdout.splitlines()[-1])
    assert list(rows.values()) == [2, 2, 2]
    return {name for name in loaded if ours(name)}


def test_the_function_runs_from_zip_layer_and_runtime_and_loads_every_module_of_ours_in_the_zip(
    package: Package, tmp_path: Path
) -> None:
    link_libraries(PREPARE, tmp_path / "libraries")
    loaded = run(package, tmp_path, tmp_path / "libraries")
    held = {name for name in zipfile.ZipFile(package.path).namelist() if ours(name)}
    assert loaded == {name for name in held if name.endswith(".py")}, "no module too many, none too few"
    prices = {path.relative_to(ROOT).as_posix() for path in (ROOT / "analytics/prices").glob("*.json")}
    assert held - loaded == prices, "and the prices"


def test_libraries_are_in_the_layer_and_not_in_the_zip(package: Package) -> None:
    others = {name.split("/")[0] for name in zipfile.ZipFile(package.path).namelist() if not ours(name)}
    assert others == {"aws_lambda_powertools", "typing_extensions.py"}


@pytest.mark.layer
def test_csv_parquet_and_orc_are_read_with_what_the_layer_leaves_of_pyarrow(
    package: Package, tmp_path: Path
) -> None:
    libraries = trim_libraries(PREPARE, tmp_path / "layer")
    assert not list(libraries.glob("pyarrow/*flight*"))
    run(package, tmp_path, libraries)
