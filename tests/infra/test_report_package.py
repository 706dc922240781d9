"""The report function's zip: with the layer's libraries and the runtime all that it needs, and no more."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra import modules
from infra.layers import REPORT
from infra.packaging import Package, build
from tests.infra.libraries import layer_libraries, link_libraries
from tests.infra.recording import ROOT

IN_LAMBDA = """
import json, sys
from datetime import UTC, datetime
from types import SimpleNamespace as Fake

task, layer = sys.argv[1:]
sys.path[:0] = [task, layer]
from lambdas.report.handler import Logger, Metrics, Settings, Tools, WriteReports, handler

sent = []
settings = Settings("rollups", "b", "", "t", "w", "c", "d", 24.0, 0.02, "123456789012", "eu-north-1")
pages = Fake(paginate=lambda **_: [{"Items": []}])

class Cursor:
    description = [(name,) for name in (
        "job_id bucket key version_id reason status since expires_at size_bytes error_code"
        " total_expired_uncopied total_failed total_expiring_uncopied total_restore_overdue"
        " total_untracked_copy").split()]
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def execute(self, sql): assert "judged_objects AS (" in sql, "the SQL files are there"
    def fetchall(self): return []

def head_object(**_):
    from botocore.exceptions import ClientError
    raise ClientError({"Error": {"Code": "404"}}, "HeadObject")

files = {}
tools = Tools(
    dynamodb=Fake(get_paginator=lambda _: pages),
    s3=Fake(head_object=head_object, put_object=lambda Key, Body, **_: files.update({Key: Body})),
    sns=Fake(publish=lambda **message: sent.append(message)),
    athena=lambda: Fake(cursor=lambda on_poll: Cursor(), close=lambda: None),
    now=lambda: datetime(2026, 11, 22, 3, tzinfo=UTC),
    pause=None,
)
metrics = Metrics(namespace="Thaw", service="report")
function = WriteReports(settings, tools, Logger(service="report"), metrics)
context = Fake(aws_request_id="1", get_remaining_time_in_millis=lambda: 900_000)
function.handle({"reports": ["progress", "attention"]}, context)
assert len(sent) == 1 and len(files) == 8
ours = [m for m in list(sys.modules.values()) if (getattr(m, "__file__", None) or "").startswith(task)]
print(json.dumps([m.__file__.removeprefix(task + "/") for m in ours]))
"""
"""A run over empty tables, with what the zip, the layer's libraries and the runtime bring."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build(ROOT, "report", tmp_path_factory.mktemp("build"))


def run_in_lambda(package: Package, task: Path, libraries: Path) -> set[str]:
    """Runs the function from the zip, unpacked into `task`; gives the modules it loaded from there."""
    zipfile.ZipFile(package.path).extractall(task)
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", IN_LAMBDA, str(task), str(libraries)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_function_runs_from_zip_layer_and_runtime_and_loads_every_module_of_ours_in_the_zip(
    package: Package, tmp_path: Path
) -> None:
    libraries = tmp_path / "libraries"
    link_libraries(REPORT, libraries)
    loaded = {name for name in run_in_lambda(package, tmp_path / "task", libraries) if ours(name)}
    held = {name for name in zipfile.ZipFile(package.path).namelist() if ours(name)}
    assert loaded == {name for name in held if name.endswith(".py")}, "no module too many, none too few"
    statements = {path.relative_to(ROOT).as_posix() for path in (ROOT / "analytics/sql").rglob("*.sql")}
    assert held - loaded == statements, "and the SQL"


def ours(name: str) -> bool:
    return name.split("/")[0] in modules.OUR_PACKAGES


def test_libraries_are_in_the_layer_and_nowhere_twice(package: Package) -> None:
    others = {name.split("/")[0] for name in zipfile.ZipFile(package.path).namelist() if not ours(name)}
    assert others == {"aws_lambda_powertools", "typing_extensions.py"}
    assert not {"boto3", "botocore", "pyarrow", "aws-lambda-powertools"} & set(layer_libraries(REPORT))
