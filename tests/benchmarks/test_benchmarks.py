"""Every benchmark still runs, at a tiny size, and what it counts is what DynamoDB's documentation says."""

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analytics.schema import REPORTS
from benchmarks import (
    imports,
    life,
    machine,
    manifests,
    parsing,
    progress,
    reports,
    reports_in_pandas,
    tracker,
)
from benchmarks.capacity import item_bytes, read_units, transactional_write_units
from benchmarks.object_file import write_object_file

Output = pytest.CaptureFixture[str]


def test_the_machine_is_described() -> None:
    assert "cores" in machine.describe()


def test_parsing_prints_its_ratio(capsys: Output) -> None:
    parsing.main(objects=4, rounds=1)
    assert "parse and merge" in capsys.readouterr().out


def test_the_handler_imports_nothing_heavy(capsys: Output) -> None:
    imports.main(rounds=1)
    assert "none of pandas" in capsys.readouterr().out


def test_a_life_takes_three_record_writes(capsys: Output) -> None:
    life.main(objects=200, job_objects=100)
    full = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("full batches"))
    records, counter_rows = map(float, full.split()[5:7])
    assert records == 3
    assert counter_rows <= 0.3


def test_manifest_preparation_is_compared_with_its_floor(capsys: Output) -> None:
    manifests.main(rows=2_000)
    assert "x floor" in capsys.readouterr().out


def test_reports_are_compared_with_pandas_and_with_a_scan(capsys: Output) -> None:
    reports.main(rows=2_000, rounds=1, small=10, large=100)
    output = capsys.readouterr().out
    assert "x the memory (expected" in output
    assert output.count("x the scan") == len(REPORTS)
    assert output.count("from rollups") == 2


@pytest.mark.parametrize("name", REPORTS)
def test_pandas_gives_the_figures_of_the_report(tmp_path: Path, name: str) -> None:
    path = tmp_path / "objects.parquet"
    write_object_file(path, 5_000)
    ours = reports.thaw_side(str(path))[name]()
    theirs = reports_in_pandas.REPORTS[name](reports_in_pandas.read(str(path)))
    assert isinstance(ours, pd.DataFrame)
    assert len(ours)
    for column in ours.select_dtypes("datetimetz"):
        theirs[column] = theirs[column].dt.tz_localize("UTC")
    assert_frame_equal(ours, theirs.astype(dict(ours.dtypes)), rtol=1e-12)


@pytest.mark.emulator
def test_the_tracker_is_compared_with_the_naive_handler(capsys: Output) -> None:
    tracker.main(objects=8, rounds=1)
    assert "naive handler" in capsys.readouterr().out


@pytest.mark.emulator
def test_reading_progress_takes_one_read_unit_whatever_the_size(capsys: Output) -> None:
    progress.main(small=10, large=100, rounds=1)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("progress")]
    assert [line.split()[3] for line in lines] == ["1", "1"], lines
    assert all(line.endswith(" 1 read units") for line in lines)


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    item = {
        "key": {"S": "Kühl"},
        "size": {"N": "1200"},
        "part": {"M": {"a": {"L": [{"N": "7"}]}}},
    }
    assert item_bytes(item) == (3 + 5) + (4 + 2) + (4 + 3 + (1 + 1 + 3 + (1 + 2)))


@pytest.mark.parametrize(("size_bytes", "units"), [(0, 1), (4096, 1), (4097, 2)])
def test_a_read_unit_holds_four_kilobytes_and_a_missing_item_takes_one(size_bytes: int, units: int) -> None:
    assert read_units(size_bytes) == units


@pytest.mark.parametrize(("old", "new", "units"), [(10, 1023, 2), (1024, 10, 4), (0, 2048, 6)])
def test_a_transactional_write_takes_two_units_a_kilobyte_of_the_larger_image(
    old: int, new: int, units: int
) -> None:
    assert transactional_write_units({"a": {"S": "x" * old}}, {"a": {"S": "x" * new}}) == units
