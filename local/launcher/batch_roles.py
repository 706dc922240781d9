"""The role that a job of S3 Batch Operations runs with: whether it may be assumed, and what it allows."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SERVICE = "batchoperations.s3.amazonaws.com"


@dataclass(frozen=True)
class BatchRole:
    """A role as a job sees it; `enforced`: whether policies are, as the emulator's AUTH says."""

    evaluator: Any
    actions: Any
    enforced: bool
    role_arn: str
    job_arn: str

    @property
    def _name(self) -> str:
        return self.role_arn.rpartition("/")[2]

    @property
    def _account(self) -> str:
        return self.role_arn.split(":")[4]

    def assume(self) -> None:
        """Raises PermissionError if the role is missing, or does not trust the service for this job."""
        iam: Any = importlib.import_module("ministack.services.iam")
        role = iam._roles.get(self._name)
        if role is None or role["Arn"] != self.role_arn or not self._trusts(role):
            raise PermissionError(
                f"Could not assume the IAM role: {self.role_arn}, Please ensure that a trust policy is"
                f" attached to the role that allows {SERVICE} to assume the role"
            )

    def require(self, action: str, arn: str) -> None:
        """Raises PermissionError with AWS's sentence, if policies are enforced and do not allow this."""
        if not self.enforced:
            return
        who = f"arn:aws:sts::{self._account}:assumed-role/{self._name}/s3-batch-operations"
        context = self._context(who, action, arn, {})
        policies = self.evaluator._gather_role_policies(self._name, self._account)
        result = self.evaluator.evaluate(context, policies)
        found = self.evaluator._resource_policy("s3", arn)
        if found is not None:
            result = self.evaluator.combine_resource_policy(result, context, *found)
        if result.decision != "Allow":
            explicit = result.decision == "Deny"
            raise PermissionError(
                self.actions.identity_denial_message(action, who, arn, explicit_deny=explicit)
            )

    def _trusts(self, role: Mapping[str, Any]) -> bool:
        about = {"aws:sourcearn": self.job_arn, "aws:sourceaccount": self._account}
        context = self._context(SERVICE, "sts:AssumeRole", self.role_arn, about)
        return any(
            statement["Effect"] == "Allow"
            and "sts:AssumeRole" in statement["Action"]
            and self.evaluator._service_principal_matches(statement["Principal"], SERVICE)
            and self.evaluator._conditions_met(statement.get("Condition", {}), context)
            for statement in json.loads(role["AssumeRolePolicyDocument"])["Statement"]
        )

    def _context(self, who: str, action: str, arn: str, about: dict[str, str]) -> Any:
        return self.evaluator.EvalContext(
            principal_arn=who,
            principal_type="AssumedRole",
            principal_account=self._account,
            action=action,
            resource_arn=arn,
            region="",
            service_context=about,
        )
