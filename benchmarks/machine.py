"""What the benchmarks ran on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_CPU = Path("/proc/cpuinfo")


def describe() -> str:
    """The machine and the versions in one line; the load tells whether it was quiet."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_cpu_model()}, {os.cpu_count()} cores, {memory:.0f} GB, load {os.getloadavg()[0]:.1f};"
        f" Python {platform.python_version()}, boto3 {version('boto3')}, {platform.system()}"
    )


def _cpu_model() -> str:
    lines = _CPU.read_text().splitlines() if _CPU.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
