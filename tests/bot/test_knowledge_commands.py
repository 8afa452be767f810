"""What `threatbot knowledge` promises on the embedded store."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from knowledge.embedders.minilm import missing
from tests.conftest import Requires


def said(folder: Path, *command: str, embedder: str = "none") -> str:
    """What a command prints, with its data in this folder."""
    env = {"THREATBOT_DATA_DIR": str(folder), "THREATBOT_EMBEDDER": embedder, "THREATBOT_KNOWLEDGE_URL": ""}
    result = CliRunner().invoke(main, ["knowledge", *command], env=env, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_reindex_without_an_embedder(tmp_path: Path) -> None:
    """The index of words is made anew; nothing is moved or embedded, and what is there is said."""
    answer = said(tmp_path, "reindex")
    assert answer.startswith("0 passages moved into a new index, 0 vectors made.\n")
    assert f"{tmp_path / 'knowledge.db'}: " in answer
    assert "searched by words alone" in answer


@pytest.mark.slow
def test_reindex_embeds_what_lacks_a_vector(tmp_path: Path, requires: Requires) -> None:
    """With an embedder every passage gets its vector, once."""
    requires("the local embedder", not missing(), "install threatbot[local-embedder]")
    said(tmp_path, "status")
    first = said(tmp_path, "reindex", embedder="local")
    assert int(first.split(", ")[1].split()[0]) > 500
    assert first.endswith("searched by words and by all-MiniLM-L6-v2-int8 (384 dimensions)\n")
    assert ", 0 vectors made." in said(tmp_path, "reindex", embedder="local")
