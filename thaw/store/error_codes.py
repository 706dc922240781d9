"""The code by which an AWS service names an error."""

from botocore.exceptions import ClientError


def error_code(error: Exception) -> str:
    """`NoSuchKey`, `404`, ...; "" where the service gave none, or `error` is not from one."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
