"""CSV text becomes records with the right lines, however it is cut into chunks and however damaged."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thaw.manifests.csv_chunks import csv_chunks
from thaw.manifests.csv_records import MAX_RECORD_BYTES, RecordReader
from thaw.manifests.errors import SourceError
from thaw.manifests.sources import CSV, DataFile

_FIELDS = st.text(st.sampled_from('ab%,"\n\r é'), max_size=6)
_ROWS = st.lists(st.tuples(_FIELDS, _FIELDS, _FIELDS), max_size=12)
_DAMAGED_TEXT = st.text(st.sampled_from('a,"\n\r'), max_size=60)


def _file(path: Path, widths: frozenset[int] = frozenset({3})) -> DataFile:
    return DataFile(path.name, path, CSV, ("bucket", "key", "version_id"), widths)


def _read(path: Path, size: int) -> list[tuple[int, tuple[str, ...] | str]]:
    """Every row of a file as (line, fields) or, when it was rejected, (line, reason)."""
    found: list[tuple[int, tuple[str, ...] | str]] = []
    for chunk in csv_chunks(_file(path), path, size):
        rows = chunk.parse()
        found += [(reject.line, reject.reason) for reject in rows.rejects]
        found += [(rows.where(n)[0], tuple(line.values())) for n, line in enumerate(rows.table.to_pylist())]
    return sorted(found)


def _quoted(field: str, *, always: bool) -> str:
    needed = always or any(character in field for character in '",\r\n')
    return '"' + field.replace('"', '""') + '"' if needed else field


@given(rows=_ROWS, quoting=st.sampled_from(["all", "needed"]), size=st.integers(1, 200))
@example(rows=[("a\nb", "c", "d"), ("e", "f", "g")], quoting="all", size=3)
def test_well_formed_rows_are_read_whatever_the_chunk_size(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], quoting: str, size: int
) -> None:
    text = ""
    expected: list[tuple[int, tuple[str, ...]]] = []
    for row in rows:
        expected.append((text.count("\n") + 1, row))
        text += ",".join(_quoted(field, always=quoting == "all") for field in row) + "\n"
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    path.write_bytes(text.encode())

    assert _read(path, size) == expected


@given(text=_DAMAGED_TEXT, size=st.integers(1, 80))
@example(text="a,a,a\n\n\na,a,a\n", size=80)
@example(text="a,a,a\ra,a,a\n\na,a,a\n", size=80)
def test_damaged_text_is_read_the_same_in_chunks_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    path.write_bytes(text.encode())
    reader = RecordReader(text.encode(), 1, frozenset({3}), complete=True)
    expected = [(record.line, record.problem or record.fields) for record in reader]

    assert _read(path, size) == expected


def test_a_quote_that_is_never_closed_costs_one_line_not_the_rest_of_the_file() -> None:
    good = b"photos,k,v\n" * (2 * MAX_RECORD_BYTES // 11)
    records = list(RecordReader(b'photos,"open,v\n' + good, 1, frozenset({3}), complete=True))

    assert [(record.line, record.text) for record in records if record.problem] == [(1, b'photos,"open,v')]
    assert len(records) == 1 + good.count(b"\n")


def test_a_file_without_line_breaks_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "blob.csv"
    path.write_bytes(b"x" * 200_000)

    with pytest.raises(SourceError, match=r"blob.csv has a line of 100,000 bytes or more"):
        list(csv_chunks(_file(path), path, 100_000))
