"""Manifest preparation once more, the slow and obvious way: what the engine's answer is compared with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from thaw.manifests.settings import Filters

Object = tuple[str, str, str, int | None, str | None]
"""Bucket, key, version, size and storage class."""


@dataclass
class Naive:
    """What should come out: the objects in order, and the counts."""

    objects: list[Object] = field(default_factory=list[Object])
    counts: Counter[str] = field(default_factory=Counter[str])


def naive(rows: Iterable[Sequence[str]], filters: Filters) -> Naive:
    """Rows of text: bucket, key (URL-encoded), version, is_delete_marker, size, last modified, class."""
    result = Naive()
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        result.counts["rows_in"] += 1
        fate, value = _judge(row, filters)
        if value is not None and value[:3] in seen:
            fate = "duplicates"
        elif value is not None:
            seen.add(value[:3])
            result.objects.append(value)
        result.counts[fate] += 1
    return result


def _judge(row: Sequence[str], filters: Filters) -> tuple[str, Any]:
    bucket, spelled, version, deleted, size, modified, storage_class = row
    key = _decoded(spelled)
    if not bucket or "/" in bucket or key is None or not 1 <= len(key.encode()) <= 1024:
        return "rejects", None
    if " " in version or (size and not _is_number(size)) or deleted not in ("", "true", "false"):
        return "rejects", None
    if deleted == "true" or not _wanted(key, size, modified, storage_class, filters):
        return "filtered", None
    value = (bucket, key, version or "null", int(size) if size else None, storage_class or None)
    return "objects", value


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and str(int(text)) == text and int(text) < 2**63


def _decoded(spelled: str) -> str | None:
    for position, character in enumerate(spelled):
        digits = spelled[position + 1 : position + 3]
        if character == "%" and (len(digits) < 2 or set(digits.lower()) - set("0123456789abcdef")):
            return None
    try:
        return unquote_to_bytes(spelled.replace("+", " ")).decode()
    except UnicodeDecodeError:
        return None


def _wanted(key: str, size: str, modified: str, storage_class: str, filters: Filters) -> bool:
    if filters.prefixes and not key.startswith(filters.prefixes):
        return False
    classes = filters.storage_classes
    if classes is None and storage_class not in ("", "GLACIER", "DEEP_ARCHIVE"):
        return False
    if classes and storage_class not in classes:
        return False
    low, high = filters.min_size_bytes, filters.max_size_bytes
    if (low is not None or high is not None) and not size:
        return False
    if (low is not None and int(size) < low) or (high is not None and int(size) > high):
        return False
    first, after = filters.modified_from, filters.modified_before
    if first is None and after is None:
        return True
    moment = datetime.fromisoformat(modified) if modified else None
    return moment is not None and (first is None or moment >= first) and (after is None or moment < after)
