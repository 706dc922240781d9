"""The files of the demo's transfer: read for what they say, and left in a folder for people."""

import csv
import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.core.vault_files import excluded_file, plan_file
from thaw.vaults.manifests import FailedRow, ManifestRow, failed_rows, manifest_rows

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Papers:
    """The files of a transfer in the jobs bucket."""

    s3: "S3Client"
    bucket: str
    job_id: str

    def plan(self) -> list[dict[str, str]]:
        """The rows of the plan."""
        return self._rows(plan_file)

    def excluded(self) -> list[dict[str, str]]:
        """The rows of what the plan leaves out."""
        return self._rows(excluded_file)

    def manifest(self) -> list[ManifestRow]:
        """The archives that are in S3."""
        return list(manifest_rows(self.s3, self.bucket, self.job_id))

    def failed(self) -> list[FailedRow]:
        """Those that are not, and why."""
        return list(failed_rows(self.s3, self.bucket, self.job_id))

    def leave(self, out: Path) -> list[str]:
        """Writes all four into a folder; their names."""
        out.mkdir(parents=True, exist_ok=True)
        for name, place in (("plan.csv.gz", plan_file), ("excluded.csv.gz", excluded_file)):
            self.s3.download_file(self.bucket, place(self.job_id), str(out / name))
        _write(out / "manifest.csv", ManifestRow._fields, self.manifest())
        _write(out / "failed.csv", FailedRow._fields, self.failed())
        return ["plan.csv.gz", "excluded.csv.gz", "manifest.csv", "failed.csv"]

    def _rows(self, place: Callable[[str], str]) -> list[dict[str, str]]:
        body = self.s3.get_object(Bucket=self.bucket, Key=place(self.job_id))["Body"].read()
        return list(csv.DictReader(gzip.decompress(body).decode().splitlines()))


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(columns)
        lines.writerows(rows)
