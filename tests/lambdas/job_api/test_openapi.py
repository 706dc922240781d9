"""docs/openapi.yaml is valid, names exactly the routes there are, and the function does as it says."""

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from lambdas.job_api.routes import CODES, ROUTES, STATUSES
from tests.jobs.served import LISTED, RULES, TRANSFER, Served, failed, progress_of, restoring
from tests.lambdas.job_api.deployed import Deployed
from tests.lambdas.job_api.gateway import application
from thaw.core.job_request_fields import COPY_CLASSES, COPY_FIELDS, FILTERS, JOB_ID, RESTORABLE
from thaw.core.job_request_parsing import (
    API_FIELDS,
    API_TIERS,
    API_WAYS,
    MAX_DAYS,
    MAX_TIMEOUT_HOURS,
    parse_job_request,
)
from thaw.core.job_request_view import request_view
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import Destination
from thaw.core.job_states import JobState, JobStatus
from thaw.core.request_fields import MAX_NUMBER
from thaw.core.vault_request_parsing import (
    ACCOUNT,
    MAX_AGE_HOURS,
    NAME_PATTERN,
    RESUME_FIELDS,
    S3_FILE,
    TRANSFER_FIELDS,
    VAULT_NAME,
    parse_vault_transfer,
)
from thaw.core.vault_states import Inventory, Plan, VaultState
from thaw.jobs.manifest_head import INVENTORY

DOCUMENT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[3] / "docs" / "openapi.yaml").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
GATEWAYS_OWN = {403, 429}
"""Statuses that API Gateway answers with by itself."""

CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": [200, 201, 202, 404, 409, 422]},
            "negative_data_rejection": {"expected-statuses": [400, 403, 404, 413]},
        }
    }
)


class Every(tuple[str, ...]):
    """All bucket names there are."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)


class AnyName(str):
    """The name of any bucket."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = str.__hash__


class EveryManifest(dict[tuple[str, str], bytes]):
    """A manifest in every place; it names objects of the bucket that it is in."""

    def get(self, place: tuple[str, str], default: Any = None) -> bytes:  # noqa: ARG002 - there is always one
        bucket, key = place
        return (
            f'{{"sourceBucket": "{bucket}"}}'.encode() if key.endswith(INVENTORY) else f"{bucket},a".encode()
        )


RULES_OF_ANY = replace(
    RULES, restore_buckets=Every(), vaults=Every(), copy_destinations=(Destination(AnyName()),)
)


KNOWN = ("going", "moving", "refused", "stopped")


def deployed() -> Deployed:
    """A stack that takes any bucket and vault, with jobs and transfers under way and ended."""
    served = Served(RULES_OF_ANY)
    served.s3.objects = EveryManifest()
    of_objects, of_vault = parse_job_request(LISTED).request, parse_vault_transfer(TRANSFER)
    for job_id, (request, step) in {
        "going": (of_objects, restoring),
        "refused": (of_objects, failed),
        "moving": (of_vault, restoring),
        "stopped": (of_vault, failed),
    }.items():
        served.put(step(JobState(job_id, request, JobStatus.PREPARING, "2026-11-20T00:00:00.000Z")))
    for job_id in ("going", "moving"):
        served.progress[job_id] = progress_of(job_id, pending=1, restored=2)
    served.vaults.create(VaultState("moving"))
    served.vaults.create(VaultState("stopped", inventory=Inventory(), plan=Plan(1, 2, 3, 4, 5, 6)))
    return Deployed(served)


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
SCHEMA.app = application(deployed)


@SCHEMA.hook
def map_path_parameters(
    _: schemathesis.HookContext, parameters: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Every second job id is one that there is."""
    job_id = (parameters or {}).get("job_id")
    if isinstance(job_id, str) and re.fullmatch(JOB_ID, job_id) and len(job_id) % 2:
        return {"job_id": KNOWN[len(job_id) // 2 % len(KNOWN)]}
    return parameters


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


@SCHEMA.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator] - it has no types
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
def test_the_function_does_as_the_document_says(case: Any) -> None:
    case.call_and_validate(excluded_checks=[checks.ignored_auth, checks.unsupported_method])


def test_the_document_has_exactly_the_routes_there_are() -> None:
    documented = {
        (method.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert documented == set(ROUTES)


def test_the_document_names_exactly_the_fields_that_are_read() -> None:
    every = set(API_FIELDS)
    assert SCHEMAS["JobOfManifest"]["properties"].keys() == every - {"prefix", *FILTERS}
    assert SCHEMAS["JobOfPrefix"]["properties"].keys() == every - {"key", "source_bucket"}
    assert SCHEMAS["Copy"]["properties"].keys() == set(COPY_FIELDS)
    assert SCHEMAS["VaultTransfer"]["properties"].keys() == set(TRANSFER_FIELDS)
    assert SCHEMAS["ResumeTransfer"]["properties"].keys() == set(RESUME_FIELDS)


def test_the_document_has_the_choices_and_bounds_of_the_code() -> None:
    assert SCHEMAS["Tier"]["enum"] == [*API_TIERS]
    assert SCHEMAS["Way"]["enum"] == [*API_WAYS]
    assert SCHEMAS["Status"]["enum"] == [*JobStatus]
    assert SCHEMAS["Copy"]["properties"]["storage_class"]["enum"] == [*COPY_CLASSES]
    assert SCHEMAS["JobOfPrefix"]["properties"]["storage_classes"]["items"]["enum"] == [*RESTORABLE]
    assert SCHEMAS["JobId"]["pattern"] == f"^{JOB_ID}$"
    assert SCHEMAS["ExpirationDays"]["maximum"] == MAX_DAYS
    assert SCHEMAS["TimeoutHours"]["maximum"] == MAX_TIMEOUT_HOURS
    assert SCHEMAS["MaxUncopiedBytes"]["maximum"] == MAX_NUMBER


def test_the_document_has_the_choices_and_bounds_of_transfers() -> None:
    fields = SCHEMAS["VaultTransfer"]["properties"]
    assert fields["tier"]["enum"] == SCHEMAS["ResumeTransfer"]["properties"]["tier"]["enum"] == [*API_TIERS]
    assert fields["storage_class"]["enum"] == [*COPY_CLASSES]
    patterns = {"vault": VAULT_NAME, "name_pattern": NAME_PATTERN, "bucket_owner": ACCOUNT}
    assert {name: fields[name]["pattern"] for name in patterns} == {
        name: f"^{pattern}$" for name, pattern in patterns.items()
    }
    assert SCHEMAS["File"]["pattern"] == f"^{S3_FILE}$"
    assert fields["max_inventory_age_hours"]["maximum"] == MAX_AGE_HOURS
    assert {fields[name]["maximum"] for name in ("min_size_bytes", "max_size_bytes")} == {MAX_NUMBER}


def test_the_document_has_the_defaults_of_transfers() -> None:
    usual = request_view(parse_vault_transfer({"vault": "v", "destination_bucket": "live"}))
    empty = {"destination_prefix": "", "name_pattern": ""}
    documented = {name: each.get("default") for name, each in SCHEMAS["VaultTransfer"]["properties"].items()}
    of_code = {**usual, **empty, "vault": None, "destination_bucket": None}
    shared = {"dry_run"}
    for name, default in documented.items():
        if name not in shared:
            assert default == of_code.get(name), name


def test_the_document_has_the_defaults_of_the_code() -> None:
    documented = {name: each.get("default") for name, each in SCHEMAS["Copy"]["properties"].items()}
    of_code = {name: default for name, default in asdict(CopyRequest()).items() if default != ""}
    assert {name: default for name, default in documented.items() if default is not None} == of_code


ALWAYS = {400, 500, 503, *GATEWAYS_OWN}


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/create-job", {200, 201, 202, 409, 413, 422}),
        ("get", "/jobs", {200}),
        ("get", "/jobs/{job_id}", {200, 404}),
        ("delete", "/jobs/{job_id}", {202, 404, 409}),
        ("post", "/vault-transfers", {200, 201, 202, 409, 413, 422}),
        ("post", "/vault-transfers/{job_id}/resume", {201, 202, 404, 409, 413, 422}),
    ],
)
def test_the_document_has_the_statuses_that_are_answered(method: str, path: str, statuses: set[int]) -> None:
    documented = {int(status) for status in DOCUMENT["paths"][path][method]["responses"]}
    assert documented == statuses | ALWAYS
    assert documented - GATEWAYS_OWN <= {*CODES, *STATUSES.values()}
