"""`thaw demo`: objects or a whole vault, through the real queues, functions and tables to COPIED."""

from local.demo.run import run_demo
from local.demo.vault import run_vault_demo

__all__ = ["run_demo", "run_vault_demo"]
