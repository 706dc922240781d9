"""Errors that are about no archive but the place that all of them go to: its rights, its keys, its bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
"""

_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountProblem",
        "AllAccessDisabled",
        "NoSuchBucket",
        "NotSignedUp",
    }
)
_KEYS = "KMS."


def is_of_the_place(code: str) -> bool:
    """Whether another archive would hardly fare better than the one that S3, or Glacier, refused so."""
    return code in _CODES or code.startswith(_KEYS)
