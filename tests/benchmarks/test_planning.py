"""The planning benchmark still runs, at a tiny size."""

import pytest

from benchmarks import planning


def test_planning_prints_its_ratio_and_its_memory(capsys: pytest.CaptureFixture[str]) -> None:
    planning.main(rows=400)
    told = capsys.readouterr().out
    assert "400 inventory rows" in told
    assert "x floor" in told
    assert "(400 archives, " in told
