"""The Glacier stand-in over HTTP, asked by the real client."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from local.glacier_server import GlacierServer
from local.launcher.glacier.faults import Fault
from local.launcher.glacier.times import Times, compressed
from local.launcher.glacier.tree_hashes import MIB, is_tree_hash_aligned, tree_hash
from thaw.core.tree_hash import tree_hash as fast_tree_hash

TOPIC = "arn:aws:sns:us-east-1:123456789012:vaults"
VAULT = "photos"


@pytest.fixture
def server() -> Iterator[GlacierServer]:
    with GlacierServer(times=compressed(10, window=100)) as running:
        running.vault(VAULT)
        yield running


def refused(call: Any, **arguments: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the refusal of a call."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def asked(server: GlacierServer, archive_id: str, **more: Any) -> str:
    """The id of a new retrieval job of an archive."""
    parameters: Any = {"Type": "archive-retrieval", "ArchiveId": archive_id, "SNSTopic": TOPIC, **more}
    return server.client().initiate_job(vaultName=VAULT, jobParameters=parameters)["jobId"]


def output(server: GlacierServer, job_id: str, **more: Any) -> tuple[bytes, Any]:
    """What a job gives, and the whole answer."""
    answer = server.client().get_job_output(vaultName=VAULT, jobId=job_id, **more)
    return answer["body"].read(), answer


def told(server: GlacierServer) -> list[Any]:
    """The notifications so far."""
    return [json.loads(message) for _topic, message in server.notices]


def test_an_archive_is_read_once_its_job_has_ended_and_until_its_window_is_over(
    server: GlacierServer,
) -> None:
    client = server.client()
    archive_id = client.upload_archive(vaultName=VAULT, body=b"hello")["archiveId"]
    job_id = asked(server, archive_id, Tier="Bulk", Description="thaw job 0 0")
    code, status, message = refused(client.get_job_output, vaultName=VAULT, jobId=job_id)
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert message == f"The job is not currently available for download: {job_id}"
    assert not server.notices
    server.advance(10)
    body, answer = output(server, job_id)
    assert (body, answer["checksum"], answer["status"]) == (b"hello", tree_hash(b"hello"), 200)
    (notice,) = told(server)
    described = client.describe_job(vaultName=VAULT, jobId=job_id)
    given = {key: value for key, value in notice.items() if value is not None}
    assert given == {key: value for key, value in described.items() if key != "ResponseMetadata"}
    assert given["JobDescription"] == "thaw job 0 0"
    assert given["CompletionDate"] == "2026-11-21T10:00:10.000Z"
    assert (given["StatusCode"], given["Tier"], given["ArchiveSizeInBytes"]) == ("Succeeded", "Bulk", 5)
    server.advance(99)
    output(server, job_id)
    server.advance(1)
    assert refused(client.get_job_output, vaultName=VAULT, jobId=job_id)[:2] == (
        "ResourceNotFoundException",
        404,
    )
    assert client.list_jobs(vaultName=VAULT)["JobList"] == []


def test_what_is_staged_is_not_paid_for_again_and_has_a_new_window(server: GlacierServer) -> None:
    archive = server.vault(VAULT).add(b"hello")
    asked(server, archive.archive_id)
    server.advance(60)
    again = asked(server, archive.archive_id)
    assert server.glacier.state.paid_bytes == 5
    server.advance(99)
    assert output(server, again)[0] == b"hello"
    server.advance(1)
    asked(server, archive.archive_id)
    assert server.glacier.state.paid_bytes == 10


def test_an_archive_of_no_bytes_or_a_description_that_is_not_ascii_is_refused(server: GlacierServer) -> None:
    upload = server.client().upload_archive
    assert refused(upload, vaultName=VAULT, body=b"")[0] == "InvalidParameterValueException"
    assert refused(upload, vaultName=VAULT, body=b"x", archiveDescription="x" * 1025)[1] == 400
    assert refused(upload, vaultName=VAULT, body=b"x", archiveDescription="a\tb")[1] == 400
    assert refused(upload, vaultName=VAULT, body=b"x", checksum="0" * 64)[2].startswith("Checksum mismatch")
    assert not server.vault(VAULT).archives


def test_a_large_archive_comes_in_parts_whose_whole_is_checked(server: GlacierServer) -> None:
    client, body = server.client(), bytes(range(256)) * 4096 * 2 + b"end"
    begun = client.initiate_multipart_upload(vaultName=VAULT, partSize=str(MIB))["uploadId"]
    for start in range(0, len(body), MIB):
        piece = body[start : start + MIB]
        span = f"bytes {start}-{start + len(piece) - 1}/*"
        client.upload_multipart_part(
            vaultName=VAULT, uploadId=begun, range=span, body=piece, checksum=tree_hash(piece)
        )
    ending: Any = {"vaultName": VAULT, "uploadId": begun, "archiveSize": str(len(body))}
    assert refused(client.complete_multipart_upload, **ending, checksum="0" * 64)[1] == 400
    short: Any = {**ending, "archiveSize": "5"}
    assert refused(client.complete_multipart_upload, **short, checksum=tree_hash(body))[1] == 400
    archive_id = client.complete_multipart_upload(**ending, checksum=tree_hash(body))["archiveId"]
    assert server.vault(VAULT).archives[archive_id].body == body
    assert refused(client.complete_multipart_upload, **ending, checksum=tree_hash(body))[1] == 404
    assert refused(client.initiate_multipart_upload, vaultName=VAULT, partSize="3145728")[1] == 400


@pytest.mark.parametrize(
    ("span", "aligned"),
    [
        ("bytes=0-1048575", True),
        ("bytes=0-2097151", True),
        ("bytes=1048576-3145727", False),
        ("bytes=2097152-3145732", True),
        ("bytes=1048576-3145732", False),
        ("bytes=0-3145732", True),
        ("bytes=0-9", False),
        ("bytes=3145728-3145732", True),
    ],
)
def test_a_range_comes_with_a_tree_hash_only_if_it_is_aligned(
    server: GlacierServer, span: str, *, aligned: bool
) -> None:
    body = bytes(range(256)) * 4096 * 3 + b"12345"
    job_id = asked(server, server.vault(VAULT).add(body).archive_id)
    server.advance(10)
    piece, answer = output(server, job_id, range=span)
    first, last = (int(part) for part in span.removeprefix("bytes=").split("-"))
    assert piece == body[first : last + 1]
    assert answer["status"] == 206
    assert answer["contentRange"] == f"bytes {first}-{last}/{len(body)}"
    assert answer.get("checksum") == (tree_hash(piece) if aligned else None)


@given(st.integers(1, 40), st.data())
@settings(deadline=None)
def test_a_range_is_aligned_if_its_hash_is_a_node_of_the_tree(leaves: int, data: st.DataObject) -> None:
    """Nodes by another way: all of a tree whose leaves are numbers, level by level."""
    level, nodes = [(at, at + 1) for at in range(leaves)], set[tuple[int, int]]()
    while True:
        nodes.update(level)
        if len(level) == 1:
            break
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [(left[0], right[1]) for left, right in pairs] + odd
    start = data.draw(st.integers(0, leaves - 1))
    end = data.draw(st.integers(start + 1, leaves))
    size = leaves * MIB - 7
    last = min(end * MIB, size) - 1
    assert is_tree_hash_aligned(start * MIB, last, size) == ((start, end) in nodes)


def test_a_range_of_an_archive_can_be_retrieved_if_it_is_megabyte_aligned(server: GlacierServer) -> None:
    archive_id = server.vault(VAULT).add(b"a" * MIB + b"b" * MIB + b"c").archive_id
    assert refused(asked, server=server, archive_id=archive_id, RetrievalByteRange="0-5")[1] == 400
    job_id = asked(server, archive_id, RetrievalByteRange="1048576-2097151")
    server.advance(10)
    body, answer = output(server, job_id)
    assert body == b"b" * MIB
    assert answer["checksum"] == tree_hash(body)
    (notice,) = told(server)
    assert notice["SHA256TreeHash"] == tree_hash(body) != notice["ArchiveSHA256TreeHash"]


@pytest.mark.parametrize(("form", "documented"), [("CSV", False), ("CSV", True), ("JSON", False)])
def test_an_inventory_lists_what_was_there_when_it_was_taken(form: Any, *, documented: bool) -> None:
    with GlacierServer(times=Times(inventory=5, inventory_age=86400)) as server:
        server.glacier.state.documented_csv = documented
        vault, day_ago = server.vault(VAULT), server.glacier.now - 86400
        kept = vault.add(b"old", 'a, "b" \\ c', day_ago - 10.5)
        gone = vault.add(b"gone", "", day_ago - 5)
        vault.add(b"new", "added since", day_ago + 5)
        vault.delete(gone.archive_id, server.glacier.now)
        client = server.client()
        assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 2
        parameters: Any = {"Type": "inventory-retrieval", "Format": form, "SNSTopic": TOPIC}
        job_id = client.initiate_job(vaultName=VAULT, jobParameters=parameters)["jobId"]
        server.advance(5)
        body, answer = output(server, job_id)
        rows = [tuple(str(value) for value in row) for row in _rows(form, body, documented=documented)]
        assert sorted(rows) == sorted(
            (each.archive_id, each.description, created, str(each.size_bytes), each.sha256_tree_hash)
            for each, created in ((kept, "2026-11-20T09:59:49.500Z"), (gone, "2026-11-20T09:59:55.000Z"))
        )
        assert "checksum" not in answer
        assert answer["contentType"] == {"CSV": "text/csv", "JSON": "application/json"}[form]
        (notice,) = told(server)
        assert (notice["Action"], notice["InventorySizeInBytes"]) == ("InventoryRetrieval", len(body))
        assert notice["InventoryRetrievalParameters"]["Format"] == form


def _rows(form: str, body: bytes, *, documented: bool) -> list[Any]:
    if form == "JSON":
        return [tuple(archive.values()) for archive in json.loads(body)["ArchiveList"]]
    text = body.decode()
    if documented:
        assert '"a, \\"b\\" \\ c"' in text, "only quotes are escaped"
        text = text.replace("\\ c", "\\\\ c")
    return list(csv.reader(io.StringIO(text), escapechar="\\", doublequote=False))[1:]


def test_jobs_are_listed_in_pages_of_fifty_and_by_status(server: GlacierServer) -> None:
    archive_ids = [server.vault(VAULT).add(bytes([at])).archive_id for at in range(60)]
    server.glacier.faults.add(Fault("failed-job", message="Internal error", archive_id=archive_ids[3]))
    job_ids = [asked(server, archive_id) for archive_id in archive_ids[:59]]
    server.advance(10)
    running = asked(server, archive_ids[59])
    client = server.client()
    first = client.list_jobs(vaultName=VAULT)
    second = client.list_jobs(vaultName=VAULT, marker=first["Marker"])
    assert len(first["JobList"]) == 50
    assert [job.get("JobId") for job in [*first["JobList"], *second["JobList"]]] == [*job_ids, running]
    assert second.get("Marker") is None
    (failed,) = client.list_jobs(vaultName=VAULT, statuscode="Failed")["JobList"]
    assert failed.get("ArchiveId") == archive_ids[3]
    assert (failed.get("Completed"), failed.get("StatusMessage")) == (True, "Internal error")
    (unfinished,) = client.list_jobs(vaultName=VAULT, completed="false")["JobList"]
    assert unfinished.get("JobId") == running
    assert refused(client.list_jobs, vaultName=VAULT, statuscode="finished")[2].endswith("valid: finished")
    assert refused(client.list_jobs, vaultName=VAULT, limit="51")[1] == 400


def test_what_is_not_there_is_said_in_the_words_of_aws(server: GlacierServer) -> None:
    client = server.client()
    assert refused(client.describe_vault, vaultName="none") == (
        "ResourceNotFoundException",
        404,
        "Vault not found for ARN: arn:aws:glacier:us-east-1:123456789012:vaults/none",
    )
    assert refused(client.describe_job, vaultName=VAULT, jobId="x")[2] == "The job ID was not found: x"
    assert refused(asked, server=server, archive_id="x")[:2] == ("ResourceNotFoundException", 404)
    archive_id = client.upload_archive(vaultName=VAULT, body=b"x")["archiveId"]
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    assert refused(asked, server=server, archive_id=archive_id)[1] == 404
    assert refused(asked, server=server, archive_id=archive_id, Tier="Fast")[1] == 400


def test_more_requests_than_the_rate_are_throttled_and_more_bytes_than_the_policy_refused(
    server: GlacierServer,
) -> None:
    archives = [server.vault(VAULT).add(b"12345") for _ in range(4)]
    server.glacier.state.pace.per_second = 2
    for archive in archives[:2]:
        asked(server, archive.archive_id)
    code = refused(asked, server=server, archive_id=archives[2].archive_id)[:2]
    assert code == ("ThrottlingException", 400)
    server.advance(0.5)
    asked(server, archives[2].archive_id)
    server.glacier.state.pace.per_second = 0
    server.glacier.state.bytes_per_day = 19
    code = refused(asked, server=server, archive_id=archives[3].archive_id)[:2]
    assert code == ("PolicyEnforcedException", 400)
    server.advance(10)
    asked(server, archives[0].archive_id)
    server.advance(86400)
    asked(server, archives[3].archive_id)


def test_notifications_can_be_lost_doubled_or_early(server: GlacierServer) -> None:
    ids = [server.vault(VAULT).add(bytes([at])).archive_id for at in range(3)]
    for kind, archive_id in zip(("lost", "doubled", "early"), ids, strict=True):
        server.glacier.faults.add(Fault(f"{kind}-notification", archive_id=archive_id))
    jobs = [asked(server, archive_id) for archive_id in ids]
    (early,) = told(server)
    assert (early["JobId"], early["StatusCode"]) == (jobs[2], "Succeeded")
    code = refused(server.client().get_job_output, vaultName=VAULT, jobId=jobs[2])[0]
    assert code == "InvalidParameterValueException", "it cannot be read yet, whatever was said"
    server.advance(10)
    assert [notice["JobId"] for notice in told(server)[1:]] == [jobs[1], jobs[1], jobs[2]]
    assert output(server, jobs[0])[0] == b"\0"


def test_an_answer_can_be_lost_though_the_job_was_created(server: GlacierServer) -> None:
    archive_id = server.vault(VAULT).add(b"x").archive_id
    server.glacier.faults.add(Fault("lost-answer", operation="InitiateJob"))
    code = refused(asked, server=server, archive_id=archive_id)[:2]
    assert code == ("ServiceUnavailableException", 500)
    assert len(server.client().list_jobs(vaultName=VAULT)["JobList"]) == 1


def test_output_can_be_corrupt_short_or_gone_under_true_headers(server: GlacierServer) -> None:
    archive = server.vault(VAULT).add(b"hello")
    job_id = asked(server, archive.archive_id)
    server.advance(10)
    for kind, expected in (("corrupt", b"helln"), ("short", b"hell")):
        server.glacier.faults.add(Fault(f"{kind}-output", archive_id=archive.archive_id))
        body, answer = output(server, job_id)
        assert (body, answer["checksum"]) == (expected, archive.sha256_tree_hash)
    server.glacier.faults.add(Fault("expired-output", archive_id=archive.archive_id))
    assert refused(output, server=server, job_id=job_id)[0] == "ResourceNotFoundException"


def test_a_fault_happens_as_often_as_it_was_asked_for(server: GlacierServer) -> None:
    fault = server.glacier.faults.add(Fault("error", operation="DescribeVault", every=2, times=2))
    outcomes: list[bool] = []
    for _ in range(6):
        try:
            server.client().describe_vault(vaultName=VAULT)
            outcomes.append(True)
        except ClientError:
            outcomes.append(False)
    assert outcomes == [True, False, True, False, True, True]
    assert fault.happened == 2
    server.glacier.faults.clear()
    with pytest.raises(ValueError, match="There is no fault 'fire': take one of corrupt-output"):
        server.glacier.faults.add(Fault("fire"))


def test_an_archive_may_pretend_to_be_larger_than_any(server: GlacierServer) -> None:
    archive = server.vault(VAULT).add(b"", "huge", pretended_bytes=60 * 10**12)
    assert server.client().describe_vault(vaultName=VAULT)["SizeInBytes"] == 60 * 10**12
    assert archive.size_bytes == 60 * 10**12


def test_vaults_are_listed_and_only_empty_ones_deleted(server: GlacierServer) -> None:
    client = server.client()
    for name in ("a", "b"):
        client.create_vault(vaultName=name)
    first = client.list_vaults(limit="2")
    assert [vault.get("VaultName") for vault in first["VaultList"]] == ["a", "b"]
    rest = client.list_vaults(marker=first["Marker"])
    assert [vault.get("VaultName") for vault in rest["VaultList"]] == [VAULT]
    server.vault("a").add(b"x")
    assert refused(client.delete_vault, vaultName="a")[1] == 400
    client.delete_vault(vaultName="b")
    assert refused(client.describe_vault, vaultName="b")[1] == 404
    assert refused(client.describe_vault, accountId="999999999999", vaultName="a")[1] == 403


@given(st.integers(1, 3 * MIB), st.binary(min_size=1, max_size=8))
@settings(deadline=None, max_examples=20)
def test_its_tree_hash_is_that_of_the_product_which_is_written_otherwise(size: int, piece: bytes) -> None:
    body = (piece * (size // len(piece) + 1))[:size]
    assert tree_hash(body) == fast_tree_hash(body).hex()


def test_the_odd_hash_of_a_level_is_promoted_as_it_is() -> None:
    leaves = [hashlib.sha256(letter * MIB).digest() for letter in (b"a", b"b", b"c")]
    pair = hashlib.sha256(leaves[0] + leaves[1]).digest()
    assert tree_hash(b"a" * MIB + b"b" * MIB + b"c" * MIB) == hashlib.sha256(pair + leaves[2]).hexdigest()
