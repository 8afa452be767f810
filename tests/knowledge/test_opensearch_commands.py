"""The commands that look after the knowledge base, on a real OpenSearch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.doctor import examine
from bot.settings import Settings
from knowledge.embedders.minilm import missing
from knowledge.stores.opensearch import PREFIX
from tests.conftest import Requires
from tests.opensearch_node import Node

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("opensearch")]


@pytest.fixture
def said(node: Node, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """What a command prints, with this OpenSearch as the knowledge base and this embedder."""

    def run(*command: str, embedder: str = "none") -> str:
        env = {
            "THREATBOT_DATA_DIR": str(tmp_path),
            "THREATBOT_KNOWLEDGE_URL": node.url,
            "THREATBOT_EMBEDDER": embedder,
        }
        result = CliRunner().invoke(main, command, env=env, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    yield run
    for what in (f"/{PREFIX}*", f"/_index_template/{PREFIX}*"):
        with suppress(HTTPError), urlopen(Request(node.url + what, method="DELETE"), timeout=30):  # noqa: S310 - ours
            pass


def test_another_embedder_needs_one_command(said: Callable[..., str], node: Node, requires: Requires) -> None:
    """`reindex` moves the passages into an index of the embedder's; again it has nothing to do."""
    requires("the local embedder", not missing(), "install threatbot[local-embedder]")
    assert "CWE-89" in said("knowledge", "search", "SQL injection")
    assert f"{PREFIX}-v1-words, searched by words alone" in said("knowledge", "reindex")

    changed = said("knowledge", "reindex", embedder="local")

    moved = int(changed.split()[0])
    assert moved > 500
    assert f"{moved} passages in {PREFIX}-v1-" in changed
    assert "searched by words and by all-MiniLM-L6-v2-int8 (384 dimensions)\n" in changed
    assert said("knowledge", "reindex", embedder="local").startswith("0 passages moved into a new index, 0 ")
    assert "CWE-89" in said("knowledge", "search", "SQL injection", embedder="local")


def test_the_doctor_says_what_stands_there(said: Callable[..., str], node: Node, tmp_path: Path) -> None:
    """Address, number of passages, index and how it is searched; with another embedder what to do."""
    said("knowledge", "status")
    plain = Settings(data_dir=tmp_path, knowledge_url=node.url)
    (line,) = [f for f in examine(plain) if f.what == "Knowledge"]
    assert line.good
    assert f"OpenSearch at {node.url}: " in line.seen
    assert f" passages in {PREFIX}-v1-words, searched by words alone" in line.seen

    other = plain.model_copy(update={"embedder": "local"})
    (line,) = [f for f in examine(other) if f.what == "Knowledge"]
    assert "until `threatbot knowledge reindex` has rebuilt it for all-MiniLM-L6-v2-int8" in line.seen
