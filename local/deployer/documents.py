"""SSM Automation documents: declared, and kept by the deployment alone, as the emulator runs none."""

from local.deployer.handlers import Inputs, Outputs, handler
from local.emulator import Emulator


def _put_document(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    arn = f"arn:aws:ssm:{emulator.region}:{emulator.account}:document/{inputs['name']}"
    return inputs["name"], {"arn": arn}


HANDLERS = {
    "aws:ssm/document:Document": handler(
        "name documentType documentFormat content tags", _put_document, repeatable=True
    )
}
