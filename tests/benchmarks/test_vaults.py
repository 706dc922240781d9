"""What an archive takes is counted, at a tiny size."""

import pytest

from benchmarks import vaults


def test_a_small_archive_takes_one_put_and_a_part_one_upload(capsys: pytest.CaptureFixture[str]) -> None:
    vaults.main(archives=20, parts=14)
    lines = [line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line[:2] == "  "]
    names = [name.strip() for name, _ in lines]
    shares = dict(zip(names, [float(share) for _, share in lines], strict=True))
    assert (shares["s3:PutObject"], shares["s3:UploadPart"]) == (1, 1)
    assert shares["items written into objects"] <= 2
