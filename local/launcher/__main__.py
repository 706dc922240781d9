"""Runs MiniStack, mended, on the interpreter of its own environment, and ends it with its parent.

Usage: python local/launcher LISTENING_SOCKET_FD, with the parent's pipe as standard input.
Nothing of ours but this folder can be imported here.
"""

import asyncio
import contextlib
import importlib
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import access
import archives
import catalogs
import mappings
import notifications
import queries
import restores
import schedules
import shapes

_WORKERS_SECONDS = 1.0


def main() -> None:
    """Mends the emulator's modules and serves until SIGTERM or the end of standard input."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _raise_open_files_limit()
    _mend()
    app: Any = importlib.import_module("ministack.app")
    asyncio.run(_serve(app, int(sys.argv[1])))


def _mend() -> None:
    s3: Any = importlib.import_module("ministack.services.s3")
    eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
    sqs: Any = importlib.import_module("ministack.services.sqs")
    lambda_service: Any = importlib.import_module("ministack.services.lambda_svc")
    iam_evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    iam_actions: Any = importlib.import_module("ministack.core.iam_actions")
    shapes.handlers_see_their_request(s3)
    restores.restores_take_the_time_we_choose(s3, os.environ)
    restores.restores_act_on_the_version_asked_for(s3)
    restores.stored_versions_know_their_restore(s3)
    restores.one_clock_times_all_restores(s3)
    restores.a_lapsed_restore_is_forgotten_by_its_version(s3)
    restores.expedited_is_refused_for_deep_archive(s3)
    archives.listings_show_the_restore_status_when_asked(s3)
    archives.archived_objects_are_not_copied(s3)
    archives.copies_are_standard_unless_told_otherwise(s3)
    notifications.eventbridge_events_are_complete(s3, eventbridge)
    # Outermost, so that the mend before it sees the version.
    notifications.restore_events_name_their_version(s3)
    notifications.overlapping_rules_are_refused(s3)
    schedules.schedules_are_looked_at_often(importlib.import_module("ministack.services.scheduler"))
    schedules.schedules_tell_their_target_when_they_were_due(eventbridge)
    mappings.batches_may_exceed_ten_messages(sqs)
    mappings.an_unknown_item_identifier_fails_the_batch(lambda_service)
    access.plain_http_here_counts_as_secure(iam_evaluator)
    permissions = access.Permissions(iam_evaluator, iam_actions, os.environ)
    athena, glue, dynamodb = (
        importlib.import_module(f"ministack.services.{name}") for name in ("athena", "glue", "dynamodb")
    )
    services = catalogs.Services(athena, glue, dynamodb, lambda_service, permissions)
    _mend_athena(services, iam_actions)


def _mend_athena(services: catalogs.Services, iam_actions: Any) -> None:
    queries.queries_find_tables_by_their_names(services)
    queries.a_look_at_a_query_waits_for_it_a_little(services.athena)
    queries.work_groups_are_enforced(services.athena)
    queries.results_are_where_they_are_said_to_be(services)
    queries.results_are_read_with_the_rights_of_the_caller(services)
    access.athena_calls_are_judged_on_what_they_are_about(iam_actions, services.athena)


async def _serve(app: Any, listening_fd: int) -> None:
    hypercorn: Any = importlib.import_module("hypercorn.asyncio")
    config: Any = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{listening_fd}"]
    config.keep_alive_timeout = 75
    config.loglevel = app.LOG_LEVEL
    await hypercorn.serve(app.app, config, shutdown_trigger=asyncio.Event().wait)


def _end_with_the_parent() -> None:
    """The parent keeps the other end of this pipe open as long as it lives, however it ends.

    Only the main thread may handle signals, and only a signal of its own wakes it.
    """
    while os.read(sys.stdin.fileno(), 1024):
        pass
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def _end() -> None:
    """Ends the Lambda workers, which share our process group, collects them, and leaves."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGTERM)
    deadline = time.monotonic() + _WORKERS_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _raise_open_files_limit() -> None:
    resource: Any = importlib.import_module("resource")
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
