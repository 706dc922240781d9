"""Every resource type that the deployer knows."""

from collections.abc import Mapping

from local.deployer import (
    apis,
    buckets,
    dashboards,
    documents,
    functions,
    invocations,
    machines,
    queries,
    queues,
    schedules,
    stages,
    tables,
    watching,
)
from local.deployer.handlers import Handler

HANDLERS: Mapping[str, Handler] = {
    **apis.HANDLERS,
    **buckets.HANDLERS,
    **dashboards.HANDLERS,
    **documents.HANDLERS,
    **functions.HANDLERS,
    **invocations.HANDLERS,
    **machines.HANDLERS,
    **queries.HANDLERS,
    **queues.HANDLERS,
    **schedules.HANDLERS,
    **stages.HANDLERS,
    **tables.HANDLERS,
    **watching.HANDLERS,
}
