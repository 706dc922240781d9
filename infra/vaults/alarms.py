"""When somebody must look after vault transfers; plain values."""

from collections.abc import Mapping

from pulumi import Input

from infra.jobs.alarms import function_metric, overdue, visible_metric
from infra.metrics import HOUR, MINUTE, AlarmRule, tracker_metric
from infra.names import Names
from infra.vaults.dashboard import not_succeeded, oldest_metric

LATE_HOURS = 6
"""Of the 24 in which a retrieved archive can be read; a message is tried again every hour and a half."""


def vault_alarm_rules(
    names: Names, watch_schedule: str, machine_arns: Mapping[str, Input[str]]
) -> list[AlarmRule]:
    """The alarms of a stack with vaults."""
    first, *others = not_succeeded(machine_arns)
    watcher, transferrer = names.job_function("watch_vaults"), names.job_function("transfer_archives")
    return [
        AlarmRule(
            "vault-workflows-failed",
            first,
            "Sum", 1, 5 * MINUTE, 1,
            "A vault transfer, a large archive or a manifest failed; the execution's cause says why.",
            others=others,
        ),
        AlarmRule(
            "archives-dead-letters",
            visible_metric(names.vault_dead_letter_queue),
            "Maximum", 1, 5 * MINUTE, 1,
            "Notifications were given up: see the log of transfer_archives. The sweep finds them again.",
        ),
        AlarmRule(
            "archives-late",
            oldest_metric(names.vault_queue),
            "Maximum", LATE_HOURS * HOUR, 5 * MINUTE, 1,
            "Retrieved archives wait too long: see transfer_archives, or raise vault_transfer_concurrency.",
        ),
        AlarmRule(
            "archive-transfer-errors",
            function_metric("Errors", transferrer),
            "Sum", 1, 5 * MINUTE, 1,
            "The transfer failed as a whole; its log says why. Its messages come again.",
        ),
        AlarmRule(
            "vaults-not-watched",
            tracker_metric("VaultsNotWatched", watcher),
            "Sum", 1, 5 * MINUTE, 1,
            "Vault transfers could not be looked after; the watcher's log says why. It tries again.",
            others=[function_metric("Errors", watcher)],
        ),
        AlarmRule(
            "vaults-paused",
            tracker_metric("VaultsPaused", watcher),
            "Maximum", 1, 5 * MINUTE, 3,
            "Glacier refuses requests, so that none are made for a while; `thaw vault show` says why.",
        ),
        *overdue("vault-watcher-missing", function_metric("Invocations", watcher), watch_schedule),
    ]  # fmt: skip
