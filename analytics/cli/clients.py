"""AWS clients of a command: the usual environment variables and profiles, AWS_REGION included."""

import logging
import os
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_stepfunctions import SFNClient


def dynamodb() -> "DynamoDBClient":
    return _session().client("dynamodb")


def s3() -> "S3Client":
    return _session().client("s3")


def s3control() -> "S3ControlClient":
    return _session().client("s3control")


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


def _session() -> boto3.Session:
    """boto3 reads AWS_DEFAULT_REGION only; every other tool, and Lambda, knows AWS_REGION."""
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
