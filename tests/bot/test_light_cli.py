"""What `threatbot model` does not load: a person waits for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = "flowchart LR\n  customer([Customer]) -->|HTTP| shop[Web shop]\n  shop -->|SQL| db[(Orders DB)]\n"
HEAVY = {
    "langgraph", "langchain", "langchain_core", "langsmith", "pydantic_settings", "slack_sdk", "slack_bolt",
    "starlette", "uvicorn", "httpx", "requests", "rich", "boto3", "botocore", "numpy", "onnxruntime", "PIL",
    "opensearchpy", "agent.resumable", "bot.settings",
}  # fmt: skip

RUN = """
import json, sys
from bot.cli import main

main(sys.argv[1:], standalone_mode=False)
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*arguments: str) -> tuple[str, set[str]]:
    """What the command prints in a process of its own, and the modules that it has loaded by its end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, *arguments],
        check=False, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.slow
@pytest.mark.parametrize("form", [(), ("--json",), ("--iterations", "3")])
def test_a_model_by_the_rules_loads_no_graph_library(tmp_path: Path, form: tuple[str, ...]) -> None:
    """With the rules alone, neither langgraph nor anything of Slack, AWS or HTTP is loaded."""
    shop = tmp_path / "shop.mmd"
    shop.write_text(SHOP)
    said, modules = loaded("model", str(shop), *form)

    assert "T-001" in said
    assert "agent.straight" in modules
    assert modules & HEAVY == set()


@pytest.mark.slow
def test_a_comparison_loads_no_graph_library(tmp_path: Path) -> None:
    """Nor is it for `threatbot diff` of two diagrams."""
    one, other = tmp_path / "one.mmd", tmp_path / "other.mmd"
    one.write_text(SHOP)
    other.write_text(SHOP + "  admin([Admin]) --> db\n")
    _, modules = loaded("diff", str(one), str(other))

    assert modules & HEAVY == set()
