"""What is asked for of a vault is read to the letter, and told so that it could be asked for again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core.archives import vault_bucket
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_request_parsing import parse_job_request
from thaw.core.job_request_view import request_view
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.vault_request_parsing import (
    TRANSFER_FIELDS,
    Resume,
    ResumedJob,
    parse_vault_input,
    parse_vault_resume,
    parse_vault_transfer,
)
from thaw.core.vault_requests import VaultRequest

ASKED: dict[str, Any] = {"vault": "photos", "destination_bucket": "live"}
FULL: dict[str, Any] = {
    **ASKED,
    "destination_prefix": "from/photos",
    "storage_class": "DEEP_ARCHIVE",
    "tier": "STANDARD",
    "created_from": "2013-01-01T00:00:00Z",
    "created_before": "2014-01-01T01:00:00+01:00",
    "min_size_bytes": 1,
    "max_size_bytes": 10**12,
    "name_pattern": "*.jpg",
    "names": "s3://manifests/names.csv",
    "inventory": "s3://manifests/in ventory.json",
    "max_inventory_age_hours": 0,
    "cross_region": True,
    "bucket_owner": "111122223333",
    "replan": True,
    "client_tag": "2013",
    "idempotency_key": "k-1",
    "dry_run": True,
    "timeout_hours": 48,
}


def refusal(body: object) -> str:
    with pytest.raises(JobRefusedError) as raised:
        parse_vault_transfer(body)
    assert raised.value.status == 400
    return str(raised.value)


def test_the_least_that_can_be_asked_for() -> None:
    assert parse_vault_transfer(ASKED) == JobRequest(
        bucket="vault:photos",
        tier="Bulk",
        way=Way.VAULT,
        vault=VaultRequest("photos"),
        copy=CopyRequest(destination_bucket="live"),
    )


def test_everything_that_can_be_asked_for() -> None:
    assert FULL.keys() == {*TRANSFER_FIELDS} - {"plan"}
    request = parse_vault_transfer(FULL)
    assert request == JobRequest(
        bucket=vault_bucket("photos"),
        tier="Standard",
        way=Way.VAULT,
        vault=VaultRequest(
            vault="photos",
            created_from="2013-01-01T00:00:00.000Z",
            created_before="2014-01-01T00:00:00.000Z",
            min_size_bytes=1,
            max_size_bytes=10**12,
            name_pattern="*.jpg",
            names="s3://manifests/names.csv",
            inventory="s3://manifests/in ventory.json",
            max_inventory_age_hours=0,
            cross_region=True,
            bucket_owner="111122223333",
            replan=True,
            new_inventory=True,
        ),
        copy=CopyRequest("DEEP_ARCHIVE", "live", "from/photos/"),
        client_tag="2013",
        idempotency_key="k-1",
        dry_run=True,
        timeout_hours=48,
    )


@pytest.mark.parametrize(("given_", "read"), [("", ""), ("a", "a/"), ("a/", "a/"), ("a/b", "a/b/")])
def test_a_prefix_is_a_folder_however_it_is_spelled(given_: str, read: str) -> None:
    copy = parse_vault_transfer({**ASKED, "destination_prefix": given_}).copy
    assert copy is not None
    assert copy.destination_prefix == read


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("vault", "", 'vault is ""; it must be the name of a vault, 1 to 255 of A-Z a-z 0-9 _ . and -.'),
        ("vault", "a/b", 'vault is "a/b"; it must be the name of a vault'),
        ("vault", "é", "it must be the name of a vault"),
        ("vault", "v" * 256, "it must be the name of a vault"),
        ("vault", None, "vault must be text, not null."),
        ("destination_bucket", "x", 'destination_bucket is "x"; it must be a bucket name'),
        ("destination_prefix", "x" * 1025, "has 1025 bytes"),
        ("storage_class", "COLD", 'storage_class is "COLD"; it must be STANDARD, '),
        ("tier", "Bulk", 'tier is "Bulk"; it must be STANDARD, BULK or EXPEDITED.'),
        ("names", "names.csv", 'names is "names.csv"; it must be a file in S3, s3://BUCKET/KEY.'),
        ("plan", "", "it must be a file in S3"),
        ("plan", "s3://manifests/", "it must be a file in S3"),
        ("inventory", "s3://manifests/" + "é" * 513, "has 1026 bytes"),
        ("name_pattern", "a\nb", "none of them a control character"),
        ("bucket_owner", "me", 'bucket_owner is "me"; it must be an account of 12 digits.'),
        ("max_inventory_age_hours", -1, "max_inventory_age_hours is -1; it must be from 0 to 8760."),
        ("timeout_hours", 0, "timeout_hours is 0; it must be from 1 to 8760."),
        ("dry_run", "False", 'dry_run must be true or false, not "False".'),
        ("created_from", "2013", 'created_from is "2013"; it must be a time like 2026-11-21T03:04:05Z.'),
        ("min_size_bytes", "1", 'min_size_bytes must be a whole number, not "1".'),
        ("bucket", "live", 'The request has no field "bucket"; it may have bucket_owner, '),
        ("resume", True, 'The request has no field "resume"'),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(field: str, value: object, sentence: str) -> None:
    assert sentence in refusal({**ASKED, field: value})


@pytest.mark.parametrize("field", ["vault", "destination_bucket"])
def test_what_must_be_said_must_be_said(field: str) -> None:
    assert refusal({name: value for name, value in ASKED.items() if name != field}) == (
        f"The request lacks the field {field}."
    )


def test_a_vault_is_not_asked_for_as_a_job_of_objects() -> None:
    body = {"bucket": "archive", "prefix": "", "tier": "BULK", "expiration_days": 1, "way": "vault"}
    with pytest.raises(JobRefusedError, match='way is "vault"; it must be batch_operations or requests'):
        parse_job_request(body)


def test_a_resumed_run_may_differ_in_little() -> None:
    assert parse_vault_resume({}) == Resume()
    body = {"tier": "EXPEDITED", "replan": True, "timeout_hours": 3}
    assert parse_vault_resume(body) == Resume(replan=True, tier="Expedited", timeout_hours=3)
    with pytest.raises(
        JobRefusedError, match='has no field "vault"; it may have replan, tier, timeout_hours'
    ):
        parse_vault_resume(ASKED)


def form(body: dict[str, Any]) -> dict[str, Any]:
    """As a form of the console has it: every value a text."""
    return {name: str(value) for name, value in body.items()}


def test_the_input_of_the_machine_may_be_written_by_a_form() -> None:
    assert parse_vault_input(form(FULL)) == parse_vault_transfer(FULL)
    empty = {**dict.fromkeys(TRANSFER_FIELDS, ""), "min_size_bytes": None, **ASKED}
    assert parse_vault_input(empty) == parse_vault_transfer(ASKED)


def test_a_text_that_says_false_is_not_true() -> None:
    for text in ("False", "false", "FALSE"):
        asked = parse_vault_input({**ASKED, "dry_run": text, "cross_region": text, "replan": text})
        assert asked == parse_vault_transfer(ASKED)
    for text in ("no", "0", "yes", "1"):
        with pytest.raises(JobRefusedError, match="dry_run must be true or false, not"):
            parse_vault_input({**ASKED, "dry_run": text})


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "٣", "9" * 17, "one"])
def test_a_text_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(JobRefusedError, match="min_size_bytes"):
        parse_vault_input({**ASKED, "min_size_bytes": text})


def test_the_input_of_the_machine_may_resume_a_job() -> None:
    body = {"resume": True, "job_id": "vault-photos-1", "replan": "true", "tier": ""}
    assert parse_vault_input(body) == ResumedJob("vault-photos-1", Resume(replan=True))
    with pytest.raises(JobRefusedError, match="The input lacks the field job_id"):
        parse_vault_input({"resume": True, "job_id": ""})
    others: list[object] = [{**body, "resume": "false"}, {**body, "resume": 1}, [], None, "photos"]
    for other in others:
        with pytest.raises(JobRefusedError):
            parse_vault_input(other)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
asked = st.fixed_dictionaries(
    {"vault": st.from_regex(r"\A[A-Za-z0-9_.\-]{1,255}\Z"), "destination_bucket": st.just("live")},
    optional={
        "destination_prefix": texts,
        "storage_class": st.sampled_from(["STANDARD", "DEEP_ARCHIVE"]),
        "tier": st.sampled_from(["STANDARD", "BULK", "EXPEDITED"]),
        "created_from": st.just("2013-01-01T00:00:00Z"),
        "min_size_bytes": st.integers(0, 10**15),
        "max_inventory_age_hours": st.integers(0, 100),
        "name_pattern": texts,
        "plan": texts.filter(bool).map(lambda text: f"s3://manifests/{text}"),
        "replan": st.booleans(),
        "cross_region": st.booleans(),
        "dry_run": st.booleans(),
        "idempotency_key": st.just("k"),
        "timeout_hours": st.integers(1, 100),
    },
)


@given(asked)
def test_a_request_is_told_so_that_it_could_be_made_again(body: dict[str, Any]) -> None:
    request = parse_vault_transfer(body)
    assert parse_vault_transfer(request_view(request)) == request


@given(asked)
def test_a_form_says_the_same_as_the_api(body: dict[str, Any]) -> None:
    assert parse_vault_input(form(body)) == parse_vault_transfer(body)


def test_what_was_left_out_is_not_told() -> None:
    told = request_view(parse_vault_transfer(ASKED))
    assert told == {
        **ASKED,
        "storage_class": "STANDARD",
        "tier": "BULK",
        "dry_run": False,
        "max_inventory_age_hours": 48,
        "cross_region": False,
        "replan": False,
    }
