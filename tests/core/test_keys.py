"""Any key that S3 allows survives each of its five spellings; what S3 does not allow is refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import AWKWARD_KEYS, keys
from thaw.core.errors import KeySpellingError
from thaw.core.keys import (
    MAX_KEY_BYTES,
    NO_VERSION,
    Spelling,
    check_key,
    decode_key,
    encode_key,
    object_path,
    version,
)

RAW = (Spelling.EVENTBRIDGE, Spelling.API)
ENCODED = (Spelling.S3_NOTIFICATION, Spelling.INVENTORY, Spelling.BATCH_OPERATIONS)


@pytest.mark.parametrize("spelling", Spelling)
@given(key=keys())
def test_any_key_round_trips_through_every_spelling(key: str, spelling: Spelling) -> None:
    assert decode_key(encode_key(key, spelling), spelling) == key


@pytest.mark.parametrize("spelling", Spelling)
@pytest.mark.parametrize("key", AWKWARD_KEYS)
def test_awkward_keys_round_trip_through_every_spelling(key: str, spelling: Spelling) -> None:
    assert decode_key(encode_key(key, spelling), spelling) == key


@pytest.mark.parametrize("spelling", ENCODED)
@given(key=keys())
def test_an_encoded_key_is_one_csv_field_of_plain_ascii(key: str, spelling: Spelling) -> None:
    written = encode_key(key, spelling)
    assert written.isascii()
    assert not set(written) & set(", \"'\n\r\t\\"), "it would need quoting in a CSV file"


@pytest.mark.parametrize("spelling", RAW)
def test_raw_spellings_are_taken_as_they_are(spelling: Spelling) -> None:
    assert decode_key("a+b%20c%zz", spelling) == "a+b%20c%zz"
    assert encode_key("a b+c%", spelling) == "a b+c%"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("red+flower.jpg", "red flower.jpg"),
        ("red%20flower.jpg", "red flower.jpg"),
        ("a%2Bb", "a+b"),
        ("100%25", "100%"),
        ("%E5%86%99%E7%9C%9F/a", "写真/a"),
        ("写真/a+b", "写真/a b"),
        ("%2Flead", "/lead"),
        ("a%2cb", "a,b"),
        ("line%0Abreak", "line\nbreak"),
        ("plain/key_1.txt", "plain/key_1.txt"),
    ],
)
@pytest.mark.parametrize("spelling", ENCODED)
def test_known_encodings_decode(written: str, key: str, spelling: Spelling) -> None:
    assert decode_key(written, spelling) == key


@pytest.mark.parametrize(
    ("spelling", "written"),
    [
        (Spelling.S3_NOTIFICATION, "a+b%2Bc%25/%C3%A9%2C%22"),
        (Spelling.INVENTORY, "a%20b%2Bc%25/%C3%A9%2C%22"),
        (Spelling.BATCH_OPERATIONS, "a%20b%2Bc%25/%C3%A9%2C%22"),
    ],
)
def test_keys_are_written_as_s3_writes_them(spelling: Spelling, written: str) -> None:
    assert encode_key('a b+c%/é,"', spelling) == written


@pytest.mark.parametrize("spelling", ENCODED)
@pytest.mark.parametrize(("text", "at"), [("50%", 2), ("a%2", 1), ("ab%zz", 2), ("%20%G0", 3), ("a%%20", 1)])
def test_a_bad_escape_is_refused_and_its_place_named(text: str, at: int, spelling: Spelling) -> None:
    with pytest.raises(
        KeySpellingError, match=f"bad escape at character {at}: .* write a percent sign as %25"
    ):
        decode_key(text, spelling)


@pytest.mark.parametrize("text", ["%FF", "a%C3", "%ED%A0%80", "\ud800%20"])
def test_escapes_that_are_no_utf8_are_refused(text: str) -> None:
    with pytest.raises(KeySpellingError, match="does not decode to UTF-8"):
        decode_key(text, Spelling.INVENTORY)


@pytest.mark.parametrize("key", ["k" * MAX_KEY_BYTES, "é" * 512, "写" * 341 + "k"])
def test_a_key_of_1024_bytes_is_the_longest(key: str) -> None:
    assert check_key(key) == key
    with pytest.raises(KeySpellingError, match="has 1025 bytes; S3 keys have 1 to 1024"):
        check_key(key + "k")


def test_length_is_counted_in_decoded_bytes() -> None:
    assert decode_key("%20" * 1024, Spelling.INVENTORY) == " " * 1024
    with pytest.raises(KeySpellingError, match="has 1025 bytes"):
        decode_key("%20" * 1025, Spelling.INVENTORY)


@pytest.mark.parametrize("spelling", Spelling)
def test_an_empty_key_is_refused(spelling: Spelling) -> None:
    with pytest.raises(KeySpellingError, match="has 0 bytes"):
        decode_key("", spelling)


@pytest.mark.parametrize("key", ["\ud800", "a\udfffb"])
def test_a_lone_surrogate_is_refused(key: str) -> None:
    with pytest.raises(KeySpellingError, match="not Unicode text that UTF-8 can hold"):
        check_key(key)


@given(st.text(max_size=40))
@example("%")
def test_decoding_gives_a_possible_key_or_a_typed_error(text: str) -> None:
    for spelling in Spelling:
        try:
            key = decode_key(text, spelling)
        except KeySpellingError:
            continue
        assert 0 < len(key.encode()) <= MAX_KEY_BYTES


@given(key=keys())
def test_an_object_path_tells_bucket_and_key_apart_again(key: str) -> None:
    assert tuple(object_path("my-bucket", key).split("/", 1)) == ("my-bucket", key)


@pytest.mark.parametrize("bucket", ["", "a/b"])
def test_an_impossible_bucket_is_refused(bucket: str) -> None:
    with pytest.raises(KeySpellingError, match="is no bucket name"):
        object_path(bucket, "key")


@pytest.mark.parametrize("version_id", [None, "", "null"])
def test_no_version_has_one_spelling(version_id: str | None) -> None:
    assert version(version_id) == NO_VERSION == "null"


def test_a_version_is_kept() -> None:
    assert version("3HL4kqtJlcpXroDTDmJ") == "3HL4kqtJlcpXroDTDmJ"
