"""Rights that AWS checks when something is made, and the emulator never."""

from collections.abc import Sequence

from local.emulator import Emulator
from local.errors import DeployError


def refuse_a_role_that_may_not(
    emulator: Emulator, role_arn: str, actions: Sequence[str], resource_arn: str
) -> None:
    """Raises DeployError with the actions that the policies of the role do not allow on the resource."""
    answer = emulator.client("iam").simulate_principal_policy(
        PolicySourceArn=role_arn, ActionNames=actions, ResourceArns=[resource_arn]
    )
    refused = [
        each["EvalActionName"] for each in answer["EvaluationResults"] if each["EvalDecision"] != "allowed"
    ]
    if refused:
        role = role_arn.rpartition("/")[2]
        raise DeployError(f"the role {role} may not {', '.join(refused)} on {resource_arn}.")
