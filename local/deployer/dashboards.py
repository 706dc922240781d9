"""QuickSight and the CloudFormation stack of its dashboard: declared, and not hosted at all."""

from local.deployer.handlers import Inputs, Outputs, Put, handler
from local.emulator import Emulator


def _nothing_but_an_arn(kind: str, id_property: str) -> Put:
    """Makes nothing; others may name it all the same."""

    def put(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
        id_ = inputs[id_property]
        return id_, {"arn": f"arn:aws:quicksight:{emulator.region}:{emulator.account}:{kind}/{id_}"}

    return put


HANDLERS = {
    "aws:quicksight/dataSource:DataSource": handler(
        "dataSourceId name type parameters permissions tags",
        _nothing_but_an_arn("datasource", "dataSourceId"),
        repeatable=True,
    ),
    "aws:quicksight/refreshSchedule:RefreshSchedule": handler(
        "dataSetId scheduleId schedule",
        _nothing_but_an_arn("refresh-schedule", "scheduleId"),
        repeatable=True,
    ),
    "aws:cloudformation/stack:Stack": handler(
        "name templateBody tags", _nothing_but_an_arn("dashboard", "name"), repeatable=True
    ),
}
