"""Shared by the tests of what we know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from tests.opensearch_node import Node

pytest.register_assert_rewrite("tests.knowledge.store_contract")


@pytest.fixture
def prefix(node: Node) -> Iterator[str]:
    """A prefix that no other test uses; what lies under it is deleted afterwards."""
    name = f"test-{uuid4().hex[:12]}"
    yield name
    for what in (f"/{name}*", f"/_index_template/{name}*"):
        with suppress(HTTPError), urlopen(Request(node.url + what, method="DELETE"), timeout=30):  # noqa: S310 - ours
            pass
