"""The transfer that a command of `thaw vault` is about."""

from analytics.cli.job_stack import Jobs
from thaw.core.job_request_errors import CONFLICT, JobRefusedError
from thaw.jobs.service_types import Shown


def find_transfer(jobs: Jobs, job_id: str) -> Shown:
    """The transfer of this id. Raises JobRefusedError where there is none, or it is another job."""
    found = jobs.service.show(job_id)
    if found.state.request.vault is None:
        raise JobRefusedError(
            f"Job {job_id} is no transfer of a vault: `thaw job show {job_id}` tells of it.", CONFLICT
        )
    return found
