"""Rights that AWS checks when something is made, and the emulator never."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from local.emulator import Emulator
from local.errors import DeployError

_NONE: Mapping[str, str] = MappingProxyType({})


def refuse_a_role_that_may_not(
    emulator: Emulator,
    role_arn: str,
    actions: Sequence[str],
    resource_arn: str,
    context: Mapping[str, str] = _NONE,
) -> None:
    """Raises DeployError with the actions that the policies of the role do not allow on the resource.

    `context` are the condition keys of the request.
    """
    answer = emulator.client("iam").simulate_principal_policy(
        PolicySourceArn=role_arn,
        ActionNames=actions,
        ResourceArns=[resource_arn],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ],
    )
    refused = [
        each["EvalActionName"] for each in answer["EvaluationResults"] if each["EvalDecision"] != "allowed"
    ]
    if refused:
        role = role_arn.rpartition("/")[2]
        raise DeployError(f"the role {role} may not {', '.join(refused)} on {resource_arn}.")


def refuse_a_role_that_does_not_trust(emulator: Emulator, role_arn: str, service: str) -> None:
    """Raises DeployError if the role does not trust a service, such as `states.amazonaws.com`."""
    role = emulator.client("iam").get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    if service not in json.dumps(role.get("AssumeRolePolicyDocument")):
        raise DeployError(f"the role {role_arn} does not trust {service}.")
