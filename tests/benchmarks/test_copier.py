"""The copier's benchmark still runs, at a tiny size, and counts one head and one copy an object."""

import pytest

from benchmarks import copier


@pytest.mark.emulator
def test_the_copier_is_compared_with_copy_object_in_a_loop(capsys: pytest.CaptureFixture[str]) -> None:
    copier.main(objects=20, rounds=1)
    output = capsys.readouterr().out
    assert output.count("x CopyObject in a loop") == 2
    calls = dict(line.split()[:2] for line in output.splitlines() if line.endswith("an object"))
    assert calls == {
        "HeadObject": "1.00",
        "CopyObject": "1.00",
        "GetItem": "0.10",
        "BatchGetItem": "0.20",
        "TransactWriteItems": "0.10",
    }
