"""Asks Glacier for archives, several at a time at a held rate; each gets its answer.

https://docs.aws.amazon.com/amazonglacier/latest/dev/api-initiate-job-post.html
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from thaw.core.archives import Pointer
from thaw.jobs.pacing import Pacer
from thaw.vaults.answers import Answer, Kind, problem

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_glacier.type_defs import JobParametersTypeDef

MAX_TRIES = 6
MAX_UNANSWERED = 2
"""Tries that may each have been taken, and paid, without a word."""

LAST_SECONDS = -60.0
"""Of a look's time, which keeps enough for what was asked: no try begins later."""

OWN_ACCOUNT = "-"
"""The account whose credentials sign the request."""

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 16.0


class Wish(NamedTuple):
    """An archive to ask for, and how its retrieval job finds it again in the plan."""

    pointer: Pointer
    archive_id: str


@dataclass
class _Sending:
    """What one chunk came to so far; `stopped` is why no more is sent."""

    seconds_left: Callable[[], float]
    accepted: int = 0
    stopped: bool = False

    @property
    def is_over(self) -> bool:
        return self.stopped or self.seconds_left() < LAST_SECONDS


@dataclass(frozen=True)
class Asker:
    """Asks for archives of vaults; Glacier tells `topic_arn` when one is retrieved.

    The client must not retry by itself. `now()` is fixed-width ISO-8601, `pause(seconds)` waits.
    """

    glacier: "GlacierClient"
    topic_arn: str
    pacer: Pacer
    threads: int
    now: Callable[[], str]
    pause: Callable[[float], None] = field(repr=False)

    def ask(
        self, vault: str, tier: str, wishes: Sequence[Wish], seconds_left: Callable[[], float]
    ) -> list[Answer]:
        """The answer to each of `wishes`, in their order. `tier` as in records.

        What Glacier has taken must be written down before the function's time is over, or it is asked for,
        and paid, again: what is not sent in time is UNSENT.
        """
        sending = _Sending(seconds_left)
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            return list(pool.map(partial(self._ask_one, vault, tier, sending), wishes))

    def _ask_one(self, vault: str, tier: str, sending: _Sending, wish: Wish) -> Answer:
        answer, unanswered = Answer(Kind.UNSENT), 0
        for number in range(MAX_TRIES):
            if sending.is_over:
                return answer
            self.pacer.wait()
            answer = self._try(vault, tier, wish)
            unanswered += answer.kind is Kind.UNANSWERED
            if answer.kind not in (Kind.THROTTLED, Kind.UNANSWERED) or unanswered == MAX_UNANSWERED:
                break
            self._back_off(number)
        silent = answer.kind is Kind.UNANSWERED and not sending.accepted
        if answer.kind is Kind.ACCEPTED:
            sending.accepted += 1
        elif silent or answer.kind in (Kind.THROTTLED, Kind.HELD):
            sending.stopped = True
        return answer

    def _try(self, vault: str, tier: str, wish: Wish) -> Answer:
        parameters: JobParametersTypeDef = {
            "Type": "archive-retrieval",
            "ArchiveId": wish.archive_id,
            "Tier": tier,
            "SNSTopic": self.topic_arn,
            "Description": wish.pointer.text,
        }
        try:
            self.glacier.initiate_job(accountId=OWN_ACCOUNT, vaultName=vault, jobParameters=parameters)
        except (ClientError, BotoCoreError) as exc:
            return problem(exc)
        return Answer(Kind.ACCEPTED, self.now())

    def _back_off(self, number: int) -> None:
        """Everybody waits: Glacier counts the requests of all."""
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**number)
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 - not a secret
        self.pacer.hold_back(seconds)
        self.pause(seconds)
