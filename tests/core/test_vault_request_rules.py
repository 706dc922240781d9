"""A transfer goes only from the stack's vaults to the stack's destinations, and says what it can mean."""

from dataclasses import replace
from typing import Any

import pytest

from tests.core.test_vault_request_parsing import ASKED
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import Destination, JobRules
from thaw.core.vault_request_parsing import parse_vault_transfer
from thaw.core.vault_request_rules import check_vault_request, destination_of

JOBS_BUCKET = "thaw-jobs-files"
RULES = JobRules(
    region="eu-north-1",
    restore_buckets=("archive",),
    manifest_buckets=("manifests",),
    copy_destinations=(
        Destination("live"),
        Destination("shared", "vaults/", account="111122223333"),
        Destination("far", region="us-east-1"),
    ),
    vaults=("photos",),
)


def request(**more: Any) -> JobRequest:
    return parse_vault_transfer({**ASKED, **more})


def refusal(asked: JobRequest, rules: JobRules = RULES) -> str:
    with pytest.raises(JobRefusedError) as raised:
        check_vault_request(asked, rules, JOBS_BUCKET)
    assert raised.value.status == 422
    return str(raised.value)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"destination_prefix": "a/b c/é"},
        {"destination_bucket": "shared", "destination_prefix": "vaults"},
        {"destination_bucket": "shared", "destination_prefix": "vaults/x", "bucket_owner": "111122223333"},
        {"bucket_owner": "111122223333"},
        {"destination_bucket": "far", "cross_region": True},
        {"names": "s3://manifests/n.csv", "inventory": "s3://archive/i.csv"},
        {"plan": f"s3://{JOBS_BUCKET}/jobs/x/vault/plan.csv.gz"},
        {"min_size_bytes": 5, "max_size_bytes": 5},
        {"destination_prefix": "é" * 255 + "x"},
        {"tier": "EXPEDITED", "storage_class": "DEEP_ARCHIVE"},
    ],
)
def test_what_the_stack_allows(more: dict[str, Any]) -> None:
    check_vault_request(request(**more), RULES, JOBS_BUCKET)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"vault": "films"},
            "Vault films is not among the stack's vaults, and no other is transferred.",
        ),
        (
            {"destination_bucket": "elsewhere", "destination_prefix": "x"},
            "Archives may not go to elsewhere/x/: the stack's copy_destinations do not cover it.",
        ),
        ({"destination_bucket": "shared"}, "Archives may not go to shared/: "),
        ({"destination_bucket": "shared", "destination_prefix": "vault"}, "may not go to shared/vault/: "),
        (
            {"destination_bucket": "far"},
            "Bucket far is in us-east-1 and the vault in eu-north-1, which is billed as transfer",
        ),
        (
            {"destination_bucket": "shared", "destination_prefix": "vaults", "bucket_owner": "999999999999"},
            "bucket_owner is 999999999999, and the stack's copy_destinations say that another account owns",
        ),
        ({"destination_prefix": "/a"}, "destination_prefix is '/a/'; it must neither begin with / nor"),
        ({"destination_prefix": "a/../b"}, "nor have a segment . or .. or a control character"),
        ({"destination_prefix": "./a"}, "nor have a segment"),
        ({"destination_prefix": "a\x7fb"}, "nor have a segment"),
        ({"destination_prefix": "é" * 256}, "destination_prefix has 513 bytes with its / at the end; it may"),
        ({"names": "s3://private/n.csv"}, "s3://private/n.csv is not read: the stack's manifest_buckets and"),
        ({"inventory": "s3://private/n.csv"}, "s3://private/n.csv is not read"),
        ({"plan": "s3://live/n.csv"}, "s3://live/n.csv is not read"),
        ({"min_size_bytes": 2, "max_size_bytes": 1}, "No archive has 2 bytes or more and 1 or fewer: swap"),
        (
            {"created_from": "2014-01-01T00:00:00Z", "created_before": "2014-01-01T00:00:00Z"},
            "No archive is created from 2014-01-01T00:00:00.000Z on and before 2014-01-01T00:00:00.000Z",
        ),
    ],
)
def test_what_it_does_not(more: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(request(**more))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("names", "s3://manifests/n.csv"),
        ("inventory", "s3://manifests/n.csv"),
        ("created_from", "2014-01-01T00:00:00Z"),
        ("created_before", "2014-01-01T00:00:00Z"),
        ("min_size_bytes", 0),
        ("max_size_bytes", 0),
        ("name_pattern", "*"),
    ],
)
def test_a_plan_leaves_nothing_to_choose(field: str, value: object) -> None:
    asked = request(plan="s3://manifests/plan.csv.gz", **{field: value})
    assert refusal(asked) == (f"A plan is used as it is: leave out {field}, or let a new plan be made.")


def test_a_job_of_objects_is_no_transfer() -> None:
    assert "it is no transfer" in refusal(replace(request(), vault=None))


def test_where_archives_go_is_the_first_destination_that_covers_it() -> None:
    rules = replace(RULES, copy_destinations=(Destination("live", "a/"), Destination("live", region="x")))
    for prefix, region in (("a", ""), ("b", "x")):
        copy = request(destination_prefix=prefix).copy
        assert copy is not None
        found = destination_of(copy, rules)
        assert found is not None
        assert found.region == region
