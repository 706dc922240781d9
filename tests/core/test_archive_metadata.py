"""Metadata of objects: what S3 takes, and what can be read again."""

from email.header import decode_header, make_header

from hypothesis import example, given
from hypothesis import strategies as st

from thaw.core.archive_metadata import DESCRIPTION, MAX_BYTES, is_of, metadata
from thaw.core.archives import PlannedArchive

ARCHIVE = PlannedArchive("i" * 138, "key", 5, "2026-11-21T10:00:00.000Z", "ab" * 32, "")


def described(text: str) -> dict[str, str]:
    return metadata("v" * 255, ARCHIVE._replace(description=text))


def test_an_object_says_which_archive_it_is() -> None:
    assert metadata("photos", ARCHIVE._replace(description="Summer 2014")) == {
        "glacier-archive-id": "i" * 138,
        "glacier-vault": "photos",
        "glacier-creation-date": "2026-11-21T10:00:00.000Z",
        "glacier-sha256-tree-hash": "ab" * 32,
        "glacier-description": "Summer 2014",
    }
    assert DESCRIPTION not in metadata("photos", ARCHIVE)


def test_only_the_metadata_of_the_archive_itself_is_taken_for_it() -> None:
    told = metadata("photos", ARCHIVE)
    assert is_of(told, "photos", ARCHIVE)
    assert is_of({**told, "more": "x"}, "photos", ARCHIVE)
    for name in ("glacier-archive-id", "glacier-vault", "glacier-sha256-tree-hash"):
        assert not is_of({**told, name: "another"}, "photos", ARCHIVE)
        assert not is_of({each: text for each, text in told.items() if each != name}, "photos", ARCHIVE)


@given(st.text(max_size=1024))
@example(" outer spaces ")
@example("=?UTF-8?Q?looks_encoded?=")
@example("\r\nInjected: header")
@example("größer" * 170)
@example("\ud800 no UTF-8")
def test_any_description_fits_and_reads_back(text: str) -> None:
    told = described(text)
    assert sum(len(name) + len(value) for name, value in told.items()) <= MAX_BYTES
    value = told.get(DESCRIPTION, "")
    assert all(" " <= character <= "~" for character in value), "printable ASCII, as headers are"
    assert value == value.strip()
    readable = text.encode("utf-8", "replace").decode()
    assert readable.startswith(str(make_header(decode_header(value))))
    assert bool(value) == bool(text)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=1024))
def test_what_glacier_takes_as_a_description_is_kept_whole(text: str) -> None:
    value = described(text).get(DESCRIPTION, "")
    assert str(make_header(decode_header(value))) == text
    assert value == text or "=?" in text
