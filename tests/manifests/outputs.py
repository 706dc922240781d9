"""An output of `prepare`, read back as its consumers read it."""

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from boto3.dynamodb.types import TypeDeserializer

from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings
from thaw.manifests.summary import Summary

NEW_JOB = PrepareSettings("job-1", "Bulk")


@dataclass(frozen=True)
class Output:
    """The output in `folder`; `summary` is what `prepare` returned."""

    folder: Path
    summary: Summary

    def items(self) -> list[dict[str, Any]]:
        """Every item of the import files, in order, as DynamoDB understands it."""
        value_of = TypeDeserializer().deserialize
        return [
            {name: value_of(value) for name, value in json.loads(line)["Item"].items()}
            for part in sorted((self.folder / "import").iterdir())
            for line in gzip.decompress(part.read_bytes()).decode().splitlines()
            if line
        ]

    def identities(self) -> list[tuple[str, str, str]]:
        """Bucket, key and version of every item, in order."""
        return [(item["bucket"], item["key"], item["version_id"]) for item in self.items()]

    def manifest(self, bucket: str) -> list[tuple[str, ...]]:
        """The rows of a bucket's Batch Operations manifest, keys decoded."""
        text = (self.folder / f"manifest-{bucket}.csv").read_text()
        return [(row[0], unquote(row[1], errors="strict"), *row[2:]) for row in csv.reader(text.splitlines())]

    def rejects(self) -> list[tuple[str, int, str, str]]:
        """File name, line, reason and row of every reject."""
        with (self.folder / "rejects.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [(Path(row["file"]).name, int(row["line"]), row["reason"], row["row"]) for row in rows]


def prepared(out: Path, *sources: str | Path, settings: PrepareSettings = NEW_JOB) -> Output:
    """Runs `prepare` into the folder `out`."""
    return Output(out, prepare([str(source) for source in sources], str(out), settings))


def batch_csv(path: Path, text: str | bytes) -> Path:
    """A Batch Operations CSV with this content."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
