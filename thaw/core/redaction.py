"""Errors of AWS for people outside: what they name, without accounts and Regions."""

import re

_ARN = re.compile(r"arn:[a-z\-]+:[a-z0-9\-]+:[a-z0-9\-]*:\d*:")
_ACCOUNT = re.compile(r"(?<![\d,.])\d{12}(?![\d,]|\.\d)")


def redacted(text: str) -> str:
    """`text` with every ARN cut to the name of its resource, and without 12-digit account ids.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return _ACCOUNT.sub("(account)", _ARN.sub("", text))
