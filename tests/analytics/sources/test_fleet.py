"""The reports bucket of several deployments, read as one."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics.formats import write_parquet
from analytics.report_layout import Form, Home, latest_key
from analytics.reports import DTYPES, run_report
from analytics.schema import REPORTS
from analytics.sources.errors import (
    ReportSourceError,
    SourceOptionError,
    UnknownJobError,
    UnknownSourceError,
    UnreadableFileError,
)
from analytics.sources.fleet import Fleet
from analytics.sources.opening import open_source
from analytics.statements import Parameters
from tests.analytics.sources.records import ROWS, Asking, csv_bytes, opened

FIRST, SECOND = Home("111111111111", "eu-west-1"), Home("222222222222", "us-east-1")
MADE = {FIRST: datetime(2026, 11, 22, tzinfo=UTC), SECOND: datetime(2026, 11, 22, 0, 15, tzinfo=UTC)}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All reports of two deployments, as `lambdas/report` stores them."""
    tmp_path = tmp_path_factory.mktemp("fleet")
    (tmp_path / "r.csv").write_bytes(csv_bytes(ROWS))
    with opened(tmp_path / "r.csv") as source:
        frames = {name: run_report(name, source, Parameters(MADE[FIRST], 0.023)) for name in REPORTS}
    for home, made in MADE.items():
        for name, frame in frames.items():
            path = tmp_path / "reports" / latest_key("thaw/", Form.PARQUET, name, home)
            path.parent.mkdir(parents=True)
            as_of = pd.Series([made] * len(frame)).astype("datetime64[ms, UTC]")
            write_parquet(frame.assign(account_id=home.account, region=home.region, as_of=as_of), path)
    (tmp_path / "reports" / "thaw" / "latest" / "parquet" / "progress" / "_SUCCESS").touch()
    return tmp_path


@pytest.fixture
def bucket(reports: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(reports, tmp_path, dirs_exist_ok=True) / "reports" / "thaw"


def fleet(bucket: Path, asking: Asking) -> Fleet:
    with open_source(str(bucket), asking.options()) as found:
        assert isinstance(found, Fleet)
        return found


def test_a_fleet_has_every_report_of_every_deployment_with_its_place_in_front(bucket: Path) -> None:
    found = fleet(bucket, Asking())
    assert found.homes == [FIRST, SECOND]
    assert found.made == [MADE[FIRST], MADE[SECOND]]
    assert list(found.frames) == list(REPORTS)
    for name, frame in found.frames.items():
        columns = REPORTS[name].columns
        assert list(frame.columns) == ["account_id", "region", *(column.name for column in columns)], name
        assert [str(frame[name].dtype) for name, _ in columns] == [DTYPES[kind] for _, kind in columns], name
    progress = found.frames["progress"]
    assert progress["account_id"].tolist() == [FIRST.account] * 12 + [SECOND.account] * 12
    assert progress["region"].tolist() == [FIRST.region] * 12 + [SECOND.region] * 12
    assert progress["objects"].sum() == 2 * len(ROWS)


def test_a_fleet_keeps_the_order_of_each_report(bucket: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "r.csv") as source:
        alone = run_report("attention", source, Parameters(MADE[FIRST], 0.023))
    found = fleet(bucket, Asking(reports=("attention",))).frames["attention"]
    assert found.head(len(alone)).drop(columns=["account_id", "region"]).equals(alone)


def test_of_one_job_only_its_rows_are_shown(bucket: Path) -> None:
    found = fleet(bucket, Asking(reports=("progress",), job_id="job-2"))
    assert found.frames["progress"]["job_id"].tolist() == ["job-2"] * 12


@pytest.mark.parametrize("report", ["progress", "attention"])
def test_a_job_that_no_deployment_knows_is_refused(bucket: Path, report: str) -> None:
    with pytest.raises(UnknownJobError, match=r"^No deployment has written of job 'jbo' into "):
        fleet(bucket, Asking(reports=(report,), job_id="jbo"))


@pytest.mark.parametrize("with_progress", [True, False])
def test_a_known_job_may_have_nothing_to_tell(bucket: Path, *, with_progress: bool) -> None:
    if not with_progress:
        shutil.rmtree(bucket / "latest" / "parquet" / "progress")
    for path in (bucket / "latest" / "parquet" / "attention").rglob("*.parquet"):
        write_parquet(pd.read_parquet(path).head(0), path)
    found = fleet(bucket, Asking(reports=("attention",), job_id="job-2"))
    assert found.frames["attention"].empty


@pytest.mark.parametrize("option", ["--as-of", "--prices"])
def test_finished_reports_are_not_made_anew(bucket: Path, option: str) -> None:
    with pytest.raises(
        SourceOptionError, match=f"holds finished reports, which {option} cannot change: leave"
    ):
        fleet(bucket, Asking(making=(option,)))


def test_a_report_that_nobody_has_written_is_refused_with_those_that_are(bucket: Path) -> None:
    for path in (bucket / "latest" / "parquet" / "forecast").rglob("*.parquet"):
        path.unlink()
    expected = "has no report forecast; its deployments have written attention, progress, "
    with pytest.raises(UnknownSourceError, match=expected):
        fleet(bucket, Asking(reports=("progress", "forecast")))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PAR1", "progress.parquet cannot be read: "),
        (None, 'cannot be read: .*column "percent_objects" not found'),
    ],
)
def test_a_file_that_is_no_such_report_is_refused(bucket: Path, content: bytes | None, sentence: str) -> None:
    path = bucket / latest_key("", Form.PARQUET, "progress", SECOND)
    if content is None:
        write_parquet(
            pd.DataFrame({"job_id": ["j"], "status": ["COPIED"], "objects": [1], "bytes": [2]}), path
        )
    else:
        path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=sentence):
        fleet(bucket, Asking(reports=("progress",)))


def test_reports_that_do_not_tell_their_time_are_refused_if_none_does(bucket: Path) -> None:
    def without_time(home: Home) -> None:
        path = bucket / latest_key("", Form.PARQUET, "progress", home)
        write_parquet(pd.read_parquet(path).drop(columns="as_of").convert_dtypes(), path)

    without_time(FIRST)
    assert fleet(bucket, Asking(reports=("progress",))).made == [MADE[SECOND]]
    without_time(SECOND)
    with pytest.raises(UnreadableFileError, match=r'thaw cannot be read: .*column "as_of" not found'):
        fleet(bucket, Asking(reports=("progress",)))


def test_a_bucket_without_reports_is_no_fleet(tmp_path: Path) -> None:
    (tmp_path / "latest" / "parquet").mkdir(parents=True)
    with pytest.raises(ReportSourceError, match="has no file of object records"), opened(tmp_path):
        pass
