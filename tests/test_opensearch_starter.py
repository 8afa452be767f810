"""scripts/opensearch: what it says, and how it stops."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.stores.opensearch import OpenSearchStore
from tests.conftest import Requires
from tests.knowledge.store_contract import ALL
from tests.opensearch_node import INSTALL, STARTER, Node, found

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("opensearch")]


@pytest.fixture
def tools(requires: Requires) -> None:
    """A JDK and Maven."""
    requires("a JDK and Maven", found(), INSTALL)


@pytest.fixture
def node(tools: None, tmp_path: Path) -> Iterator[Node]:
    """A node of this test's own, running."""
    one = Node(tmp_path)
    one.start()
    yield one
    one.stop()


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The starter with these options, to its end."""
    return subprocess.run([STARTER, *options], capture_output=True, text=True, check=False)


def test_help() -> None:
    """--help names every option and its default."""
    said = run("--help")
    assert said.returncode == 0
    for word in (
        "--port",
        "9200",
        "--cache",
        ".cache/threatbot/opensearch",
        "--data",
        "--heap",
        "--fetch-only",
    ):
        assert word in said.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--prot", "1"], "there is no option --prot"),
        (["--port"], "--port needs a value"),
        (["--port", "many"], "--port many is not a number"),
    ],
)
def test_wrong_options(options: list[str], sentence: str) -> None:
    """A wrong option is named, with exit code 2."""
    said = run(*options)
    assert (said.returncode, said.stdout) == (2, "")
    assert sentence in said.stderr


def test_a_taken_port_is_refused(tools: None, tmp_path: Path) -> None:
    """A port that somebody listens on is named; the node does not move to another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = run("--port", port, "--data", str(tmp_path))
    assert said.returncode == 1
    assert f"Port {port} is taken" in said.stderr


def test_it_stops_on_sigterm_and_keeps_its_data(node: Node) -> None:
    """After SIGTERM it has ended in order, and started again it has what it had."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
    with closing(OpenSearchStore(node.endpoint())) as store:
        store.upsert(ALL)
        assert node.stop() == 143  # 128 + SIGTERM: the shutdown hooks have run
        node.start()
        assert store.get(p.id for p in ALL) == ALL
