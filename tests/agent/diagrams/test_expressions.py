"""Regular expressions of the readers, on every Python that is supported."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import agent.diagrams

ONE = {"LITERAL", "NOT_LITERAL", "IN", "ANY", "CATEGORY", "MAX_REPEAT", "POSSESSIVE_REPEAT"}


def expressions() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled expression of the readers, with its place."""
    for module in pkgutil.iter_modules(agent.diagrams.__path__, "agent.diagrams."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{module.name}.{name}", value


def repeated(parsed: Any) -> Iterator[Any]:
    """What stands under a possessive quantifier, at any depth."""
    for op, value in parsed:
        if str(op) == "POSSESSIVE_REPEAT":
            yield value[2]
        for inside in _subpatterns(value):
            yield from repeated(inside)


def _subpatterns(value: Any) -> Iterator[Any]:
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _subpatterns(part)


def fails_at_once(pattern: Any) -> bool:
    """Whether it takes nothing where it does not match: one character, or what a look ahead has seen."""
    if not pattern:
        return True
    op, value = pattern[0]
    if str(op) == "BRANCH":
        return len(pattern) == 1 and all(fails_at_once(branch) for branch in value[1])
    if str(op) == "SUBPATTERN":
        return len(pattern) == 1 and fails_at_once(value[3])
    return str(op) in {"ASSERT", "ASSERT_NOT"} or (len(pattern) == 1 and str(op) in ONE)


@pytest.mark.parametrize(("place", "expression"), list(expressions()))
def test_possessive_groups_look_ahead(place: str, expression: re.Pattern[str]) -> None:
    r"""A possessive quantifier stands on what fails at its first step or not at all.

    Python before 3.11.5 keeps what the last, failed round of a possessive group had taken: there `(?:ab)*+`
    takes all of "aba" (python/cpython issue 106052).
    """
    for group in repeated(_parser.parse(expression.pattern, expression.flags)):
        assert fails_at_once(group), f"{place}: {group}"
