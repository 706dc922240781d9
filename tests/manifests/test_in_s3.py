"""Sources and output in S3, with moto as the service."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.manifests.inventories import csv_inventory, row
from tests.manifests.outputs import NEW_JOB, Output
from thaw.manifests.errors import OutputError, SourceError
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_OUT = "s3://jobs/out/first"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="jobs")
        client.create_bucket(Bucket="inventories-of-photos")
        yield client


def _published(s3: "S3Client", folder: Path) -> str:
    """The inventory in `folder` in its destination bucket; returns the URI of its manifest."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        s3.upload_file(str(path), "inventories-of-photos", path.relative_to(folder).as_posix())
    manifest = next(folder.rglob("manifest.json")).relative_to(folder).as_posix()
    return f"s3://inventories-of-photos/{manifest}"


def _keys(s3: "S3Client", prefix: str = "") -> list[str]:
    return [
        item.get("Key", "") for item in s3.list_objects_v2(Bucket="jobs", Prefix=prefix).get("Contents", ())
    ]


def test_an_inventory_in_s3_becomes_an_output_in_s3(s3: "S3Client", tmp_path: Path) -> None:
    csv_inventory(tmp_path / "inv", [row("ä b"), row("c", version_id="v1")])
    summary = prepare([_published(s3, tmp_path / "inv")], _OUT, NEW_JOB, s3=s3)

    for key in _keys(s3):
        path = tmp_path / "copy" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file("jobs", key, str(path))
    output = Output(tmp_path / "copy" / "out" / "first", summary)
    assert output.identities() == [("photos", "ä b", "null"), ("photos", "c", "v1")]
    assert output.manifest("photos") == [("photos", "ä b", "null"), ("photos", "c", "v1")]
    assert json.loads((output.folder / "summary.json").read_text()) == json.loads(summary.to_json())


def test_the_summary_is_written_last_and_removed_first(s3: "S3Client", tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("photos,a\n")
    calls: list[tuple[str, str]] = []

    def note(params: dict[str, str], model: object, **_: object) -> None:
        calls.append((getattr(model, "name", ""), json.dumps(params, default=str)))

    prepare([str(tmp_path / "m.csv")], _OUT, NEW_JOB, s3=s3)
    s3.meta.events.register("before-parameter-build.s3", note)
    prepare([str(tmp_path / "m.csv")], _OUT, PrepareSettings("job-2", "Bulk", overwrite=True), s3=s3)

    writes = [(name, text) for name, text in calls if name in ("PutObject", "DeleteObjects")]
    assert [name for name, _ in writes] == ["DeleteObjects"] * 2 + ["PutObject"] * 4
    assert "out/first/summary.json" in writes[0][1]
    assert "out/first/rejects.csv" not in writes[0][1]
    assert "out/first/summary.json" in writes[-1][1]


def test_an_output_in_s3_needs_an_empty_prefix_of_its_own(s3: "S3Client", tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("photos,a\n")
    source = [str(tmp_path / "m.csv")]
    again = PrepareSettings("job-2", "Bulk", overwrite=True)
    s3.put_object(Bucket="jobs", Key="out/first-of-somebody-else", Body=b"")
    prepare(source, _OUT, NEW_JOB, s3=s3)

    with pytest.raises(OutputError, match="s3://jobs/out/first/ is not empty"):
        prepare(source, _OUT, NEW_JOB, s3=s3)
    s3.put_object(Bucket="jobs", Key="out/first/import/theirs", Body=b"")
    with pytest.raises(OutputError, match="has import/theirs, which Thaw did not write"):
        prepare(source, _OUT, again, s3=s3)
    assert "out/first/summary.json" in _keys(s3)


def test_what_is_missing_in_s3_is_named(s3: "S3Client") -> None:
    with pytest.raises(SourceError, match=r"s3://jobs/none/manifest.json cannot be read"):
        prepare(["s3://jobs/none/manifest.json"], _OUT, NEW_JOB, s3=s3)
    with pytest.raises(SourceError, match=r"s3://jobs/none.csv cannot be read"):
        prepare(["s3://jobs/none.csv"], _OUT, NEW_JOB, s3=s3)
    with pytest.raises(OutputError, match="s3://no-such-bucket/x/ cannot be listed"):
        prepare(["s3://jobs/none.csv"], "s3://no-such-bucket/x", NEW_JOB, s3=s3)
    assert _keys(s3) == []
