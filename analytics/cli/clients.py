"""AWS clients of a command: the usual environment variables and profiles, AWS_REGION included."""

import logging
import os
import re
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_stepfunctions import SFNClient

_ACCOUNT_BEFORE_A_NUMBER = re.compile(r"^(https?://)\d{12}\.(?=\d+\.\d+\.\d+\.\d+[:/])")


def dynamodb() -> "DynamoDBClient":
    return _session().client("dynamodb")


def s3(region_name: str | None = None) -> "S3Client":
    """S3, of another Region if one is named."""
    return _session().client("s3", region_name=region_name)


def glacier(region_name: str | None = None) -> "GlacierClient":
    """Glacier, of another Region if one is named."""
    return _session().client("glacier", region_name=region_name)


def s3control() -> "S3ControlClient":
    """S3 Control, also at an AWS_ENDPOINT_URL whose host is a number, as that of an emulator."""
    client = _session().client("s3control")
    client.meta.events.register_first("request-created.s3-control", _without_account)
    return client


def stepfunctions() -> "SFNClient":
    return _session().client("stepfunctions")


def athena(work_group: str, catalog: str, database: str) -> Any:
    """A PyAthena connection whose unqualified table names are those of `database` in `catalog`."""
    from pyathena.connection import Connection

    logging.getLogger("pyathena").setLevel(logging.CRITICAL)  # it logs a traceback of what it raises
    return Connection(session=_session(), work_group=work_group, catalog_name=catalog, schema_name=database)


def region() -> str | None:
    """The Region that the clients work in, if the environment or profile names one."""
    return _session().region_name


def _without_account(request: Any, **_: object) -> None:
    """boto3 puts the account before the host, whatever it is told; before a number nothing resolves."""
    request.url = _ACCOUNT_BEFORE_A_NUMBER.sub(r"\1", request.url)


def _session() -> boto3.Session:
    """boto3 reads AWS_DEFAULT_REGION only; every other tool, and Lambda, knows AWS_REGION."""
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
