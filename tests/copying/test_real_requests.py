"""The copier's requests as boto3 sends them, against another S3 (moto) that holds real bytes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.copying.worlds import ELSEWHERE, IN_PLACE, KEY_ARN, LIVE, READABLE, RULES
from tests.lambdas.environment import set_variables
from tests.store.tables import BUCKET, JOB, record
from thaw.copying.clients import Clients
from thaw.copying.deleting import delete_source
from thaw.copying.making import Maker
from thaw.copying.outcomes import Copied, Outcome
from thaw.copying.preparing import Preparer, Task
from thaw.copying.work import Work
from thaw.core import copy_plan
from thaw.core.copy_messages import CopyMessage
from thaw.core.job_requests import CopyRequest
from thaw.core.keys import NO_VERSION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "2019/ä b+%?&/x.txt"
MIB = 2**20
CONTENTS = {"at once": b"content", "in parts": b"0123456789abcdef" * (11 * MIB // 16)}
EACH_WAY = pytest.mark.parametrize("way", CONTENTS)
KEPT = (
    "Metadata",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "ContentLength",
    "ExpiresString",
    "WebsiteRedirectLocation",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "TagCount",
)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    set_variables(monkeypatch, {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    monkeypatch.setattr(copy_plan, "PART_BYTES", 5 * MIB)
    with mock_aws():
        client = boto3.client("s3")
        for bucket in (BUCKET, LIVE):
            place: Any = {"LocationConstraint": client.meta.region_name}
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        yield client


def put(s3: "S3Client", content: bytes) -> str:
    """An archived object with all that an object can have, readable; its version id."""
    stored = s3.put_object(
        Bucket=BUCKET,
        Key=KEY,
        Body=content,
        StorageClass="GLACIER",
        Metadata={"owner": "finance"},
        CacheControl="max-age=60",
        ContentDisposition='attachment; filename="a b.txt"',
        ContentEncoding="gzip",
        ContentLanguage="de",
        ContentType="text/plain; charset=utf-8",
        Expires="Thu, 01 Dec 2033 16:00:00 GMT",
        WebsiteRedirectLocation="/elsewhere.html",
        Tagging="team=a%20%3D%20b%2Bc&empty=",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=KEY_ARN,
        ChecksumAlgorithm="SHA256",
    )
    s3.put_object_acl(Bucket=BUCKET, Key=KEY, GrantRead=f'id="{"b" * 64}"')
    s3.restore_object(Bucket=BUCKET, Key=KEY, RestoreRequest={"Days": 7})
    return stored.get("VersionId", NO_VERSION)


def copy(s3: "S3Client", asked: CopyRequest, way: str, version_id: str = NO_VERSION) -> Outcome:
    """One object through the copier."""
    one = record(KEY, version_id, READABLE, size=len(CONTENTS[way]))
    preparer = Preparer(Clients(lambda _: s3), RULES, DEFAULT_ACCOUNT_ID, lambda: "now", single_bytes=5 * MIB)
    task = Task(CopyMessage(JOB, BUCKET, KEY, version_id, None), one, asked, again=False)
    work = preparer.prepare(task)
    assert isinstance(work, Work)
    with ThreadPoolExecutor(4) as pool:
        maker = Maker(preparer.clients, pool, preparer.now, lambda: 900.0)
        return maker.at_once(work, "") if way == "at once" else maker.in_parts(work, "")


def head(s3: "S3Client", bucket: str, key: str) -> dict[str, Any]:
    answer: Any = s3.head_object(Bucket=bucket, Key=key)
    return {name: answer.get(name) for name in KEPT}


@EACH_WAY
def test_bytes_and_metadata_are_the_same_after_the_copy(s3: "S3Client", way: str) -> None:
    put(s3, CONTENTS[way])
    assert isinstance(copy(s3, replace(ELSEWHERE, keep_acl=True), way), Copied)
    place: Any = {"Bucket": LIVE, "Key": f"from/{KEY}"}
    assert s3.get_object(**place)["Body"].read() == CONTENTS[way]
    assert head(s3, LIVE, f"from/{KEY}") == head(s3, BUCKET, KEY)
    assert head(s3, BUCKET, KEY)["TagCount"] == 2, "the test compares something"
    tags = s3.get_object_tagging(Bucket=BUCKET, Key=KEY)["TagSet"]
    assert s3.get_object_tagging(**place)["TagSet"] == tags
    granted = s3.get_object_acl(**place)["Grants"]
    assert {"Type": "CanonicalUser", "ID": "b" * 64} in [grant.get("Grantee") for grant in granted]
    assert s3.head_object(**place).get("StorageClass", "STANDARD") == "STANDARD"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=LIVE)


@EACH_WAY
def test_in_place_the_object_changes_its_class_and_nothing_else(s3: "S3Client", way: str) -> None:
    put(s3, CONTENTS[way])
    before = head(s3, BUCKET, KEY)
    assert isinstance(copy(s3, replace(IN_PLACE, storage_class="STANDARD_IA"), way), Copied)
    assert head(s3, BUCKET, KEY) == before
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["StorageClass"] == "STANDARD_IA"


@EACH_WAY
def test_a_version_that_is_not_current_is_copied_and_alone_deleted(s3: "S3Client", way: str) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version_id = put(s3, CONTENTS[way])
    newer = s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"newer")["VersionId"]
    outcome = copy(s3, ELSEWHERE, way, version_id)
    assert isinstance(outcome, Copied)
    assert s3.get_object(Bucket=LIVE, Key=f"from/{KEY}")["Body"].read() == CONTENTS[way]
    delete_source(Clients(lambda _: s3), outcome)
    versions = s3.list_object_versions(Bucket=BUCKET).get("Versions", [])
    assert [version.get("VersionId") for version in versions] == [newer]
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=BUCKET)
