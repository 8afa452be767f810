"""What every test may ask for."""

from __future__ import annotations

import os
from typing import Protocol, TypeVar

import pytest

Found = TypeVar("Found")


class Requires(Protocol):
    """Gives back what was found, and ends the test when there is nothing."""

    def __call__(self, tool: str, found: Found | None, install: str) -> Found:
        """`found` itself; a falsy one skips the test, saying which tool is missing and how to get it."""
        ...


def _require(tool: str, found: Found | None, install: str) -> Found:
    if found:
        return found
    reason = f"needs {tool}, which was not found on this machine: {install}"
    if os.environ.get("THREATBOT_REQUIRE_ALL") == "1":
        pytest.fail(reason + " (THREATBOT_REQUIRE_ALL=1 forbids to skip)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def requires() -> Requires:
    """`requires("node", shutil.which("node"), "install Node.js 20")`: skip, or fail, when it is missing.

    A test that needs a tool which Python does not bring is skipped with what is missing. With
    THREATBOT_REQUIRE_ALL=1 in the environment, as in CI, it fails instead.
    """
    return _require
