"""What the stack lets jobs do: which buckets, how much, how fast. One document for every function."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from thaw.core.errors import ThawError


class JobRulesError(ThawError):
    """The stack's rules for jobs are incomplete or wrong."""


@dataclass(frozen=True)
class Destination:
    """A bucket that copies may go to; `prefix` is where they must begin.

    `region` and `account` are "" for those of the stack.
    """

    bucket: str
    prefix: str = ""
    region: str = ""
    account: str = ""


@dataclass(frozen=True)
class JobRules:
    """The stack's config for jobs. Sizes are in bytes; 0 for `max_uncopied_bytes` is no limit.

    `restore_buckets` are the only ones that jobs restore from; `manifest_buckets`, besides them, hold
    manifests. A copy in place needs the bucket among the `copy_destinations`. `eventbridge_buckets` are those
    of the `restore_buckets` whose events come by EventBridge. `vaults` are the only ones transferred;
    all transfers together request at most `vault_bytes_per_day` (0: no limit) and have at most
    `vault_staged_bytes` requested and not yet transferred (0: what can be transferred in time). Every
    `vault_sweep_minutes` (0: at every look) retrieval jobs are listed, for those that nobody told of.
    `kms_key_arns` are the keys that archives may be encrypted with.
    """

    region: str
    restore_buckets: tuple[str, ...] = ()
    manifest_buckets: tuple[str, ...] = ()
    eventbridge_buckets: tuple[str, ...] = ()
    copy_destinations: tuple[Destination, ...] = ()
    copy_may_delete_source: bool = False
    max_objects: int = 5_000_000
    timeout_hours: int = 168
    progress_step_percent: int = 10
    max_uncopied_bytes: int = 0
    expiry_margin_hours: int = 24
    restore_requests_per_second: int = 200
    tolerated_failure_percent: int = 5
    vaults: tuple[str, ...] = ()
    vault_bytes_per_day: int = 100 * 1024**4
    vault_requests_per_second: int = 50
    vault_staged_bytes: int = 0
    vault_sweep_minutes: int = 30
    kms_key_arns: tuple[str, ...] = ()

    def to_json(self) -> str:
        """As functions read it from the variable JOB_RULES."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "JobRules":
        """The inverse of `to_json`. Raises JobRulesError."""
        try:
            document: dict[str, Any] = json.loads(text)
            destinations: list[Mapping[str, str]] = document.pop("copy_destinations")
            return cls(
                restore_buckets=tuple(document.pop("restore_buckets")),
                manifest_buckets=tuple(document.pop("manifest_buckets")),
                vaults=tuple(document.pop("vaults", ())),
                kms_key_arns=tuple(document.pop("kms_key_arns", ())),
                eventbridge_buckets=tuple(document.pop("eventbridge_buckets", ())),
                copy_destinations=tuple(Destination(**each) for each in destinations),
                **document,
            )
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise JobRulesError(
                f"The rules for jobs cannot be read ({exc!r}): deploy the stack again."
            ) from exc
