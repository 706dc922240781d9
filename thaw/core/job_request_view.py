"""A request as its sender would spell it."""

from dataclasses import asdict
from typing import Any

from thaw.core.job_request_parsing import API_TIERS
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.vault_requests import VaultRequest

_TIERS = {tier: spelled for spelled, tier in API_TIERS.items()}


def request_view(request: JobRequest) -> dict[str, Any]:
    """The fields of `POST /create-job`, for a vault those of `POST /vault-transfers`, that ask for `request`;
    what was left out is left out."""
    if request.vault is not None:
        return _transfer(request, request.vault)
    optional: dict[str, Any] = {
        "expiration_days": request.expiration_days,
        "client_tag": request.client_tag,
        "idempotency_key": request.idempotency_key,
        "copy": None if request.copy is None else _given(asdict(request.copy)),
        "timeout_hours": request.timeout_hours,
        "max_uncopied_bytes": request.max_uncopied_bytes,
    }
    return {
        **_objects(request),
        "tier": _TIERS[request.tier],
        "way": request.way.value,
        "dry_run": request.dry_run,
        **_given(optional),
    }


def _transfer(request: JobRequest, vault: VaultRequest) -> dict[str, Any]:
    copy = request.copy or CopyRequest()
    optional: dict[str, Any] = {
        **asdict(vault),
        "destination_prefix": copy.destination_prefix,
        "client_tag": request.client_tag,
        "idempotency_key": request.idempotency_key,
        "timeout_hours": request.timeout_hours,
    }
    del optional["new_inventory"]
    return {
        "vault": vault.vault,
        "destination_bucket": copy.destination_bucket,
        "storage_class": copy.storage_class,
        "tier": _TIERS[request.tier],
        "dry_run": request.dry_run,
        **_given(optional),
    }


def _objects(request: JobRequest) -> dict[str, Any]:
    if request.selection is None:
        bucket, _, key = request.manifest.removeprefix("s3://").partition("/")
        return {"bucket": bucket, "key": key, "source_bucket": request.bucket}
    selection = asdict(request.selection)
    selection["storage_classes"] = list(request.selection.storage_classes)
    return {"bucket": request.bucket, "prefix": selection.pop("prefix"), **_given(selection)}


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what stands for nothing: an empty text or list, or None."""
    return {name: value for name, value in fields.items() if value not in ("", [], None)}
