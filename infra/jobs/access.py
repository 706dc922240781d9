"""What jobs work with, as the ARNs that policies name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra.job_entries import RestoreBucket
from infra.job_settings import JobSettings
from infra.names import Names, Place
from thaw.core import job_files
from thaw.core.job_rules import Destination

_SPECIAL = re.compile(r"[*?$]")


def literal(prefix: str) -> str:
    """A key prefix in a policy, where some characters would mean more than themselves:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    return _SPECIAL.sub(lambda found: f"${{{found[0]}}}", prefix)


@dataclass(frozen=True)
class JobAccess:
    """Place and names of a stack, its jobs bucket (a name), and what the config lets jobs work with."""

    names: Names
    place: Place
    jobs_bucket: str
    restore_buckets: Sequence[RestoreBucket]
    manifest_buckets: Sequence[str]
    copy_destinations: Sequence[Destination]
    kms_keys: Sequence[str]
    copy_may_delete_source: bool
    vaults: Sequence[str] = ()

    @classmethod
    def of(cls, settings: JobSettings, names: Names, place: Place, jobs_bucket: str) -> "JobAccess":
        """What the settings let jobs work with."""
        return cls(
            names=names,
            place=place,
            jobs_bucket=jobs_bucket,
            restore_buckets=settings.restore_buckets,
            manifest_buckets=settings.manifest_buckets,
            copy_destinations=settings.copy_destinations,
            kms_keys=settings.kms_key_arns,
            copy_may_delete_source=settings.copy_may_delete_source,
            vaults=settings.vaults,
        )

    @property
    def objects_table(self) -> str:
        return self.place.table_arn(self.names.objects_table)

    @property
    def rollups_table(self) -> str:
        return self.place.table_arn(self.names.rollups_table)

    @property
    def jobs_table(self) -> str:
        return self.place.table_arn(self.names.jobs_table)

    @property
    def copy_queue(self) -> str:
        return self.place.queue_arn(self.names.copy_queue)

    @property
    def progress_topic(self) -> str:
        return self.place.topic_arn(self.names.progress_topic)

    @property
    def batch_role(self) -> str:
        return self.place.role_arn(self.names.batch_role)

    @property
    def vault_queue(self) -> str:
        return self.place.queue_arn(self.names.vault_queue)

    @property
    def vault_arns(self) -> list[str]:
        """The vaults that may be transferred."""
        return [self.place.vault_arn(vault) for vault in self.vaults]

    @property
    def jobs_bucket_arn(self) -> str:
        return self.place.bucket_arn(self.jobs_bucket)

    def job_folder(self, folder: str) -> str:
        """The files in a folder of every job, `requests/` for one; all files for ""."""
        return f"{self.jobs_bucket_arn}/{job_files.folder('*')}{folder}*"

    @property
    def archives(self) -> list[str]:
        """The buckets that jobs restore from."""
        return [self.place.bucket_arn(bucket.name) for bucket in self.restore_buckets]

    @property
    def archived_objects(self) -> list[str]:
        """What jobs may restore."""
        return [
            f"{self.place.bucket_arn(bucket.name)}/{literal(bucket.prefix)}*"
            for bucket in self.restore_buckets
        ]

    @property
    def manifests(self) -> list[str]:
        """The buckets that may hold manifests."""
        names = [*(bucket.name for bucket in self.restore_buckets), *self.manifest_buckets]
        return once(self.place.bucket_arn(name) for name in names)

    @property
    def destinations(self) -> list[str]:
        """The buckets that jobs copy to."""
        return once(self.place.bucket_arn(each.bucket) for each in self.copy_destinations)

    @property
    def copied_objects(self) -> list[str]:
        """What jobs may write there."""
        return once(
            f"{self.place.bucket_arn(each.bucket)}/{literal(each.prefix)}*" for each in self.copy_destinations
        )


def once(texts: Iterable[str]) -> list[str]:
    """Each text once, in their order."""
    return list(dict.fromkeys(texts))
