"""The processes that the benchmarks start: as an installed threatbot runs, from compiled modules."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
"""Where the packages lie: the working directory of what is started."""


def compiled(folder: Path) -> dict[str, str]:
    """The environment in which Python keeps its bytecode in `folder`: the first run fills it.

    An installed package is compiled once; a checkout may forbid it, and would be measured compiling.
    """
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder)}
