"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.aws_double import AwsDouble
    from tests.aws_servers import AwsServers
    from tests.opensearch_node import Node

settings.register_profile("same", derandomize=True)
settings.register_profile("new", derandomize=False)
settings.load_profile("same")
"""A change is judged by the same inputs every time; `make fuzz` looks for others."""

Found = TypeVar("Found")


class Requires(Protocol):
    """Gives back what was found, and ends the test when there is nothing."""

    def __call__(self, tool: str, found: Found | None, install: str) -> Found:
        """`found` itself; a falsy one skips the test, saying which tool is missing and how to get it."""
        ...


def found_or_skipped(tool: str, found: Found | None, install: str, *, forbidden: bool) -> Found:
    """`found`; when that is falsy the test is skipped, or fails where skips are forbidden."""
    if found:
        return found
    reason = f"needs {tool}, which was not found on this machine: {install}"
    if forbidden:
        pytest.fail(reason + " (THREATBOT_REQUIRE_ALL=1 forbids to skip)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def requires() -> Requires:
    """`requires("node", shutil.which("node"), "install Node.js 20")`: skip, or fail, when it is missing.

    A test that needs a tool which Python does not bring is skipped with what is missing. With
    THREATBOT_REQUIRE_ALL=1 in the environment, as in CI, it fails instead.
    """
    forbidden = os.environ.get("THREATBOT_REQUIRE_ALL") == "1"

    def require(tool: str, found: Found | None, install: str) -> Found:
        return found_or_skipped(tool, found, install, forbidden=forbidden)

    return require


@pytest.fixture(scope="session", autouse=True)
def no_remote_models() -> None:
    """No test can reach a language model that is not on this machine, whatever is configured."""
    from agent.analysts.chat.switch import forbid_remote_calls

    forbid_remote_calls()


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(requires: Requires) -> Iterator[Browser]:
    """A headless Chromium of this machine.

    One a module, not one a session: while Playwright's synchronous interface is open it keeps an event loop
    running in this thread, which tests of other modules may want for themselves.
    """
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    path = requires("Chromium", found, "install it, on Debian with apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def moto() -> Iterator[AwsDouble]:
    """The server of moto, one for all tests of a process."""
    from tests.aws_double import AwsDouble

    server = AwsDouble()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def node(requires: Requires, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real OpenSearch, one for all tests of a process; whoever stops it starts it again.

    Tests that ask for it are in the xdist group "opensearch", so that there is one in all.
    """
    from tests import opensearch_node

    requires("a JDK and Maven", opensearch_node.found(), opensearch_node.INSTALL)
    one = opensearch_node.Node(tmp_path_factory.mktemp("opensearch"))
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def aws_double(moto: AwsDouble) -> AwsDouble:
    """AWS on this machine: SQS, DynamoDB, S3 and others, over HTTP. Contract tests have other servers too."""
    return moto


@pytest.fixture(scope="session")
def aws_servers(requires: Requires, moto: AwsDouble) -> Iterator[AwsServers]:
    """Real servers instead of moto's SQS and DynamoDB; one for all tests."""
    from tests import aws_servers

    requires("a JDK, Maven and Dynoxide", aws_servers.found(), aws_servers.INSTALL)
    servers = aws_servers.AwsServers(moto)
    servers.start()
    yield servers
    servers.stop()
