"""Sends restore requests to S3, several at a time at a held rate; each gets its answer, or a reason.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from thaw.core.batch_report import refusal
from thaw.core.history import History
from thaw.core.keys import NO_VERSION
from thaw.jobs.pacing import Pacer
from thaw.jobs.request_lines import RequestLine
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import TierType
    from mypy_boto3_s3.type_defs import RestoreObjectRequestTypeDef, RestoreRequestTypeDef

MAX_ATTEMPTS = 8

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 20.0

_TRY_AGAIN = frozenset({"RequestLimitExceeded", "RequestTimeout", "Throttling", "ThrottlingException"})
"""Besides all answers of 500 and more, `SlowDown` among them:
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

_NO_CAPACITY = "GlacierExpeditedRetrievalNotAvailable"
"""Capacity for Expedited is missing for now; S3's last word, when it stays so."""

_SERVER_ERRORS = 500

Answer = History | Exception
"""What S3's answer says of an object, or why there is none."""


@dataclass(frozen=True)
class RestoreSender:
    """Restores objects of one bucket: `tier` as in records, `days` None for Intelligent-Tiering.

    `now()` is fixed-width ISO-8601, `pause(seconds)` waits. The client must not retry by itself.
    """

    s3: "S3Client"
    bucket: str
    tier: "TierType"
    days: int | None
    pacer: Pacer
    threads: int
    now: Callable[[], str]
    pause: Callable[[float], None]

    def send(self, lines: Sequence[RequestLine]) -> list[Answer]:
        """The answer to each request, in the order of `lines`."""
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            return list(pool.map(self._send_one, lines))

    def _send_one(self, line: RequestLine) -> Answer:
        error: Exception | None = None
        for attempt in range(MAX_ATTEMPTS):
            self.pacer.wait()
            try:
                self._restore(line)
            except (ClientError, BotoCoreError) as exc:
                error = exc
                if not _may_pass(exc):
                    return self._refused(exc)
                self._back_off(attempt)
            else:
                return History(restore_requested_at=self.now())
        assert error is not None  # noqa: S101 - every attempt that does not return has one
        return self._refused(error) if error_code(error) == _NO_CAPACITY else error

    def _restore(self, line: RequestLine) -> None:
        request: RestoreObjectRequestTypeDef = {
            "Bucket": self.bucket,
            "Key": line.key,
            "RestoreRequest": self._request(),
        }
        if line.version_id != NO_VERSION:
            request["VersionId"] = line.version_id
        self.s3.restore_object(**request)

    def _request(self) -> "RestoreRequestTypeDef":
        tier: RestoreRequestTypeDef = {"GlacierJobParameters": {"Tier": self.tier}}
        return tier if self.days is None else {**tier, "Days": self.days}

    def _refused(self, error: Exception) -> Answer:
        if not isinstance(error, ClientError):
            return error
        message = error.response.get("Error", {}).get("Message", "")
        return refusal(error_code(error), message, self.now())

    def _back_off(self, attempt: int) -> None:
        """Everybody waits: S3 counts the requests of all."""
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**attempt)
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 - not a secret
        self.pacer.hold_back(seconds)
        self.pause(seconds)


def _may_pass(error: Exception) -> bool:
    """Whether another try may be answered otherwise."""
    if not isinstance(error, ClientError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= _SERVER_ERRORS or error_code(error) in _TRY_AGAIN or error_code(error) == "SlowDown"
