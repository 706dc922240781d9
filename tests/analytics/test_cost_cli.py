"""`thaw cost`: what a new user types, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from analytics.__main__ import run
from thaw.core.prices import DESTINATION_CLASSES, Rate

ROOT = Path(__file__).resolve().parents[2]
BY_HAND = ["cost", "--objects", "1000", "--bytes", "1TiB", "--class", "DEEP_ARCHIVE"]
SUMMARY = {
    "schema": 1, "job_id": "july", "created_at": "2026-11-21T00:00:00.000Z", "tier": "Bulk",
    "objects": 30, "size_bytes": 3000, "objects_of_unknown_size": 0,
    "by_storage_class": {
        "GLACIER": {"objects": 20, "size_bytes": 2000}, "DEEP_ARCHIVE": {"objects": 10, "size_bytes": 1000},
    },
    "by_bucket": {"a": {"objects": 10, "size_bytes": 1000}, "b": {"objects": 20, "size_bytes": 2000}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    with mock_aws():
        yield


@pytest.fixture
def summary(tmp_path: Path) -> str:
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(SUMMARY))
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["cost", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_objects_bytes_and_class_are_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(BY_HAND) == 0
    shown, noted = capsys.readouterr()
    assert shown.startswith("DEEP_ARCHIVE: 1,000 objects, 1,099,511,627,776 bytes\n")
    assert "us-east-1, list prices as of 20" in shown
    assert noted == ""


def test_a_summary_is_priced_by_class_and_together_with_a_job_a_bucket(
    capsys: pytest.CaptureFixture[str], summary: str
) -> None:
    found = answer(capsys, summary)
    assert [part["storage_class"] for part in found["sections"]] == ["GLACIER", "DEEP_ARCHIVE", "all"]
    assert found["sections"][-1]["objects"] == 30
    assert found["batch_operations_jobs"] == 2
    assert found["sections"][-1]["tiers"]["Bulk"]["usd"]["batch_operations_jobs"] == 0.5


def test_a_summary_may_be_in_s3(capsys: pytest.CaptureFixture[str]) -> None:
    s3: Any = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="my-manifests")
    s3.put_object(Bucket="my-manifests", Key="july/summary.json", Body=json.dumps(SUMMARY))
    assert answer(capsys, "s3://my-manifests/july/summary.json")["sections"][-1]["objects"] == 30


def test_classes_may_be_given_together(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(
        capsys,
        *("--objects", "1", "--bytes", "1KB", "--class", "glacier"),
        *("--objects", "2", "--bytes", "2KiB", "--class", "DEEP_ARCHIVE"),
    )
    assert [(part["storage_class"], part["bytes"]) for part in found["sections"]] == [
        ("GLACIER", 1000),
        ("DEEP_ARCHIVE", 2048),
        ("all", 3048),
    ]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1500", 1500),
        ("20GB", 20 * 10**9),
        ("1.5TiB", 3 * 2**39),
        ("1.5 tb", 15 * 10**11),
        ("7B", 7),
    ],
)
def test_sizes_are_read_as_people_write_them(
    capsys: pytest.CaptureFixture[str], text: str, size: int
) -> None:
    found = answer(capsys, "--objects", "1", "--bytes", text, "--class", "GLACIER")
    assert found["sections"][0]["bytes"] == size


def test_copies_deletions_days_jobs_and_parts_are_counted(
    capsys: pytest.CaptureFixture[str], summary: str
) -> None:
    plain = answer(capsys, summary)
    found = answer(
        capsys, summary, "--to", "STANDARD_IA", "--to-region", "us-east-2", "--days", "14",
        "--delete-source", "--age-days", "10", "--jobs", "5",
    )  # fmt: skip
    assert (found["to"], found["to_region"], found["days"]) == ("STANDARD_IA", "us-east-2", 14)
    assert (found["deleted_at_days"], found["batch_operations_jobs"]) == (10, 5)
    assert found["sections"][-1]["new_storage_per_month_usd"] > 0
    before, after = (one["sections"][-1]["tiers"]["Bulk"]["usd"] for one in (plain, found))
    assert before["copy_requests"] == 0 < after["copy_requests"]
    assert after["batch_operations_jobs"] == 1.25


def test_objects_above_5_gb_are_copied_in_parts_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    large = ["cost", "--objects", "1000", "--bytes", "10TiB", "--class", "GLACIER", "--to", "STANDARD"]
    assert run([*large, "--part-size-mb", "1024", "--format", "json"]) == 0
    shown, noted = capsys.readouterr()
    usd = json.loads(shown)["sections"][0]["tiers"]["Bulk"]["usd"]
    assert usd["copy_requests"] == 1000 * (11 + 2) / 1000 * 0.005
    assert "GLACIER objects are above 5 GB on average" in noted


def test_a_price_that_is_not_known_is_said_with_the_way_out_and_may_be_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run([*BY_HAND, "--region", "us-west-2"]) == 0
    shown, noted = capsys.readouterr()
    assert "at least" in shown
    assert "no price is known of: Batch Operations: jobs" in noted
    assert "--prices" in noted
    own = tmp_path / "own.json"
    own.write_text('{"regions": {"us-west-2": {"batch_per_job": 9, "batch_per_million_objects": 1}}}')
    assert run([*BY_HAND, "--region", "us-west-2", "--prices", str(own)]) == 0
    shown, noted = capsys.readouterr()
    assert "9.00" in shown
    assert "Batch Operations" not in noted


def test_objects_of_unknown_size_are_said_to_be_missing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "summary.json"
    path.write_text(json.dumps({**SUMMARY, "objects_of_unknown_size": 30}))
    assert run(["cost", str(path)]) == 0
    shown, noted = capsys.readouterr()
    assert "the size of 30 objects is unknown" in noted
    assert "at least" in shown
    assert not answer(capsys, str(path))["sections"][0]["tiers"]["Bulk"]["complete"]


@pytest.mark.parametrize(("objects", "hours"), [(3_599_999, None), (3_600_000, 1), (100_000_000, 27)])
def test_the_hours_of_requesting_many_objects_are_said(
    capsys: pytest.CaptureFixture[str], objects: int, hours: int | None
) -> None:
    assert run(["cost", "--objects", str(objects), "--bytes", "1TB", "--class", "GLACIER"]) == 0
    said = capsys.readouterr().err
    assert (f"another {hours} h or more" in said) is (hours is not None)


def test_csv_is_for_a_spreadsheet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*BY_HAND, "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith(
        "storage_class,tier,hours,line,usd\nDEEP_ARCHIVE,Expedited,,,\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cost"], "Give SUMMARY, or each of --objects, --bytes and --class as often"),
        (["cost", "--objects", "1", "--class", "GLACIER"], "(got 1, 0 and 1)"),
        ([*BY_HAND, *BY_HAND[1:]], "--class is given twice"),
        ([*BY_HAND, "summary.json"], "not both"),
        ([*BY_HAND, "--region", "mars-1"], "no prices for the Region 'mars-1'"),
        ([*BY_HAND, "--to", "STANDARD", "--to-region", "mars-1"], "no prices for the Region 'mars-1'"),
        ([*BY_HAND, "--to-region", "us-east-2"], "give their class too, with --to"),
        ([*BY_HAND, "--delete-source"], "give --age-days"),
        ([*BY_HAND, "--age-days", "3"], "give --delete-source too"),
        ([*BY_HAND, "--days", "0"], "0 is not in the range"),
        (["cost", "--objects", "-1", "--bytes", "1", "--class", "GLACIER"], "-1 is not in the range"),
        (["cost", "--objects", "1", "--bytes", "ten", "--class", "GLACIER"], "'ten' is no size: give bytes"),
        (["cost", "--objects", "1", "--bytes", "-1", "--class", "GLACIER"], "'-1' is no size"),
        (["cost", "--objects", "1", "--bytes", "1", "--class", "STANDARD"], "'STANDARD' is not one of"),
        (
            ["cost", "--objects", "0", "--bytes", "1", "--class", "GLACIER"],
            "0 --objects of GLACIER cannot have 1 --bytes",
        ),
        ([*BY_HAND, "--prices", "nowhere.json"], "nowhere.json"),
        (["cost", "nowhere.json"], "nowhere.json cannot be read: No such file or directory."),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_without_a_region_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert run(BY_HAND) == 2
    assert "Which Region? Give --region, or set AWS_REGION." in capsys.readouterr().err


def test_a_summary_with_objects_that_are_not_archived_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "summary.json"
    by_class = {"STANDARD": {"objects": 30, "size_bytes": 3000}}
    path.write_text(json.dumps({**SUMMARY, "by_storage_class": by_class}))
    assert run(["cost", str(path)]) == 2
    assert "Objects of class STANDARD need no restore" in capsys.readouterr().err


def test_the_docs_show_what_the_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    docs = (ROOT / "docs" / "cost.md").read_text()
    command, _, block = docs.partition("    $ thaw ")[2].partition("\n")
    assert run(command.split()) == 0
    shown = "".join(f"    {line}".rstrip() + "\n" for line in capsys.readouterr().out.splitlines())
    assert block.startswith(shown)


@pytest.mark.parametrize("name", [*Rate, *DESTINATION_CLASSES])
def test_every_price_and_class_is_in_the_docs(name: str) -> None:
    assert name in (ROOT / "docs" / "cost.md").read_text()
