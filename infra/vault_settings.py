"""The settings of vault transfers: which vaults, how much at once; defaults, types and limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra import limits
from infra.report_settings import require_schedule
from infra.setting_values import Shape, as_shape, require, require_range

VAULT_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
"""https://docs.aws.amazon.com/amazonglacier/latest/dev/creating-vaults.html"""

MAX_BYTES = 10**18
"""Ours: an exabyte, which is no limit."""

MAX_SWEEP_MINUTES = 720
"""Ours: half of the time in which a retrieved archive can be read."""

MAX_REQUESTS_PER_SECOND = 1000
"""Ours: far above what Glacier takes of an account, which throttles; then less is asked."""


@dataclass(frozen=True)
class VaultSettings:
    """What vault transfers may do. Without `vaults` nothing of them is deployed."""

    vaults: tuple[str, ...] = ()
    vault_bytes_per_day: int = 100 * 1024**4
    vault_requests_per_second: int = 50
    vault_staged_bytes: int = 0
    vault_transfer_concurrency: int = 50
    vault_watch_schedule: str = "rate(1 minute)"
    vault_sweep_minutes: int = 30


VAULT_SHAPES: Mapping[str, Shape] = {
    "vaults": "array",
    "vault_bytes_per_day": "integer",
    "vault_requests_per_second": "integer",
    "vault_staged_bytes": "integer",
    "vault_transfer_concurrency": "integer",
    "vault_watch_schedule": "string",
    "vault_sweep_minutes": "integer",
}
"""The type of each key, as the project file's schema spells types."""

_RANGES: Mapping[str, tuple[int, int]] = {
    "vault_bytes_per_day": (0, MAX_BYTES),
    "vault_requests_per_second": (1, MAX_REQUESTS_PER_SECOND),
    "vault_staged_bytes": (0, MAX_BYTES),
    "vault_transfer_concurrency": (limits.MIN_CONCURRENCY, limits.MAX_CONCURRENCY),
    "vault_sweep_minutes": (0, MAX_SWEEP_MINUTES),
}


def vault_names(entries: list[Any]) -> tuple[str, ...]:
    """The vaults that may be transferred. Raises SettingsError."""
    return tuple(_vault_name(f"vaults[{i}]", entry) for i, entry in enumerate(entries))


def _vault_name(where: str, entry: Any) -> str:
    name = as_shape(where, entry, "string")
    require(
        bool(VAULT_NAME.fullmatch(name)),
        where,
        name,
        "a vault's name has 1 to 255 letters, digits, dots, hyphens and underscores",
        "give the bare name, without an ARN",
    )
    return name


def check_vaults(settings: VaultSettings) -> None:
    """Refuse what AWS or Thaw does not take. Raises SettingsError."""
    for key, (low, high) in _RANGES.items():
        require_range(key, getattr(settings, key), low, high)
    for name in settings.vaults:
        require(settings.vaults.count(name) == 1, "vaults", name, "it stands there once", "drop one of them")
    require_schedule("vault_watch_schedule", settings.vault_watch_schedule)
    require(
        bool(settings.vault_watch_schedule),
        "vault_watch_schedule",
        settings.vault_watch_schedule,
        "no archive would be requested without it",
        "set it, to rate(1 minute) for one",
    )
