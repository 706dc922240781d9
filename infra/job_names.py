"""The AWS names of what runs jobs: functions, state machines, queues, all from the stack's name_prefix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobNames:
    """The part of `infra.names.Names` that is about jobs."""

    prefix: str

    @property
    def jobs_table(self) -> str:
        """Where each job stands."""
        return f"{self.prefix}-jobs"

    @property
    def copy_queue(self) -> str:
        """The queue of restored objects to copy."""
        return f"{self.prefix}-copies"

    @property
    def copy_dead_letter_queue(self) -> str:
        """The queue of copies that nobody could try to the end."""
        return f"{self.prefix}-copies-dead-letter"

    @property
    def progress_topic(self) -> str:
        """Where the progress of jobs is published."""
        return f"{self.prefix}-progress"

    @property
    def batch_role(self) -> str:
        """The role with which S3 Batch Operations requests restores."""
        return f"{self.prefix}-batch-restore"

    @property
    def job_scheduler(self) -> str:
        """The group of the schedules of jobs, and the role that EventBridge Scheduler takes on."""
        return f"{self.prefix}-job-scheduler"

    @property
    def job_api(self) -> str:
        """The REST API, its usage plan and its key."""
        return f"{self.prefix}-job-api"

    @property
    def job_api_log_role(self) -> str:
        """The role with which API Gateway writes logs."""
        return f"{self.prefix}-job-api-logs"

    @property
    def job_api_log_group(self) -> str:
        """Who called the API, and what came of it."""
        return f"/aws/apigateway/{self.job_api}"

    @property
    def vault_topic(self) -> str:
        """Where Glacier tells of retrieval jobs that ended."""
        return f"{self.prefix}-vaults"

    @property
    def vault_queue(self) -> str:
        """The queue of retrieved archives to transfer."""
        return f"{self.prefix}-archives"

    @property
    def vault_dead_letter_queue(self) -> str:
        """The queue of archives that nobody could try to the end."""
        return f"{self.prefix}-archives-dead-letter"

    @property
    def vault_dashboard(self) -> str:
        """The CloudWatch dashboard of one vault transfer at a time."""
        return f"{self.prefix}-vaults"

    def vault_runbook(self, purpose: str) -> str:
        """A document of Systems Manager, `launch` or `resume`."""
        return f"{self.prefix}-vault-{purpose}"

    def job_function(self, folder: str) -> str:
        """The function of `lambdas/<folder>`; its role has the same name."""
        return f"{self.prefix}-{folder.replace('_', '-')}"

    def machine(self, purpose: str) -> str:
        """A state machine, `create-job` for one."""
        return f"{self.prefix}-{purpose}"

    def machine_role(self, purpose: str) -> str:
        """The role of a state machine."""
        return f"{self.prefix}-{purpose}-machine"

    def machine_log_group(self, purpose: str) -> str:
        """What its executions did; log groups of state machines are named so:
        https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""
        return f"/aws/vendedlogs/states/{self.machine(purpose)}"
