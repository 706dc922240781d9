"""How long things take at Glacier, and how its times are spelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_HOUR = 3600.0


@dataclass(frozen=True)
class Times:
    """Seconds. `window`: how long a job's output can be read; `staged`: how long a retrieval of what is
    staged takes; `inventory_age`: how much older than its retrieval an inventory may be.
    https://docs.aws.amazon.com/amazonglacier/latest/dev/downloading-an-archive-two-steps.html
    """

    expedited: float = 180.0
    standard: float = 4 * _HOUR
    bulk: float = 8 * _HOUR
    inventory: float = 4 * _HOUR
    staged: float = 0.0
    window: float = 24 * _HOUR
    inventory_age: float = 0.0

    def of_tier(self, tier: str) -> float:
        """How long a retrieval takes."""
        return {"Expedited": self.expedited, "Bulk": self.bulk}.get(tier, self.standard)


def compressed(retrieval: float, window: float = Times.window) -> Times:
    """Every retrieval, of archives and of inventories, takes `retrieval` seconds."""
    return Times(expedited=retrieval, standard=retrieval, bulk=retrieval, inventory=retrieval, window=window)


def times_of(environ: Mapping[str, str]) -> Times:
    """THAW_LOCAL_GLACIER_SECONDS: how long each retrieval takes; THAW_LOCAL_GLACIER_WINDOW_SECONDS: how long
    its output can be read. What is not given is as at AWS."""
    retrieval, window = (environ.get(f"THAW_LOCAL_GLACIER_{name}") for name in ("SECONDS", "WINDOW_SECONDS"))
    given = float(window) if window else Times.window
    return compressed(float(retrieval), given) if retrieval else Times(window=given)


def spelled(seconds: float) -> str:
    """Seconds since 1970 as `2026-11-21T10:00:00.123Z`."""
    told = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return told.isoformat(timespec="milliseconds") + "Z"


def read(text: str) -> float:
    """The inverse of `spelled`, also of times without a fraction."""
    return datetime.fromisoformat(text).timestamp()
