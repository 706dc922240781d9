"""Archives that wait for what is not theirs: a large transfer to end, or a destination that takes any."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from thaw.copying.making import SERVICE_ERRORS, code_of
from thaw.copying.outcomes import Again
from thaw.vaults.outcomes import Noted, Outcome, Transferred, Waiting
from thaw.vaults.recording import Recorder
from thaw.vaults.refusals import is_of_the_place
from thaw.vaults.tasks import Place


@dataclass(frozen=True)
class Waits:
    """Sends their messages anew, which are tried as often as new ones; `resend(body)` is for later."""

    recorder: Recorder
    resend: Callable[[str], None]

    def final(self, place: Place, body: str, outcome: Outcome, now: str, *, last: bool) -> Outcome:
        """What comes of a try: the last one fails, unless its transfer is paused for what went wrong."""
        if isinstance(outcome, Waiting):
            return self._later(body, outcome)
        if not isinstance(outcome, Again) or not last:
            return outcome
        try:
            waits = is_of_the_place(outcome.error_code) and self.recorder.waits(place, now)
        except SERVICE_ERRORS as exc:
            return Again(code_of(exc), str(exc))
        return self._later(body, outcome) if waits else outcome.failed(now)

    def note_refusals(self, places: Mapping[str, Place], outcomes: Mapping[str, Outcome]) -> None:
        """Those of jobs of which nothing was taken now. Best effort: the next message tells the same."""
        taken = {_job(places[name]) for name, one in outcomes.items() if isinstance(one, Transferred)}
        refused: dict[str, list[Place]] = {}
        reasons: dict[str, str] = {}
        for name, one in outcomes.items():
            job_id = _job(places[name])
            if isinstance(one, Again) and is_of_the_place(one.error_code) and job_id not in taken:
                refused.setdefault(job_id, []).append(places[name])
                reasons[job_id] = f"{one.error_code}: {one.error_message}"
        for job_id, each in refused.items():
            with suppress(*SERVICE_ERRORS):
                self.recorder.refused(each, reasons[job_id])

    def _later(self, body: str, outcome: Again) -> Outcome:
        try:
            self.resend(body)
        except SERVICE_ERRORS as exc:
            return Again(code_of(exc), str(exc))
        return Noted(f"its message is sent anew: {outcome.error_message}")


def _job(place: Place) -> str:
    return place.pointer.job_id
