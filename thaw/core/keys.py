"""Identity of an object version: one canonical spelling, whoever wrote the key."""

import re
from enum import Enum
from itertools import product
from string import hexdigits
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from thaw.core.errors import KeySpellingError

NO_VERSION = "null"
"""What S3 calls the version of an object in a bucket without versioning; DynamoDB keys cannot be empty."""

MAX_KEY_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})").search

_BYTES = {f"{high}{low}".encode(): bytes.fromhex(high + low) for high, low in product(hexdigits, repeat=2)}
"""The byte that two hexadecimal digits stand for."""


class Spelling(Enum):
    """The five ways in which S3 writes a key."""

    S3_NOTIFICATION = "S3 notification"
    EVENTBRIDGE = "EventBridge"
    INVENTORY = "S3 Inventory"
    BATCH_OPERATIONS = "S3 Batch Operations"
    API = "S3 API"


_RAW = (Spelling.EVENTBRIDGE, Spelling.API)


class ObjectId(NamedTuple):
    """The key of a record: `bucket/key` decoded, and the version id (`null` for none)."""

    object_path: str
    version_id: str


def decode_key(text: str, spelling: Spelling) -> str:
    """The canonical key that `text` spells.

    Notifications, inventories and Batch Operations files are URL-encoded, with a space as `+` or `%20`
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html);
    EventBridge and API responses are raw. Raises KeySpellingError.
    """
    encoded = ("%" in text or "+" in text) and spelling not in _RAW
    return check_key(_url_decode(text, spelling) if encoded else text)


def _url_decode(text: str, spelling: Spelling) -> str:
    try:
        first, *escaped = text.encode().replace(b"+", b" ").split(b"%")
        return b"".join([first, *[_BYTES[part[:2]] + part[2:] for part in escaped]]).decode()
    except (KeyError, UnicodeError) as exc:
        bad = _BAD_ESCAPE(text)
        if bad is None:
            raise KeySpellingError(f"{spelling.value} key {text!r} does not decode to UTF-8.") from exc
        raise KeySpellingError(
            f"{spelling.value} key {text!r} has a bad escape at character {bad.start()}:"
            " keys are URL-encoded there, write a percent sign as %25."
        ) from exc


def encode_key(key: str, spelling: Spelling) -> str:
    """The canonical `key` as S3 writes it in `spelling`; decode_key is its inverse."""
    if spelling in _RAW:
        return key
    if spelling is Spelling.S3_NOTIFICATION:
        return quote_plus(key, safe="/")
    return quote(key, safe="/")


def check_key(key: str) -> str:
    """`key`, if S3 can hold it. Raises KeySpellingError for an empty, overlong or non-UTF-8 key."""
    size = len(key) if key.isascii() else _utf8_size(key)
    if not 0 < size <= MAX_KEY_BYTES:
        raise KeySpellingError(f"Key {key[:60]!r} has {size} bytes; S3 keys have 1 to {MAX_KEY_BYTES}.")
    return key


def _utf8_size(key: str) -> int:
    try:
        return len(key.encode())
    except UnicodeEncodeError as exc:
        raise KeySpellingError(f"Key {key!r} is not Unicode text that UTF-8 can hold.") from exc


def object_path(bucket: str, key: str) -> str:
    """`bucket/key` of canonical parts. Raises KeySpellingError for a name that is no bucket."""
    if not bucket or "/" in bucket:
        raise KeySpellingError(f"{bucket!r} is no bucket name; it must be non-empty and hold no slash.")
    return f"{bucket}/{key}"


def version(version_id: str | None) -> str:
    """One spelling for no version: None, empty and `null` are the same."""
    return version_id or NO_VERSION
