"""What is looked up before anything is asked of Glacier, and how it is refused."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.vaults import preparations
from tests.vaults.preparations import ACCOUNT, FILES, JOB, LIVE, REGION, REQUEST, VAULT, World
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import Destination
from thaw.core.job_states import JobStatus
from thaw.vaults.validating import Validation

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
OTHER = "999999999999"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with preparations.world() as made:
        made.add("held")
        yield made


def asked(**vault: Any) -> JobRequest:
    assert REQUEST.vault
    return replace(REQUEST, vault=replace(REQUEST.vault, **vault))


def refusal(validation: Validation, request: JobRequest = REQUEST) -> tuple[int, str]:
    with pytest.raises(JobRefusedError) as raised:
        validation.check(request)
    return raised.value.status, str(raised.value)


def encrypt(world: World, **default: str) -> None:
    rule: Any = {"ApplyServerSideEncryptionByDefault": default}
    world.s3.put_bucket_encryption(Bucket=LIVE, ServerSideEncryptionConfiguration={"Rules": [rule]})


class Refusing:
    """A client whose calls of one name fail with a code."""

    def __init__(self, client: Any, call: str, code: str) -> None:
        self._client, self._call, self._code = client, call, code

    def __getattr__(self, name: str) -> Any:
        if name != self._call:
            return getattr(self._client, name)

        def fail(**_: Any) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, name)

        return fail


def with_s3(world: World, call: str, code: str) -> Validation:
    validation = world.preparation.validation
    client = Refusing(world.s3, call, code)
    return replace(
        validation,
        s3=client,  # type: ignore[arg-type]
        landings=replace(validation.landings, clients=lambda _: client),  # type: ignore[arg-type]
    )


def test_a_vault_without_an_inventory_has_to_wait_for_its_first_unless_one_is_given(world: World) -> None:
    vault = world.server.vault(VAULT, REGION)
    vault.archives.clear()
    status, told = refusal(world.preparation.validation)
    assert status == 409
    assert told.startswith(
        "Glacier has made no inventory of vault photos yet, which it does about a day after"
    )
    world.s3.put_object(Bucket=FILES, Key="i.csv", Body=b"")
    world.preparation.validation.check(asked(inventory=f"s3://{FILES}/i.csv"))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"AAA,x\nAAA,y\n", "In the CSV of names archive 'AAA' is named 2 times"),
        (b'AAA,"x\nBBB,y', "A file that the plan is made of cannot be read"),
        (b'CCC,z\nAAA,"x\nBBB,y\nDDD,"w"\n', "A file that the plan is made of cannot be read"),
    ],
)
def test_names_are_looked_at_before_an_inventory_is_waited_for(world: World, body: bytes, told: str) -> None:
    world.s3.put_object(Bucket=FILES, Key="n.csv", Body=body)
    uri = f"s3://{FILES}/n.csv"
    status, reason = refusal(world.preparation.validation, asked(names=uri))
    assert status == 422
    assert reason.startswith(f"{uri} is no CSV of archive ids and names: {told}")


def test_a_good_request_passes_and_nothing_is_asked_of_glacier(world: World) -> None:
    world.s3.put_object(Bucket=FILES, Key="n.csv", Body=b"")
    world.ask(names=f"s3://{FILES}/n.csv")
    assert not world.preparation.validate(JOB).refused
    assert world.vaults.read(JOB).validated_run == 1
    assert world.server.vault(VAULT, REGION).jobs == {}


def test_a_vault_that_is_not_there_ends_the_job(world: World) -> None:
    world.rules = replace(world.rules, vaults=("films",))
    world.ask(vault="films")
    checked = world.preparation.validate(JOB)
    state = world.state
    assert (checked.refused, state.status, state.refusal) == (True, JobStatus.FAILED, 404)
    assert state.reason == f"There is no vault films in {REGION} in this account."
    assert state.ended_at
    assert world.vaults.find(JOB) is None, "a refused request is never taken for a good one"
    assert world.preparation.validate(JOB).refused, "the step can be taken again"


def test_a_vault_that_we_may_not_look_at_is_told(world: World) -> None:
    validation = world.preparation.validation
    client: Any = Refusing(validation.glacier, "describe_vault", "AccessDeniedException")
    assert refusal(replace(validation, glacier=client)) == (
        422,
        (
            f"Glacier does not let us look at vault {VAULT} (AccessDeniedException): allow it in the"
            " vault's policy."
        ),
    )


def test_what_the_stack_does_not_allow_is_refused_first(world: World) -> None:
    status, told = refusal(world.preparation.validation, asked(vault="films"))
    assert (status, told) == (
        422,
        "Vault films is not among the stack's vaults, and no other is transferred.",
    )


def test_a_bucket_that_is_not_there_is_refused(world: World) -> None:
    world.s3.delete_bucket(Bucket=LIVE)
    assert refusal(world.preparation.validation) == (404, f"There is no bucket {LIVE}.")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "403",
            (
                f"Bucket {LIVE} is not account {ACCOUNT}'s, or does not let us write into it: correct the"
                " bucket or bucket_owner, or its policy."
            ),
        ),
        (
            "301",
            f"Bucket {LIVE} is in another Region than the stack's copy_destinations say: correct it there.",
        ),
    ],
)
def test_a_bucket_that_is_not_ours_is_refused(world: World, code: str, told: str) -> None:
    assert refusal(with_s3(world, "head_bucket", code)) == (422, told)


def test_the_owner_that_is_asked_for_is_checked(world: World) -> None:
    owners: list[str] = []

    def note(params: dict[str, dict[str, str]], **_: object) -> None:
        owners.append(params["headers"]["x-amz-expected-bucket-owner"])

    world.s3.meta.events.register("before-call.s3.HeadBucket", note)
    validation = world.preparation.validation
    validation = replace(validation, landings=replace(validation.landings, clients=lambda _: world.s3))  # type: ignore[arg-type]
    validation.check(asked())
    validation.check(asked(bucket_owner=OTHER))
    assert owners == [ACCOUNT, OTHER]


def test_another_region_needs_to_be_said(world: World) -> None:
    world.rules = replace(
        world.rules, region="eu-west-1", copy_destinations=(Destination(LIVE, region=REGION),)
    )
    status, told = refusal(world.preparation.validation)
    assert status == 422
    assert told == (
        f"Bucket {LIVE} is in {REGION} and the vault in eu-west-1, which is billed as transfer between"
        " Regions: choose another bucket, or say cross_region."
    )
    world.preparation.validation.check(asked(cross_region=True))
    world.rules = replace(world.rules, copy_destinations=(Destination(LIVE),))
    assert refusal(world.preparation.validation) == (422, told), "whatever the config says of the Region"


@pytest.mark.parametrize("key", [KEY_ARN, KEY_ID])
@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
def test_a_default_key_must_be_one_that_we_may_use(world: World, key: str, algorithm: str) -> None:
    """The thirty-ninth failure of the published system: no permissions for KMS."""
    encrypt(world, SSEAlgorithm=algorithm, KMSMasterKeyID=key)
    assert refusal(world.preparation.validation) == (
        422,
        (
            f"Bucket {LIVE} encrypts with the key {key}, which is not among the stack's kms_key_arns: add its"
            " ARN, and name the key by it in the bucket's default encryption."
        ),
    )
    world.rules = replace(world.rules, kms_key_arns=(KEY_ARN,))
    world.preparation.validation.check(REQUEST)


@pytest.mark.parametrize("default", [{"SSEAlgorithm": "AES256"}, {"SSEAlgorithm": "aws:kms"}])
def test_s3_s_own_keys_need_no_permission(world: World, default: dict[str, str]) -> None:
    encrypt(world, **default)
    world.preparation.validation.check(REQUEST)


def test_another_account_may_keep_its_encryption_to_itself(world: World) -> None:
    validation = with_s3(world, "get_bucket_encryption", "AccessDenied")
    validation.check(asked(bucket_owner=OTHER))
    with pytest.raises(ClientError):
        validation.check(REQUEST)


@pytest.mark.parametrize("name", ["names", "inventory", "plan"])
def test_a_file_that_is_not_there_is_refused(world: World, name: str) -> None:
    uri = f"s3://{FILES}/none"
    assert refusal(world.preparation.validation, asked(**{name: uri})) == (404, f"There is no {uri}.")


def test_a_file_that_cannot_be_read_is_refused(world: World) -> None:
    uri = f"s3://{FILES}/closed"
    assert refusal(with_s3(world, "head_object", "403"), asked(names=uri)) == (
        422,
        f"{uri} cannot be read (403): allow the stack to read it.",
    )


def test_other_errors_are_no_refusals(world: World) -> None:
    for call in ("head_bucket", "get_bucket_encryption"):
        with pytest.raises(ClientError, match="SlowDown"):
            with_s3(world, call, "SlowDown").check(REQUEST)
    with pytest.raises(ClientError, match="SlowDown"):
        with_s3(world, "head_object", "SlowDown").check(asked(plan=f"s3://{FILES}/x"))
    client: Any = Refusing(world.preparation.validation.glacier, "describe_vault", "ThrottlingException")
    with pytest.raises(ClientError, match="ThrottlingException"):
        replace(world.preparation.validation, glacier=client).check(REQUEST)


def test_the_json_of_the_rules_keeps_the_keys(world: World) -> None:
    rules = replace(world.rules, kms_key_arns=(KEY_ARN,))
    assert json.loads(rules.to_json())["kms_key_arns"] == [KEY_ARN]
    assert type(rules).from_json(rules.to_json()) == rules
