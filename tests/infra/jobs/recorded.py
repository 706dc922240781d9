"""Programs with jobs, each recorded once for all tests that look at it."""

from typing import Any

from tests.infra.recording import Recorded, record

CONFIG: dict[str, Any] = {
    "watched_buckets": [{"name": "tapes", "via": "eventbridge", "watch": ["restores", "copies"]}],
    "restore_buckets": [{"name": "cold", "prefix": "2019/"}, {"name": "tapes"}],
    "manifest_buckets": ["manifests"],
    "copy_destinations": [{"bucket": "warm", "prefix": "in/"}],
    "kms_key_arns": ["arn:aws:kms:eu-central-1:123456789012:key/1234abcd"],
    "progress_email": "me@example.org",
    "tags": {"team": "archive"},
}


VAULTS: dict[str, Any] = {"vaults": ["photos", "tax-records"], "vault_transfer_concurrency": 9}


def full() -> Recorded:
    return record(CONFIG)


def with_key() -> Recorded:
    return record(CONFIG | {"job_api": "api_key", "api_quota_per_day": 1000, "api_burst": 7})


def without_quota() -> Recorded:
    return record(CONFIG | {"job_api": "api_key", "api_requests_per_second": 3, "api_burst": 4})


def reduced() -> Recorded:
    """Without all that a stack with jobs can be without."""
    less = {"job_api": "off", "sweep_schedule": "", "progress_email": "", "protect_tables": False}
    return record(CONFIG | less | {"jobs_bucket": "theirs", "copy_max_concurrency": 7})


def with_vaults() -> Recorded:
    return record(CONFIG | VAULTS)


def vaults_alone() -> Recorded:
    """Without any bucket to restore from."""
    return record(VAULTS | {"copy_destinations": [{"bucket": "warm"}], "job_api": "off"})
