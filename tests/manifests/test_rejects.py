"""A bad row becomes a reject that says where it is and why; the rows around it are kept."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.manifests.inventories import (
    CSV_SCHEMA,
    csv_inventory,
    csv_text,
    inventory,
    orc_inventory,
    parquet_inventory,
    row,
)
from tests.manifests.outputs import batch_csv, prepared
from thaw.manifests.errors import SourceError


@pytest.mark.parametrize("rest", [b"photos,a\n", b'"photos","a"\n', b'photos,"a"\nphotos,b\n'])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_mark_of_utf_8_is_no_part_of_the_first_row(
    tmp_path: Path, rest: bytes, pack: Callable[[bytes], bytes]
) -> None:
    source = batch_csv(tmp_path / "m.csv", pack(b"\xef\xbb\xbf" + rest))
    output = prepared(tmp_path / "out", source, batch_csv(tmp_path / "n.csv", "photos,z\n"))

    assert [key for _, key, _ in output.identities()] == [*"ab"[: rest.count(b"\n")], "z"]
    assert output.rejects() == []


def test_every_kind_of_bad_row_is_named_with_its_line(tmp_path: Path) -> None:
    lines = [
        "photos,good",
        "photos,bad%zz",
        "photos,bad%C3",
        "photos",
        "photos,a,v1,more",
        ",no-bucket",
        "photos,",
        "pho/tos,key",
        "photos,key,not a version",
        f"photos,{'x' * 1025}",
        'photos,"never closed',
        '"photos"s,key',
        "photos,also%20good",
    ]
    output = prepared(tmp_path / "out", batch_csv(tmp_path / "m.csv", "\n".join(lines)))

    undecodable = "the key is not URL-encoded UTF-8"
    not_csv = "the row is not CSV: "
    expected = {
        2: undecodable,
        3: undecodable,
        4: "the row has 1 columns, not 2 or 3",
        5: "the row has 4 columns, not 2 or 3",
        6: "the bucket is empty",
        7: "the key is empty",
        8: "the bucket has a name that S3 does not allow",
        9: "the version id is not URL-ready text of at most 1,024 bytes",
        10: "the key has more than 1,024 bytes",
        11: not_csv + "unexpected end of data",
        12: not_csv + "',' expected after '\"'",
    }
    assert output.rejects() == [
        ("m.csv", line, reason, lines[line - 1]) for line, reason in sorted(expected.items())
    ]
    assert [key for _, key, _ in output.identities()] == ["good", "also good"]


@pytest.mark.parametrize("header", ["Bucket,Key,VersionId", "bucket,key"])
def test_a_header_line_is_a_reject_and_no_object(tmp_path: Path, header: str) -> None:
    output = prepared(tmp_path / "out", batch_csv(tmp_path / "m.csv", f"{header}\nphotos,good\n"))
    assert (output.summary.objects, output.summary.rejects) == (1, 1)


def test_lines_are_counted_right_after_a_key_with_a_line_break_and_after_blank_lines(tmp_path: Path) -> None:
    text = 'photos,"a\nb"\nphotos,%\n\n\n"photos","c\n\nd"\nphotos,%%\n'
    output = prepared(tmp_path / "out", batch_csv(tmp_path / "m.csv", text))

    assert [(line, row) for _, line, _, row in output.rejects()] == [(3, "photos,%"), (9, "photos,%%")]
    assert [key for _, key, _ in output.identities()] == ["a\nb", "c\n\nd"]


def test_lines_are_counted_right_in_the_fast_parser(tmp_path: Path) -> None:
    rows = [row(f"key {n}") for n in range(1000)]
    text = csv_text(rows).replace("key%20500", "key%2").replace('"1000"', '"1 kB"', 1)
    source = inventory(tmp_path, "CSV", CSV_SCHEMA, {"part-0.csv": text.encode()})
    output = prepared(tmp_path / "out", source)

    size, key = output.rejects()
    assert size[:3] == ("part-0.csv", 1, "the size is not a whole number of bytes")
    assert key[:3] == ("part-0.csv", 501, "the key is not URL-encoded UTF-8")
    assert key[3] == text.splitlines()[500]
    assert output.summary.objects == 998


def test_a_row_that_is_not_utf_8_is_shown_with_its_bytes_escaped(tmp_path: Path) -> None:
    output = prepared(
        tmp_path / "out", batch_csv(tmp_path / "m.csv", b"photos,a\nphotos,caf\xe9\nphotos,b\n")
    )

    assert output.rejects() == [("m.csv", 2, "the row is not UTF-8", "photos,caf\\xe9")]
    assert output.summary.objects == 2


def test_a_wrong_flag_size_or_class_of_an_inventory_is_a_reject(tmp_path: Path) -> None:
    rows = [
        row("flag", is_delete_marker="maybe"),
        row("size", size=-1),
        row("class", storage_class="Glacier Flexible"),
        row("good"),
    ]
    output = prepared(tmp_path / "out", csv_inventory(tmp_path, rows))

    assert [(line, reason) for _, line, reason, _ in output.rejects()] == [
        (1, "is_delete_marker is not true or false"),
        (2, "the size is not a whole number of bytes"),
        (3, "the storage class is not spelled as S3 spells them"),
    ]


@pytest.mark.parametrize("write", [parquet_inventory, orc_inventory])
def test_a_reject_of_parquet_and_orc_is_named_by_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., str]
) -> None:
    monkeypatch.setattr("thaw.manifests.columnar_chunks.CHUNK_ROWS", 64)
    rows = [*(row(f"k{n}") for n in range(150)), row("", size=3), row("x" * 1025)]
    output = prepared(tmp_path / "out", write(tmp_path, rows))

    empty, long = output.rejects()
    assert empty[1:3] == (151, "the key is empty")
    assert '"bucket": "photos", "key": "", "version_id": null' in empty[3]
    assert long[1:3] == (152, "the key has more than 1,024 bytes")
    assert output.summary.objects == 150


@pytest.mark.parametrize("kind", [pa.binary(), pa.string()])
def test_parquet_text_that_is_not_utf_8_stops_the_preparation_and_names_the_file(
    tmp_path: Path, kind: pa.DataType
) -> None:
    key = pa.Array.from_buffers(kind, 1, pa.array([b"\xff"]).buffers())
    table = pa.table({"bucket": pa.array(["photos"]), "key": key})
    parquet.write_table(table, tmp_path / "bad")
    source = inventory(tmp_path, "Parquet", "", {"bad.parquet": (tmp_path / "bad").read_bytes()})

    with pytest.raises(SourceError, match=r"bad.parquet has text that is not UTF-8 in rows 1 to 1"):
        prepared(tmp_path / "out", source)
