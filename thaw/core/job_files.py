"""Where the files of a job are in the jobs bucket. Part numbers are five digits from 00000."""

ALL = "jobs/"
"""The folder of all jobs."""


def folder(job_id: str) -> str:
    """Everything of one job."""
    return f"{ALL}{job_id}/"


def import_folder(job_id: str) -> str:
    """Records, gzip DynamoDB JSON, one a line: `part-00000.json.gz`."""
    return f"{folder(job_id)}import/"


def left_out_part(job_id: str, number: int) -> str:
    """Beside the parts: records of archives that an earlier run of a vault transfer had planned, and that
    this one leaves out."""
    return f"{import_folder(job_id)}left-out-{number:05}.json.gz"


def is_left_out(key: str) -> bool:
    """Whether an import file is such a one."""
    return key.rpartition("/")[2].startswith("left-out-")


def prepared_folder(job_id: str) -> str:
    """While the job is prepared: what its manifest holds, in the order of the keys, and how far it is."""
    return f"{folder(job_id)}prepared/"


def requests_folder(job_id: str) -> str:
    """What needs a restore request, a JSON object a line, one file a part: see `thaw.jobs.request_lines`."""
    return f"{folder(job_id)}requests/"


def loaded_folder(job_id: str) -> str:
    """What loading each part came to: `part-00000.json`."""
    return f"{folder(job_id)}loaded/"


def failures_folder(job_id: str) -> str:
    """Restore requests that S3 refused, a JSON object a line, one file a part."""
    return f"{folder(job_id)}failures/"


def wave_manifest(job_id: str, number: int) -> str:
    """The Batch Operations manifest of a wave."""
    return f"{folder(job_id)}waves/{number:05}.csv"


def report_prefix(job_id: str) -> str:
    """Where Batch Operations writes completion reports; it adds `/job-ID/...` itself."""
    return f"{folder(job_id)}reports"


def rejects_file(job_id: str) -> str:
    """Rows that were refused, with the reason."""
    return f"{folder(job_id)}rejects.csv"


def summary_file(job_id: str) -> str:
    """The summary of the preparation."""
    return f"{folder(job_id)}summary.json"


def report_manifest(job_id: str, batch_job_id: str) -> str:
    """What lists the parts of a completion report.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html#batch-ops-completion-report"""
    return f"{report_prefix(job_id)}/job-{batch_job_id}/manifest.json"


def report_counts_folder(job_id: str, wave: int) -> str:
    """What reading each part of a wave's completion report came to."""
    return f"{folder(job_id)}report-counts/{wave:05}/"


def report_parts_file(job_id: str, wave: int) -> str:
    """The parts of a completion report with very many, as a JSON list."""
    return f"{folder(job_id)}report-parts/{wave:05}.json"


def undo_file(job_id: str) -> str:
    """How far the undoing of a job that failed has come."""
    return f"{folder(job_id)}undo.json"
