"""The settings that are more than one value: watched buckets, copy rules, import files, tags."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from infra import limits
from infra.errors import SettingsError
from infra.setting_values import as_shape, require, require_known, text_field
from thaw.core.copies import CopyRule, parse_rules
from thaw.core.errors import CopyRuleError

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

VIA = ("notifications", "eventbridge")
WATCH = ("restores", "copies")

OUR_TAGS = ("application", "deployment")


@dataclass(frozen=True)
class WatchedBucket:
    """A bucket whose events are followed.

    `via` is `notifications` (S3 to the queue, merged into what the bucket has) or `eventbridge`; `prefix` is
    a plain key prefix; `watch` holds `restores`, `copies` or both.
    """

    name: str
    via: str
    prefix: str
    watch: tuple[str, ...]


@dataclass(frozen=True)
class ImportFiles:
    """Where `thaw manifest prepare` wrote: `bucket`, and a `prefix` that is empty or ends in `/`."""

    bucket: str
    prefix: str

    @property
    def import_prefix(self) -> str:
        """The folder of import parts; it holds nothing else."""
        return f"{self.prefix}import/"

    @property
    def summary_key(self) -> str:
        """The key of the manifest's summary."""
        return f"{self.prefix}summary.json"


def watched_buckets(entries: list[Any]) -> tuple[WatchedBucket, ...]:
    """The watched buckets. Raises SettingsError."""
    return tuple(_watched_bucket(f"watched_buckets[{i}]", entry) for i, entry in enumerate(entries))


def _watched_bucket(where: str, entry: Any) -> WatchedBucket:
    bucket = as_shape(where, entry, "object")
    require_known(where, bucket, ["name", "via", "prefix", "watch"])
    watch = as_shape(f"{where}.watch", bucket.get("watch", ["restores"]), "array")
    via = text_field(where, bucket, "via", "notifications")
    require(via in VIA, f"{where}.via", via, f"it is {' or '.join(VIA)}", "choose one of them")
    for kind in watch:
        require(
            kind in WATCH, f"{where}.watch", kind, f"it holds {' and/or '.join(WATCH)}", "use these words"
        )
    require(bool(watch), f"{where}.watch", watch, "it holds at least one", "name one or drop the bucket")
    prefix = key_prefix(f"{where}.prefix", text_field(where, bucket, "prefix", ""))
    name = bucket_name(f"{where}.name", text_field(where, bucket, "name"))
    return WatchedBucket(name, via, prefix, tuple(kind for kind in WATCH if kind in watch))


def bucket_name(where: str, name: str) -> str:
    """`name` where it is one of a bucket. Raises SettingsError."""
    require(
        bool(BUCKET_NAME.fullmatch(name)),
        where,
        name,
        "a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens",
        "give the bare name, without s3:// or an ARN",
    )
    return name


def key_prefix(where: str, prefix: str) -> str:
    """`prefix` where keys may begin so. Raises SettingsError."""
    length = len(prefix.encode())
    require(
        length <= limits.MAX_KEY_BYTES,
        where,
        f"{length} bytes",
        f"S3 keys have at most {limits.MAX_KEY_BYTES}",
        "shorten it",
    )
    return prefix


def copy_rules(entries: list[Any]) -> tuple[CopyRule, ...]:
    """The copy rules. Raises SettingsError."""
    try:
        return parse_rules([as_shape(f"copy_rules[{i}]", entry, "object") for i, entry in enumerate(entries)])
    except CopyRuleError as exc:
        raise SettingsError(f"thaw:copy_rules: {exc}") from exc


def copy_rules_text(rules: Sequence[CopyRule]) -> str:
    """Copy rules as the function reads them from its environment."""
    return json.dumps([asdict(rule) for rule in rules], ensure_ascii=False, separators=(",", ":"))


def import_files(value: dict[str, Any]) -> ImportFiles | None:
    """Where to import from, if anywhere. Raises SettingsError."""
    if not value:
        return None
    require_known("import_files", value, ["bucket", "prefix"])
    prefix = text_field("import_files", value, "prefix", "")
    require_folder(
        "import_files.prefix",
        prefix,
        "give the folder that `thaw manifest prepare` wrote, without the bucket",
    )
    bucket = text_field("import_files", value, "bucket")
    return ImportFiles(bucket_name("import_files.bucket", bucket), prefix)


def require_folder(where: str, prefix: str, way_out: str) -> None:
    """Refuse a key prefix that is not that of a folder. Raises SettingsError."""
    require(
        prefix == "" or (prefix.endswith("/") and not prefix.startswith("/")),
        where,
        prefix,
        "it is empty or ends in / and starts without one",
        way_out,
    )


def tags(value: dict[str, Any]) -> dict[str, str]:
    """The stack's own tags. Raises SettingsError."""
    room = limits.MAX_TAGS - len(OUR_TAGS)
    require(len(value) <= room, "tags", f"{len(value)} tags", f"there is room for {room}", "drop some")
    texts = {key: text_field("tags", value, key) for key in value}
    for key, text in texts.items():
        require(
            0 < len(key) <= limits.MAX_TAG_KEY
            and len(text) <= limits.MAX_TAG_VALUE
            and not key.lower().startswith("aws:")
            and key not in OUR_TAGS,
            f"tags.{key}",
            text,
            f"a key has 1 to {limits.MAX_TAG_KEY} characters, a value at most {limits.MAX_TAG_VALUE};"
            f" aws: and {', '.join(OUR_TAGS)} are taken",
            "rename or shorten it",
        )
    return texts
