"""`make bench`: prints what Thaw costs, as ratios measured in this run.

`python -m benchmarks NAME...` runs some of them.
"""

import argparse
import time
from collections.abc import Callable

from benchmarks import (
    copier,
    imports,
    life,
    machine,
    manifests,
    parsing,
    planning,
    progress,
    reports,
    requests,
    tracker,
    tree_hash,
    vaults,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "imports": imports.main,
    "parsing": parsing.main,
    "tracker": tracker.main,
    "life": life.main,
    "progress": progress.main,
    "manifests": manifests.main,
    "copier": copier.main,
    "reports": reports.main,
    "requests": requests.main,
    "tree_hash": tree_hash.main,
    "planning": planning.main,
    "vaults": vaults.main,
}


def main() -> None:
    """Runs the benchmarks named on the command line, all if none is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Prints what Thaw costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names: list[str] = parser.parse_args().names
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}")
    print(machine.describe())
    for name in names or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        BENCHMARKS[name]()
        print(f"({time.monotonic() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
