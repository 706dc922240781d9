"""The settings of jobs that are more than one value: restore buckets, destinations of copies, KMS keys."""

import re
from dataclasses import dataclass
from typing import Any

from infra.setting_entries import VIA, WatchedBucket, bucket_name, key_prefix
from infra.setting_values import as_shape, require, require_known, text_field
from thaw.core.job_rules import Destination

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
ACCOUNT = re.compile(r"\d{12}")

KMS_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]{1,64}")
"""A key, not an alias: policies match keys only
(https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html)."""


@dataclass(frozen=True)
class RestoreBucket:
    """A bucket that jobs may restore from: its name, how its events come in, and the keys that are ours."""

    name: str
    via: str
    prefix: str

    @property
    def watched(self) -> WatchedBucket:
        """The bucket with its restores followed."""
        return WatchedBucket(self.name, self.via, self.prefix, ("restores",))


def restore_buckets(entries: list[Any]) -> tuple[RestoreBucket, ...]:
    """The buckets that jobs may restore from. Raises SettingsError."""
    return tuple(_restore_bucket(f"restore_buckets[{i}]", entry) for i, entry in enumerate(entries))


def _restore_bucket(where: str, entry: Any) -> RestoreBucket:
    bucket = as_shape(where, entry, "object")
    require_known(where, bucket, ["name", "via", "prefix"])
    via = text_field(where, bucket, "via", "notifications")
    require(via in VIA, f"{where}.via", via, f"it is {' or '.join(VIA)}", "choose one of them")
    prefix = key_prefix(f"{where}.prefix", text_field(where, bucket, "prefix", ""))
    return RestoreBucket(bucket_name(f"{where}.name", text_field(where, bucket, "name")), via, prefix)


def manifest_buckets(entries: list[Any]) -> tuple[str, ...]:
    """The buckets that hold manifests. Raises SettingsError."""
    return tuple(
        bucket_name(f"manifest_buckets[{i}]", as_shape(f"manifest_buckets[{i}]", entry, "string"))
        for i, entry in enumerate(entries)
    )


def copy_destinations(entries: list[Any]) -> tuple[Destination, ...]:
    """Where copies may go. Raises SettingsError."""
    return tuple(_destination(f"copy_destinations[{i}]", entry) for i, entry in enumerate(entries))


def _destination(where: str, entry: Any) -> Destination:
    given = as_shape(where, entry, "object")
    require_known(where, given, ["bucket", "prefix", "region", "account"])
    region, account = text_field(where, given, "region", ""), text_field(where, given, "account", "")
    require(
        not region or bool(REGION.fullmatch(region)),
        f"{where}.region",
        region,
        "it is a Region such as eu-west-1",
        "correct it, or leave it out for that of the stack",
    )
    require(
        not account or bool(ACCOUNT.fullmatch(account)),
        f"{where}.account",
        account,
        "it has 12 digits",
        "correct it and put it in quotes, or leave it out for that of the stack",
    )
    return Destination(
        bucket=bucket_name(f"{where}.bucket", text_field(where, given, "bucket")),
        prefix=key_prefix(f"{where}.prefix", text_field(where, given, "prefix", "")),
        region=region,
        account=account,
    )


def kms_key_arns(entries: list[Any]) -> tuple[str, ...]:
    """The keys of the buckets. Raises SettingsError."""
    return tuple(_key_arn(f"kms_key_arns[{i}]", entry) for i, entry in enumerate(entries))


def _key_arn(where: str, entry: Any) -> str:
    arn = as_shape(where, entry, "string")
    require(
        bool(KMS_KEY_ARN.fullmatch(arn)),
        where,
        arn,
        "it is the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; an alias grants nothing",
        "give the key that the alias stands for",
    )
    return arn
