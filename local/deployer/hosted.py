"""Every resource type that the deployer knows."""

from collections.abc import Mapping

from local.deployer import (
    buckets,
    dashboards,
    functions,
    invocations,
    queries,
    queues,
    schedules,
    tables,
    watching,
)
from local.deployer.handlers import Handler

HANDLERS: Mapping[str, Handler] = {
    **buckets.HANDLERS,
    **dashboards.HANDLERS,
    **functions.HANDLERS,
    **invocations.HANDLERS,
    **queries.HANDLERS,
    **queues.HANDLERS,
    **schedules.HANDLERS,
    **tables.HANDLERS,
    **watching.HANDLERS,
}
