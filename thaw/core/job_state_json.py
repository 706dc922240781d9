"""A job's state as one JSON document, as the jobs table keeps it, and back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from thaw.core.errors import ThawError
from thaw.core.job_requests import CopyRequest, JobRequest, Selection, Way
from thaw.core.job_states import JobState, JobStatus, Loaded, Validated, Wave
from thaw.core.jobs import Totals
from thaw.core.vault_requests import VaultRequest

T = TypeVar("T")


class JobStateError(ThawError):
    """A document that is no job's state."""


def state_to_json(state: JobState) -> str:
    """`state` as compact JSON text; totals are pairs of objects and bytes."""
    return json.dumps(asdict(state), separators=(",", ":"))


def state_from_json(text: str) -> JobState:
    """The inverse of `state_to_json`. Raises JobStateError."""
    try:
        return _state(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise JobStateError(
            f"The state of a job cannot be read ({exc!r}): was it written by another version of Thaw?"
        ) from exc


def request_to_json(request: JobRequest) -> str:
    """`request` as compact JSON text, its fields in a fixed order."""
    return json.dumps(asdict(request), separators=(",", ":"))


def _state(fields: dict[str, Any]) -> JobState:
    typed: dict[str, Any] = {
        **fields,
        "status": JobStatus(fields["status"]),
        "request": _request(fields["request"]),
        "validated": _if_any(_validated, fields.get("validated")),
        "loaded": _if_any(_loaded, fields.get("loaded")),
        "waves": tuple(Wave(**wave) for wave in fields.get("waves", ())),
        "trouble": tuple(fields.get("trouble", ())),
    }
    return JobState(**typed)


def _request(fields: dict[str, Any]) -> JobRequest:
    typed: dict[str, Any] = {
        **fields,
        "way": Way(fields["way"]),
        "selection": _if_any(_selection, fields.get("selection")),
        "copy": _if_any(lambda copy: CopyRequest(**copy), fields.get("copy")),
        "vault": _if_any(lambda vault: VaultRequest(**vault), fields.get("vault")),
    }
    return JobRequest(**typed)


def _selection(fields: dict[str, Any]) -> Selection:
    typed: dict[str, Any] = {**fields, "storage_classes": tuple(fields["storage_classes"])}
    return Selection(**typed)


def _validated(fields: dict[str, Any]) -> Validated:
    typed: dict[str, Any] = {**fields, "by_storage_class": _totals(fields["by_storage_class"])}
    return Validated(**typed)


def _loaded(fields: dict[str, Any]) -> Loaded:
    typed: dict[str, Any] = {**fields, "by_storage_class": _totals(fields["by_storage_class"])}
    return Loaded(**typed)


def _totals(by_storage_class: Mapping[str, list[int]]) -> dict[str, Totals]:
    return {name: Totals(*pair) for name, pair in by_storage_class.items()}


def _if_any(make: Callable[[dict[str, Any]], T], fields: dict[str, Any] | None) -> T | None:
    return None if fields is None else make(fields)
