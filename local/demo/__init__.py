"""`thaw demo`: a job of objects, from manifest to COPIED, through the real queue, Lambda and tables."""

from local.demo.run import run_demo

__all__ = ["run_demo"]
