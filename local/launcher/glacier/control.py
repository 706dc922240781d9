"""What tests and demonstrations may do to the stand-in that Glacier's own API does not let them."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .faults import fault_of
from .service import Glacier
from .times import read
from .vaults import Place


def control(glacier: Glacier, place: Place, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Does what is asked, each by its name, and tells figures. Raises ValueError for what it does not know.

    fault: a `Fault`; clear: no more faults; archives: a list of {vault, body (base64), description, created
    (ISO-8601), pretended_bytes}, whose ids are told as `archive_ids`; delete: {vault, archive_id};
    times: seconds by the names of `Times`; per_second: requests before it throttles; bytes_per_day.
    """
    unknown = sorted(set(asked) - set(_DONE_BY))
    if unknown:
        raise ValueError(f"Glacier's stand-in cannot {', '.join(unknown)}: it knows {', '.join(_DONE_BY)}")
    told: dict[str, Any] = {}
    for name, given in asked.items():
        told |= _DONE_BY[name](glacier, place, given) or {}
    glacier.settle()
    return told | figures(glacier)


def figures(glacier: Glacier) -> dict[str, Any]:
    """Requests by operation, what retrievals were paid for, and how often each fault has happened."""
    faults = [{"kind": fault.kind, "happened": fault.happened} for fault in glacier.faults.planned]
    return {"calls": dict(glacier.state.calls), "paid_bytes": glacier.state.paid_bytes, "faults": faults}


def _fault(glacier: Glacier, _place: Place, given: Any) -> None:
    glacier.faults.add(fault_of(given))


def _clear(glacier: Glacier, _place: Place, _given: Any) -> None:
    glacier.faults.clear()


def _archives(glacier: Glacier, place: Place, given: Any) -> dict[str, Any]:
    added = [_added(glacier, place, **document) for document in given]
    return {"archive_ids": added}


def _added(
    glacier: Glacier,
    place: Place,
    *,
    vault: str,
    body: str = "",
    description: str = "",
    created: str = "",
    pretended_bytes: int = 0,
) -> str:
    at = read(created) if created else glacier.now
    held = glacier.create_vault(vault, place)
    return held.add(base64.b64decode(body), description, at, pretended_bytes).archive_id


def _delete(glacier: Glacier, place: Place, given: Any) -> None:
    glacier.vault(given["vault"], place).delete(given["archive_id"], glacier.now)


def _times(glacier: Glacier, _place: Place, given: Any) -> None:
    glacier.state.times = replace(glacier.state.times, **given)


def _per_second(glacier: Glacier, _place: Place, given: Any) -> None:
    glacier.state.pace.per_second = float(given)


def _bytes_per_day(glacier: Glacier, _place: Place, given: Any) -> None:
    glacier.state.bytes_per_day = int(given)


_DONE_BY: dict[str, Callable[[Glacier, Place, Any], dict[str, Any] | None]] = {
    "fault": _fault,
    "clear": _clear,
    "archives": _archives,
    "delete": _delete,
    "times": _times,
    "per_second": _per_second,
    "bytes_per_day": _bytes_per_day,
}
