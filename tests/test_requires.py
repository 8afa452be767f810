from __future__ import annotations

import pytest

from tests.conftest import found_or_skipped


def test_a_tool_that_is_there_is_given_back() -> None:
    """Whatever was found, as it was found."""
    assert found_or_skipped("node", "/usr/bin/node", "install it", forbidden=True) == "/usr/bin/node"


def test_a_missing_tool_skips_and_says_which() -> None:
    """The reason names the tool and how to get it."""
    with pytest.raises(pytest.skip.Exception, match=r"needs node.*install Node"):
        found_or_skipped("node", None, "install Node.js 20", forbidden=False)


def test_a_missing_tool_fails_where_skips_are_forbidden() -> None:
    """As in CI."""
    with pytest.raises(pytest.fail.Exception, match="forbids to skip"):
        found_or_skipped("node", None, "install Node.js 20", forbidden=True)
