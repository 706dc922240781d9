"""Multipart uploads of vault transfers in the jobs table: those that are open, and their finished parts.

An upload is written down before it is created, so that one whose creator died is known by its key and time;
its parts count for this upload only, and go by themselves (the table's TTL) when it is over.
"""

from typing import TYPE_CHECKING, NamedTuple

from thaw.store.vault_items import item_key, items_of, number_of, numbers, text_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

UPLOAD = "upload#"
PART = "part#"

MAX_PARTS = 10_000
"""Of an upload: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

EXPIRES = "expires_at_seconds"
"""The TTL attribute of the jobs table, in seconds since 1970.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html"""


class OpenUpload(NamedTuple):
    """A multipart upload of ours. `upload_id` is "" while it is being created; `started_at` is fixed-width
    ISO-8601, before its creation; `retrieval_job_id` is whose output it is made of."""

    job_id: str
    archive_id: str
    bucket: str
    key: str
    part_bytes: int
    started_at: str
    retrieval_job_id: str
    upload_id: str = ""


class UploadedPart(NamedTuple):
    """A part (from 1) that S3 has: `tree_hash` 64 hexadecimal digits, `checksum` base64 of its SHA-256."""

    number: int
    tree_hash: str
    etag: str
    checksum: str


class VaultUploads:
    """The uploads in one jobs table, one at most of each archive of a job."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, upload: OpenUpload) -> OpenUpload:
        """Writes down that `upload` is to be created; one of this archive that is there stays, and is
        returned."""
        try:
            self._client.put_item(
                TableName=self._table, Item=_item(upload), ConditionExpression="attribute_not_exists(job_id)"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.find(upload.job_id, upload.archive_id) or self.begin(upload)
        return upload

    def created(self, upload: OpenUpload, upload_id: str) -> bool:
        """Writes down the id of the upload that was begun; False if another one has it, or it has ended."""
        return self._update(upload._replace(upload_id=""), "upload_id", upload_id)

    def continues(self, upload: OpenUpload, retrieval_job_id: str) -> bool:
        """Writes down that the rest comes from another retrieval; False if the upload is another now."""
        return self._update(upload, "retrieval_job_id", retrieval_job_id)

    def find(self, job_id: str, archive_id: str) -> OpenUpload | None:
        """The upload of an archive, strongly consistent."""
        answer = self._client.get_item(
            TableName=self._table, Key=item_key(job_id, UPLOAD + archive_id), ConsistentRead=True
        )
        item = answer.get("Item")
        return None if item is None else _upload(item)

    def all(self, job_id: str) -> "Iterator[OpenUpload]":
        """Every upload of a job that was begun and has not ended."""
        yield from map(_upload, items_of(self._client, self._table, job_id, UPLOAD))

    def end(self, upload: OpenUpload) -> bool:
        """Forgets an upload that is completed or aborted; False if there is another one now, or none."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=_key(upload),
                ConditionExpression="upload_id = :id",
                ExpressionAttributeValues={":id": {"S": upload.upload_id}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def add_part(self, upload: OpenUpload, part: UploadedPart, expires_at_seconds: int) -> None:
        """Writes down a part that S3 has; again it is the same. It is forgotten at that second of 1970."""
        item: Item = {
            **item_key(upload.job_id, _part_name(upload, part.number)),
            **texts({"tree_hash": part.tree_hash, "etag": part.etag, "checksum": part.checksum}),
            **numbers({"number": part.number, EXPIRES: expires_at_seconds}),
        }
        self._client.put_item(TableName=self._table, Item=item)

    def parts(self, upload: OpenUpload, first: int = 1, last: int = MAX_PARTS) -> dict[int, UploadedPart]:
        """The finished parts of this upload from `first` to `last` by number, in their order, and only these
        are read; never those of another upload. Strongly consistent, every page."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="job_id = :job AND #item BETWEEN :first AND :last",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=texts(
                {
                    ":job": upload.job_id,
                    ":first": _part_name(upload, first),
                    ":last": _part_name(upload, last),
                }
            ),
            ConsistentRead=True,
        )
        found = (_part(item) for page in pages for item in page["Items"])
        return {part.number: part for part in found}

    def _update(self, upload: OpenUpload, name: str, text: str) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(upload),
                UpdateExpression=f"SET {name} = :text",
                ConditionExpression="upload_id = :id",
                ExpressionAttributeValues={":text": {"S": text}, ":id": {"S": upload.upload_id}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _key(upload: OpenUpload) -> "Item":
    return item_key(upload.job_id, UPLOAD + upload.archive_id)


def _part_name(upload: OpenUpload, number: int) -> str:
    return f"{PART}{upload.archive_id}#{upload.upload_id}#{number:05}"


def _item(upload: OpenUpload) -> "Item":
    return {
        **_key(upload),
        **texts(
            {
                "archive_id": upload.archive_id,
                "bucket": upload.bucket,
                "key": upload.key,
                "upload_id": upload.upload_id,
                "started_at": upload.started_at,
                "retrieval_job_id": upload.retrieval_job_id,
            }
        ),
        **numbers({"part_bytes": upload.part_bytes}),
    }


def _upload(item: "Item") -> OpenUpload:
    return OpenUpload(
        job_id=text_of(item, "job_id"),
        archive_id=text_of(item, "archive_id"),
        bucket=text_of(item, "bucket"),
        key=text_of(item, "key"),
        part_bytes=number_of(item, "part_bytes"),
        started_at=text_of(item, "started_at"),
        retrieval_job_id=text_of(item, "retrieval_job_id"),
        upload_id=text_of(item, "upload_id"),
    )


def _part(item: "Item") -> UploadedPart:
    return UploadedPart(
        number_of(item, "number"),
        text_of(item, "tree_hash"),
        text_of(item, "etag"),
        text_of(item, "checksum"),
    )
