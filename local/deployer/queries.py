"""Athena's work groups, catalogs and saved queries, Glue's declarations, and a stand-in for the connector."""

import io
import zipfile
from typing import Any

from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.shapes import api_names, tag_list
from local.emulator import Emulator

_DEFAULT_SPILL_PREFIX = "athena-spill"
_CONNECTOR = '''"""Stands in for Athena's DynamoDB connector: here Athena reads the tables itself."""


def handler(event, context):
    raise NotImplementedError(__doc__)
'''


def _put_work_group(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("athena")
    client.create_work_group(**api_names(inputs, "name configuration description"), Tags=tag_list(inputs))
    arn = f"arn:aws:athena:{emulator.region}:{emulator.account}:workgroup/{inputs['name']}"
    return inputs["name"], {"arn": arn}


def _change_work_group(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    client: Any = emulator.client("athena")
    updates = api_names(inputs["configuration"])
    updates["ResultConfigurationUpdates"] = updates.pop("ResultConfiguration", {})
    client.update_work_group(WorkGroup=inputs["name"], ConfigurationUpdates=updates)


def _delete_work_group(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("athena").delete_work_group(
        WorkGroup=inputs["name"], RecursiveDeleteOption=inputs.get("forceDestroy", False)
    )


def _put_data_catalog(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("athena")
    client.create_data_catalog(**api_names(inputs, "name type description parameters"), Tags=tag_list(inputs))
    arn = f"arn:aws:athena:{emulator.region}:{emulator.account}:datacatalog/{inputs['name']}"
    return inputs["name"], {"arn": arn}


def _delete_data_catalog(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("athena").delete_data_catalog(Name=inputs["name"])


def _put_named_query(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    """A named query cannot be changed: as the provider does, another one takes its place."""
    client: Any = emulator.client("athena")
    for id_ in client.list_named_queries(WorkGroup=inputs["workgroup"])["NamedQueryIds"]:
        if client.get_named_query(NamedQueryId=id_)["NamedQuery"]["Name"] == inputs["name"]:
            client.delete_named_query(NamedQueryId=id_)
    id_ = client.create_named_query(
        **api_names(inputs, "name description database"),
        QueryString=inputs["query"],
        WorkGroup=inputs["workgroup"],
    )["NamedQueryId"]
    return id_, {"namedQueryId": id_}


def _delete_named_query(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("athena").delete_named_query(NamedQueryId=outputs["namedQueryId"])


def _put_database(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("glue")
    client.create_database(
        DatabaseInput=api_names(inputs, "name description locationUri parameters"),
        Tags=inputs.get("tags", {}),
    )
    arn = f"arn:aws:glue:{emulator.region}:{emulator.account}:database/{inputs['name']}"
    return f"{emulator.account}:{inputs['name']}", {"arn": arn, "catalogId": emulator.account}


def _delete_database(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("glue").delete_database(Name=inputs["name"])


def _put_table(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("glue")
    client.create_table(DatabaseName=inputs["databaseName"], TableInput=_table(inputs))
    place = f"{inputs['databaseName']}/{inputs['name']}"
    arn = f"arn:aws:glue:{emulator.region}:{emulator.account}:table/{place}"
    return f"{emulator.account}:{place.replace('/', ':')}", {"arn": arn}


def _change_table(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    client: Any = emulator.client("glue")
    client.update_table(DatabaseName=inputs["databaseName"], TableInput=_table(inputs))


def _table(inputs: Inputs) -> dict[str, Any]:
    return api_names(inputs, "name description tableType parameters storageDescriptor")


def _delete_table(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("glue").delete_table(DatabaseName=inputs["databaseName"], Name=inputs["name"])


def _put_connector(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    """A function of the connector's name, role and spill settings, so that others can speak of it."""
    parameters = inputs["parameters"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("connector.py", _CONNECTOR)
    prefix = parameters.get("SpillPrefix", _DEFAULT_SPILL_PREFIX)
    spill = {"spill_bucket": parameters["SpillBucket"], "spill_prefix": prefix}
    emulator.client("lambda").create_function(
        FunctionName=parameters["AthenaCatalogName"],
        Role=parameters["LambdaRole"],
        Runtime="python3.13",
        Handler="connector.handler",
        Code={"ZipFile": buffer.getvalue()},
        Environment={"Variables": spill},
    )
    place = f"{emulator.region}:{emulator.account}:stack/serverlessrepo-{inputs['name']}/1"
    return f"arn:aws:cloudformation:{place}", {"outputs": {}}


def _delete_connector(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("lambda").delete_function(FunctionName=inputs["parameters"]["AthenaCatalogName"])


HANDLERS = {
    "aws:athena/workgroup:Workgroup": handler(
        "name description forceDestroy tags configuration.enforceWorkgroupConfiguration"
        " configuration.publishCloudwatchMetricsEnabled configuration.bytesScannedCutoffPerQuery"
        " configuration.engineVersion.selectedEngineVersion configuration.resultConfiguration.outputLocation"
        " configuration.resultConfiguration.expectedBucketOwner"
        " configuration.resultConfiguration.encryptionConfiguration.encryptionOption",
        _put_work_group,
        _delete_work_group,
    ).changed_by(_change_work_group, "configuration"),
    "aws:athena/dataCatalog:DataCatalog": handler(
        "name description type parameters tags", _put_data_catalog, _delete_data_catalog
    ),
    "aws:athena/namedQuery:NamedQuery": handler(
        "name description database query workgroup", _put_named_query, _delete_named_query, repeatable=True
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": handler(
        "name description locationUri parameters tags", _put_database, _delete_database
    ),
    "aws:glue/catalogTable:CatalogTable": handler(
        "name databaseName description tableType parameters storageDescriptor.location"
        " storageDescriptor.inputFormat storageDescriptor.outputFormat storageDescriptor.columns.name"
        " storageDescriptor.columns.type storageDescriptor.columns.comment storageDescriptor.parameters"
        " storageDescriptor.serDeInfo.serializationLibrary storageDescriptor.serDeInfo.parameters",
        _put_table,
        _delete_table,
    ).changed_by(_change_table, "description tableType parameters storageDescriptor"),
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": handler(
        "name applicationId semanticVersion capabilities parameters tags", _put_connector, _delete_connector
    ),
}
