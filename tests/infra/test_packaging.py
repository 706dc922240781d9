"""Lambda packages: the same input gives the same bytes, and the zip alone runs the handler."""

import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from infra import packaging
from infra.errors import PackagingError
from infra.packaging import Package, build, refuse_compiled, zipped
from tests.infra.recording import ROOT

RUNTIME_BRINGS = ("boto3", "botocore", "jmespath", "s3transfer", "dateutil", "urllib3", "six.py")

IN_LAMBDA = """
import sys
from types import SimpleNamespace as Fake

package, runtime = sys.argv[1:]
sys.path[:0] = [package, runtime]
from aws_lambda_powertools import Logger, Metrics
import thaw.store, typing_extensions
from lambdas.track_events.handler import TrackEvents, handler

for module in (sys.modules["aws_lambda_powertools"], thaw.store, typing_extensions):
    assert module.__file__.startswith(package), module.__file__

record = {"messageId": "1", "body": "no event", "attributes": {"ApproximateReceiveCount": "1"}}
sent = []
function = TrackEvents(
    settings=Fake(copy_rules=(), max_receive_count=5, dead_letter_queue_url="url"),
    writer=Fake(apply_telling=lambda _: Fake(results={}, records={})),
    sqs=Fake(send_message=lambda **message: sent.append(message)),
    logger=Logger(service="track_events"),
    metrics=Metrics(namespace="Thaw", service="track_events"),
)
assert function.handle({"Records": [record]}, Fake(aws_request_id="1")) == {"batchItemFailures": []}
assert len(sent) == 1
"""
"""A batch with one poison message, handled by what the zip and the runtime bring."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build(ROOT, "track_events", tmp_path_factory.mktemp("build"))


def names_in(package: Package) -> list[str]:
    return zipfile.ZipFile(package.path).namelist()


def test_the_same_input_gives_the_same_hash(package: Package, tmp_path: Path) -> None:
    again = build(ROOT, "track_events", tmp_path / "elsewhere")
    assert again.sha256 == package.sha256
    assert again.path.read_bytes() == package.path.read_bytes()
    assert [path.name for path in again.path.parent.iterdir()] == ["track_events.zip"]


def test_times_modes_and_order_of_the_files_do_not_matter(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("1")
    other.write_text("2")
    before = zipped({"one.py": one, "other.py": other})
    os.utime(one, (0, 10**9))
    one.chmod(0o700)
    assert zipped({"other.py": other, "one.py": one}) == before
    one.write_text("3")
    assert zipped({"one.py": one, "other.py": other}) != before


def test_the_package_holds_what_the_function_needs_and_nothing_else(package: Package) -> None:
    names = names_in(package)
    assert "lambdas/track_events/handler.py" in names
    assert {"thaw/__init__.py", "lambdas/__init__.py", "typing_extensions.py"} <= set(names)
    tops = {"thaw/core", "thaw/jobs", "thaw/store", "thaw/__init__.py"}
    tops |= {f"lambdas/{name}.py" for name in ("__init__", "environment", "metrics", "tools")}
    tops |= {"lambdas/track_events"}
    ours = [name for name in names if name.startswith(("thaw/", "lambdas/"))]
    assert {"/".join(name.split("/")[:2]) for name in ours} == tops
    others = {name.split("/")[0] for name in names} - {"thaw", "lambdas"}
    assert others == {"aws_lambda_powertools", "typing_extensions.py"}
    assert not [name for name in names if name.endswith((".pyc", ".so")) or "__pycache__" in name]


def test_every_entry_has_the_fixed_time_and_mode(package: Package) -> None:
    for entry in zipfile.ZipFile(package.path).infolist():
        assert entry.date_time == packaging.TIMESTAMP
        assert entry.external_attr >> 16 == packaging.MODE, "readable by the user that Lambda runs as"


def test_the_function_runs_from_the_zip_and_the_runtime_alone(package: Package, tmp_path: Path) -> None:
    for name in RUNTIME_BRINGS:
        (tmp_path / name).symlink_to(Path(str(metadata.distribution("boto3").locate_file(name))))
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IN_LAMBDA, str(package.path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert '"PoisonMessages":[1.0]' in run.stdout, "its metrics are written, too"


def test_compiled_code_is_refused_by_name() -> None:
    with pytest.raises(PackagingError) as caught:
        refuse_compiled("pydantic-core", ["pydantic_core/__init__.py", "pydantic_core/_core.so"])
    assert str(caught.value) == (
        "pydantic-core holds compiled code (pydantic_core/_core.so) for this machine, but the function runs"
        " on Linux arm64; use a pure Python version of it or a Lambda layer."
    )


def test_a_distribution_that_is_not_installed_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packaging, "DISTRIBUTIONS", ("no-such-distribution",))
    with pytest.raises(PackagingError, match="needs no-such-distribution, which is not installed here"):
        build(ROOT, "track_events", tmp_path)
