"""What the jobs of a full config work with, for tests of policies."""

from dataclasses import replace

from infra.job_entries import RestoreBucket
from infra.jobs.access import JobAccess
from infra.names import Names, Place
from tests.infra.recording import ACCOUNT, REGION
from thaw.core.job_rules import Destination

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd"

ACCESS = JobAccess(
    names=Names("thaw"),
    place=Place("aws", REGION, ACCOUNT),
    jobs_bucket="thaw-jobs",
    restore_buckets=(
        RestoreBucket("cold", "notifications", "2019/"),
        RestoreBucket("tapes", "eventbridge", ""),
    ),
    manifest_buckets=("manifests",),
    copy_destinations=(Destination("warm", "in/"), Destination("cold", "2019/")),
    kms_keys=(KEY,),
    copy_may_delete_source=False,
)

VAULT_ACCESS = replace(ACCESS, vaults=("photos", "tax-records"))
"""The same with vaults."""
