"""`thaw report` as it is typed: what it prints, what it writes, what it refuses."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pandas as pd
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from pyathena.error import Error as AthenaError

from analytics import engines
from analytics.__main__ import run
from analytics.cli import clients
from analytics.cli.report_run import Wanted
from analytics.formats import write_parquet
from analytics.report_layout import Form, Home, latest_key
from analytics.reports import DTYPES
from analytics.schema import REPORTS
from analytics.sources.options import AthenaPlace
from tests.analytics.sources.records import ROWS, changed, csv_bytes
from tests.analytics.sources.test_athena import StandIn
from tests.analytics.sources.test_fleet import bucket as bucket
from tests.analytics.sources.test_fleet import reports as reports
from tests.analytics.test_cli import deployed as deployed
from tests.analytics.test_cli import registered as registered

AS_OF = ("--as-of", "2026-11-22T00:00:00Z")
PROGRESS = """\
job_id,status,objects,bytes,percent_objects,percent_bytes
job-2,PENDING,1,54975581388800,100.0,100.0
job-2,RESTORING,0,0,0.0,0.0
job-2,RESTORED,0,0,0.0,0.0
job-2,COPIED,0,0,0.0,0.0
job-2,FAILED,0,0,0.0,0.0
job-2,EXPIRED,0,0,0.0,0.0
"""

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("DEFAULT_REGION", "PROFILE", "ENDPOINT_URL"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name, value in {"REGION": "us-east-1", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A file of records."""
    path = tmp_path / "records.csv"
    path.write_bytes(csv_bytes(ROWS))
    return str(path)


def test_without_more_words_a_report_is_a_table(source: str, capsys: Capture) -> None:
    assert run(["report", "progress", "--source", source, *AS_OF]) == 0
    said = capsys.readouterr()
    assert "│ job-2 │ PENDING   │       1 │ 54,975,581,388,800 │" in said.out
    assert said.out.endswith("As of 2026-11-22 00:00:00 UTC, as are all times.\n")
    assert said.err == ""


def test_csv_and_json_of_one_report_go_to_standard_output(source: str, capsys: Capture) -> None:
    asked = ["report", "progress", "--source", source, *AS_OF, "--job", "job-2"]
    assert run([*asked, "--format", "csv"]) == 0
    said = capsys.readouterr().out
    assert said == PROGRESS
    assert run([*asked, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [",".join(map(str, row.values())) for row in rows] == PROGRESS.splitlines()[1:]


def test_json_of_several_reports_is_one_object_in_their_usual_order(source: str, capsys: Capture) -> None:
    assert run(["report", "forecast", "progress", "forecast", "--source", source, "--format", "json"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["progress", "forecast"]


@pytest.mark.parametrize("file_format", ["csv", "parquet", "json"])
def test_all_reports_become_files_and_a_line_each(
    source: str, tmp_path: Path, capsys: Capture, file_format: str
) -> None:
    out = tmp_path / "out"
    asked = ["report", "all", "--source", source, *AS_OF, "--out", str(out)]
    assert run([*asked, "--format", file_format] if file_format != "csv" else asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{out}/{name}.{file_format}" for name in REPORTS]
    assert lines[0].endswith(": 12 rows")
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{name}.{file_format}" for name in REPORTS)
    for name, report in REPORTS.items():
        rows = duckdb.execute(f"DESCRIBE FROM '{out}/{name}.{file_format}'").fetchall()
        assert [row[0] for row in rows] == [column.name for column in report.columns], name


def test_the_page_is_one_file_that_says_where_it_is_from(
    source: str, tmp_path: Path, capsys: Capture
) -> None:
    assert (
        run(["report", "all", "--source", source, *AS_OF, "--format", "html", "--out", str(tmp_path / "o")])
        == 0
    )
    assert capsys.readouterr().out == f"{tmp_path}/o/report.html\n"
    page = (tmp_path / "o" / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert source in page
    assert "2026-11-22 00:00 UTC" in page


def test_as_of_leaves_out_what_happened_later(source: str, capsys: Capture) -> None:
    asked = ["report", "progress", "--source", source, "--job", "job-1", "--format", "csv"]
    copied: list[str] = []
    for as_of in ("2026-11-21T07:59:59Z", "2026-11-21T09:00:01+01:00"):
        assert run([*asked, "--as-of", as_of]) == 0
        rows = csv.DictReader(io.StringIO(capsys.readouterr().out))
        copied += [row["objects"] for row in rows if row["status"] == "COPIED"]
    assert copied == ["0", "1"]


def test_attention_hours_decide_what_expires_soon(source: str, capsys: Capture) -> None:
    reasons: list[list[str]] = []
    for hours in ("1", "200"):
        asked = [
            "report",
            "attention",
            "--source",
            source,
            "--as-of",
            "2026-11-21T07:45:00Z",
            "--format",
            "csv",
        ]
        assert run([*asked, "--attention-hours", hours]) == 0
        reasons.append([row["reason"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))])
    assert "expiring_uncopied" not in reasons[0]
    assert "expiring_uncopied" in reasons[1]


def costs(capsys: Capture, *arguments: str) -> float:
    assert run(["report", "temporary_storage", *arguments, *AS_OF, "--format", "csv"]) == 0
    return sum(float(row["cost_usd"]) for row in csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_costs_are_of_the_region_asked_for(
    source: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = costs(capsys, "--source", source)
    assert here > 0
    dearer = costs(capsys, "--source", source, "--region", "sa-east-1")
    assert dearer > here
    monkeypatch.setenv("AWS_REGION", "sa-east-1")
    assert costs(capsys, "--source", source) == dearer, "the environment's Region is the default"


def test_prices_of_ones_own_are_taken(source: str, tmp_path: Path, capsys: Capture) -> None:
    prices = {"regions": {"us-east-1": {"storage_per_gb_month": {"STANDARD": 1000}}}}
    (tmp_path / "mine.json").write_text(json.dumps(prices))
    assert (
        costs(capsys, "--source", source, "--prices", str(tmp_path / "mine.json"))
        > costs(capsys, "--source", source) * 1000
    )


def test_without_any_region_it_is_said_whose_prices_are_taken(
    source: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    assert run(["report", "temporary_storage", "--source", source]) == 0
    assert (
        capsys.readouterr().err
        == "Costs are of us-east-1: no --region was given, and the environment names none.\n"
    )
    assert run(["report", "progress", "--source", source]) == 0
    assert capsys.readouterr().err == "", "no cost, no Region"


def test_a_contradicted_status_is_said_on_standard_error(source: str, capsys: Capture) -> None:
    Path(source).write_bytes(csv_bytes(changed(2, status="COPIED")))
    assert run(["report", "progress", "--source", source, "--format", "csv"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("job_id,status,")
    assert "1 stored status contradicts its times and is derived again" in said.err


def test_the_live_tables_are_a_source(registered: Any, capsys: Capture) -> None:
    assert registered
    capsys.readouterr()
    assert run(["report", "progress", "--source", "dynamodb", "--format", "csv"]) == 0
    said = capsys.readouterr()
    assert "job-1,COPIED,1,1000," in said.out
    assert said.err == ""
    past = ["--as-of", "2020-02-29T00:00:00Z"]
    assert run(["report", "progress", "--source", "dynamodb", "--format", "csv", *past]) == 0
    said = capsys.readouterr()
    assert "job-1,COPIED,0,0," in said.out
    assert "progress: reading all of thaw-objects, since counters do not tell the past" in said.err


def test_a_registered_job_of_which_no_object_is_there_yet_needs_no_attention(
    registered: Any, tmp_path: Path, capsys: Capture
) -> None:
    assert registered
    summary = tmp_path / "summary.json"
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"job_id": "soon"}))
    assert run(["job", "register", str(summary)]) == 0
    capsys.readouterr()
    assert run(["report", "attention", "--source", "dynamodb", "--job", "soon", "--format", "csv"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_a_source_may_be_in_s3(source: str, capsys: Capture) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="lake")
    s3.upload_file(source, "lake", "july/records.csv")
    assert (
        run(["report", "progress", "--source", "s3://lake/july", "--job", "job-2", *AS_OF, "--format", "csv"])
        == 0
    )
    assert capsys.readouterr().out == PROGRESS


@pytest.mark.parametrize("file_format", ["table", "html"])
def test_a_fleet_is_told_with_its_places_and_times(
    bucket: Path, tmp_path: Path, capsys: Capture, file_format: str
) -> None:
    out = ["--out", str(tmp_path / "o")] if file_format == "html" else []
    assert run(["report", "all", "--source", str(bucket), "--format", file_format, *out]) == 0
    said = capsys.readouterr()
    assert said.err == (
        "Reports of 111111111111 eu-west-1, 222222222222 us-east-1, as of 2026-11-22 00:00:00 to"
        " 2026-11-22 00:15:00 UTC.\n"
    )
    shown = said.out if file_format == "table" else (tmp_path / "o" / "report.html").read_text()
    assert "222222222222" in shown
    assert run(["report", "all", "--source", str(bucket), *AS_OF]) == 2
    assert "holds finished reports, which --as-of cannot change" in capsys.readouterr().err


def test_athena_is_found_by_option_then_outputs_then_environment(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[tuple[str, ...]] = []

    def connect(*place: str) -> StandIn:
        places.append(place)
        return StandIn()

    monkeypatch.setattr(clients, "athena", connect)
    monkeypatch.setenv("THAW_CATALOG", "of the environment")
    monkeypatch.setenv("THAW_WORK_GROUP", "of the environment")
    outputs = {"athena_work_group": "of the stack", "athena_database": "of the stack"}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    asked = ["report", "progress", "--source", "athena", "--stack-outputs", str(tmp_path / "outputs.json")]
    assert run([*asked, "--database", "of the option", "--job", "job-2", *AS_OF, "--format", "csv"]) == 0
    assert places == [("of the stack", "of the environment", "of the option")]
    assert capsys.readouterr().out == PROGRESS


@pytest.mark.parametrize(
    "making", [AS_OF, ("--attention-hours", "1"), ("--prices", "p.json"), ("--region", "eu-west-1")]
)
def test_what_a_finished_report_cannot_follow_is_named(
    bucket: Path, capsys: Capture, making: tuple[str, str]
) -> None:
    assert run(["report", "progress", "--source", str(bucket), *making]) == 2
    assert f"holds finished reports, which {making[0]} cannot change" in capsys.readouterr().err


@pytest.mark.parametrize("number", [5, 6])
def test_of_a_large_fleet_the_number_is_said(tmp_path: Path, capsys: Capture, number: int) -> None:
    columns = {name: pd.Series(dtype=DTYPES[kind]) for name, kind in REPORTS["progress"].columns}
    frame = pd.DataFrame(columns).assign(as_of=pd.Series(dtype="datetime64[ms, UTC]"))
    for account in range(number):
        path = tmp_path / latest_key("", Form.PARQUET, "progress", Home(f"{account:012d}", "us-east-1"))
        path.parent.mkdir(parents=True)
        write_parquet(frame, path)
    assert run(["report", "progress", "--source", str(tmp_path)]) == 0
    several = ", ".join(f"{account:012d} us-east-1" for account in range(number))
    assert f"Reports of {several if number == 5 else '6 deployments'}, as of " in capsys.readouterr().err


def test_what_is_not_said_has_the_documented_default() -> None:
    wanted = Wanted(("progress",), "x", None, None, None, None, None, "o", "r", AthenaPlace(), 300)
    assert wanted.parameters(0).attention_hours == 24.0
    assert wanted.options().memory_bytes == 300_000_000
    assert wanted.price() == 0, "no report needs it"


def test_athena_has_no_all_clear_for_a_job_that_is_not_there(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: str) -> StandIn:
        return StandIn()

    monkeypatch.setattr(clients, "athena", connect)
    place = ["--work-group", "g", "--catalog", "c", "--database", "d"]
    asked = ["report", "attention", "--source", "athena", *place, *AS_OF, "--format", "csv", "--job"]
    assert run([*asked, "job-2"]) == 0
    assert capsys.readouterr().out.count("\n") == 1, "a job of which nothing needs attention"
    assert run([*asked, "jbo-2"]) == 2
    said = capsys.readouterr()
    assert said.err == "thaw: athena has no object of job 'jbo-2'.\n"
    assert said.out == ""


def test_what_athena_refuses_is_told_once_by_us_not_by_its_library(caplog: pytest.LogCaptureFixture) -> None:
    connection = clients.athena("nobodys", "catalog", "database")
    with Stubber(connection.client) as stubber, connection.cursor() as cursor:
        stubber.add_client_error("start_query_execution", "InvalidRequestException")
        with pytest.raises(AthenaError, match="InvalidRequestException"):
            cursor.execute("SELECT 1")
    assert caplog.records == []


def test_the_client_of_athena_asks_in_its_work_group_catalog_and_database() -> None:
    connection = clients.athena("group", "catalog", "database")
    assert (connection.work_group, connection.catalog_name, connection.schema_name) == (
        "group",
        "catalog",
        "database",
    )
    assert connection.client.meta.region_name == "us-east-1"


def test_a_query_that_fails_is_a_failure_not_bad_input(
    source: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise duckdb.OutOfMemoryException("could not allocate")

    monkeypatch.setattr(engines.DuckDbEngine, "query", fail)
    assert run(["report", "progress", "--source", source]) == 1
    assert capsys.readouterr().err == "thaw: The report progress failed: could not allocate\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Missing argument 'NAME...'"),
        (["progres", "--source", "x"], "'progres' is not one of 'progress', 'progress_hourly'"),
        (["progress"], "Missing option '--source'"),
        (["progress", "--source", "gone.csv"], "gone.csv does not exist. A source is"),
        (["progress", "--source", ""], "--source is empty; name a file"),
        (["progress", "--source", "SOURCE", "--out", ""], "--out is empty; name a folder"),
        (["all", "--source", "athena", "--stack-outputs", "gone.json"], "gone.json cannot be read: No such"),
        (["progress", "--source", "SOURCE", "--job", "july"], "no object of job 'july'; it has job-1"),
        (["progress", "--source", "SOURCE", "--as-of", "2026-11-22"], "2026-11-22T00:00:00 has no time zone"),
        (["progress", "--source", "SOURCE", "--format", "parquet"], "--format parquet writes files: name a"),
        (["progress", "--source", "SOURCE", "--format", "html"], "--format html writes files: name a folder"),
        (["all", "--source", "SOURCE", "--format", "csv"], "--format csv of 7 reports writes files"),
        (["all", "--source", "SOURCE", "--format", "table", "--out", "o"], "table is for the terminal"),
        (["all", "--source", "SOURCE", "--out", "s3://b/p"], "--out s3://b/p is in S3; give a folder"),
        (["all", "--source", "SOURCE", "--out", "SOURCE"], "is a file; the output is a folder"),
        (["all", "--source", "SOURCE", "--region", "mars"], "There are no prices for the Region 'mars'"),
        (["all", "--source", "SOURCE", "--prices", "gone.json"], "gone.json cannot be read"),
        (["all", "--source", "SOURCE", "--attention-hours", "-1"], "-1.0 is not in the range x>=0"),
        (["all", "--source", "athena"], "needs a work group, a catalog, a database"),
        (["progress", "--source", "dynamodb", "--job", "x"], "No job 'x' is registered in thaw-rollups"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_line(
    source: str, deployed: Any, capsys: Capture, arguments: list[str], sentence: str
) -> None:
    assert deployed
    assert run(["report", *(source if word == "SOURCE" else word for word in arguments)]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    assert said.out == ""
