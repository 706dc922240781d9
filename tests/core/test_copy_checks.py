"""A copy counts only if nothing contradicts it, and what proves it is comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core.copy_checks import Content, Verdict, compare

MD5, OTHER_MD5 = f'"{"a" * 32}"', f'"{"b" * 32}"'
PARTS = f'"{"a" * 32}-7"'

contents = st.builds(
    Content,
    size_bytes=st.none() | st.integers(0, 2),
    etag=st.sampled_from(["", MD5, OTHER_MD5, PARTS]),
    encryption=st.sampled_from(["", "AES256", "aws:kms", "aws:kms:dsse"]),
    checksums=st.dictionaries(st.sampled_from(["CRC32", "SHA256"]), st.sampled_from(["x", "y"])),
)


def content(size: int | None = 1, etag: str = MD5, encryption: str = "AES256", **checksums: str) -> Content:
    return Content(size, etag, encryption, checksums)


@pytest.mark.parametrize(
    ("source", "copy", "verdict"),
    [
        (content(), content(None), Verdict.SAME),
        (content(), content(None, OTHER_MD5), Verdict.DIFFERENT),
        (content(), content(2), Verdict.DIFFERENT),
        (content(encryption=""), content(), Verdict.SAME),
        (content(), content(None, OTHER_MD5, "aws:kms"), Verdict.UNPROVEN),
        (content(None, OTHER_MD5, "aws:kms"), content(), Verdict.UNPROVEN),
        (content(etag=PARTS), content(), Verdict.UNPROVEN),
        (content(etag=PARTS, CRC32="x"), content(CRC32="x"), Verdict.SAME),
        (content(etag=PARTS, CRC32="x"), content(CRC32="y"), Verdict.DIFFERENT),
        (content(etag=PARTS, CRC32="x"), content(SHA256="x"), Verdict.UNPROVEN),
        (content(CRC32="x"), content(CRC32="y"), Verdict.DIFFERENT),
        (content(2, PARTS, CRC32="x"), content(1, CRC32="x"), Verdict.DIFFERENT),
    ],
)
def test_what_proves_a_copy(source: Content, copy: Content, verdict: Verdict) -> None:
    assert compare(source, copy) is verdict


@given(contents)
def test_nothing_differs_from_itself(one: Content) -> None:
    assert compare(one, one) is not Verdict.DIFFERENT


@given(contents, contents)
def test_comparing_has_no_direction(one: Content, other: Content) -> None:
    assert compare(one, other) is compare(other, one)


@given(contents, contents)
def test_another_size_is_another_content(one: Content, other: Content) -> None:
    if None not in (one.size_bytes, other.size_bytes) and one.size_bytes != other.size_bytes:
        assert compare(one, other) is Verdict.DIFFERENT
