"""What a preparation writes piece by piece: import parts, numbered without a gap, and rows refused."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from thaw.core.job_files import import_folder, prepared_folder
from thaw.core.keys import NO_VERSION, Spelling, encode_key
from thaw.core.records import ObjectRecord
from thaw.jobs.folder import JobFolder
from thaw.jobs.import_lines import import_file

NO_REJECTS = b"file,line,reason,row\r\n"
"""A rejects.csv without rows. The line is empty for rows that were refused after they had been sorted."""


class Refused(NamedTuple):
    """A record that is no part of the job after all, and why."""

    record: ObjectRecord
    reason: str


def import_part(job_id: str, number: int) -> str:
    """The key of an import part."""
    return f"{import_folder(job_id)}part-{number:05}.json.gz"


def prepared_part(job_id: str, number: int) -> str:
    """The key of a part of what the manifest holds."""
    return f"{prepared_folder(job_id)}part-{number:05}.json.gz"


def rejects_piece(job_id: str, number: int) -> str:
    """The key of a piece of rejects.csv; the first one has its header."""
    return f"{prepared_folder(job_id)}rejects-{number:05}.csv"


def write_parts(
    folder: JobFolder, job_id: str, first: int, records: Sequence[ObjectRecord], rows: int
) -> int:
    """Import parts of at most `rows` records from number `first` on; returns the number that is next."""
    for start in range(0, len(records), rows):
        folder.write(import_part(job_id, first), import_file(records[start : start + rows]))
        first += 1
    return first


def reject_lines(manifest: str, refused: Iterable[Refused]) -> bytes:
    """Lines of rejects.csv, each row spelled as a Batch Operations manifest spells it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for record, reason in refused:
        fields = [record.entry.bucket, encode_key(record.entry.key, Spelling.BATCH_OPERATIONS)]
        if record.id.version_id != NO_VERSION:
            fields.append(record.id.version_id)
        writer.writerow((manifest, "", reason, ",".join(fields)))
    return text.getvalue().encode()
