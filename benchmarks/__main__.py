"""Run every measurement, or those that are named.

    python -m benchmarks [--eval DIR] [name ...]

`--eval` is a folder of evaluation systems (a folder each with `system.md` and diagrams); measurements that
need it are left out without it.
"""

from __future__ import annotations

import argparse
import importlib
import platform
from pathlib import Path

NAMES = (
    "speed",
    "ingress",
    "lambda_ingress",
    "lambda_load",
    "model",
    "readers",
    "prose",
    "systems",
    "accuracy",
    "retrieval",
    "stores",
    "lessons",
    "faults",
)


def main() -> None:
    """Print the machine, then each measurement's table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--eval", type=Path, help="a folder of evaluation systems")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all by default")
    given = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {platform.machine()}")
    for name in given.names or NAMES:
        print(f"\n## {name}\n")
        importlib.import_module(f"benchmarks.{name}").main(given.eval)


if __name__ == "__main__":
    main()
