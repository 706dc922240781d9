"""The state of a vault transfer as one JSON document, as the jobs table keeps it, and back."""

import json
from dataclasses import asdict
from typing import Any

from thaw.core.job_state_json import JobStateError
from thaw.core.vault_states import Inventory, Plan, VaultState


def vault_state_to_json(state: VaultState) -> str:
    """`state` as compact JSON text."""
    return json.dumps(asdict(state), separators=(",", ":"))


def vault_state_from_json(text: str) -> VaultState:
    """The inverse of `vault_state_to_json`. Raises JobStateError."""
    try:
        fields: dict[str, Any] = json.loads(text)
        inventory, plan = fields.get("inventory"), fields.get("plan")
        typed: dict[str, Any] = {
            **fields,
            "inventory": None if inventory is None else Inventory(**inventory),
            "plan": None if plan is None else Plan(**plan),
            "refused": tuple(fields.get("refused", ())),
        }
        return VaultState(**typed)
    except (ValueError, TypeError, AttributeError) as exc:
        raise JobStateError(
            f"The state of a vault transfer cannot be read ({exc!r}): was it written by"
            " another version of Thaw?"
        ) from exc
