"""Shared by the tests of what we know."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.knowledge.store_contract")
