"""Text that speaks to a language model: found, told to the person, and otherwise text like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import PhraseBook, tokens
from agent.diagrams.prose_blocks import sentences
from agent.domain.system import SystemFragment

FILE = "guard.yaml"
MAX_WARNINGS = 10
"""Sentences that are named one by one."""
_LONGEST_QUOTE = 100
_LONGEST_TEXT = 200_000
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class _Table:
    book: PhraseBook[str]
    parts: Sequence[Sequence[str]]


@cache
def _table() -> _Table:
    text = resources.files("agent.understanding").joinpath(FILE).read_text(encoding="utf-8")
    raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - builds nothing but text, lists and maps
    return _Table(PhraseBook(((p, p) for p in raw["phrases"]), FILE), raw["parts"])


def speaks_to_a_model(text: str) -> bool:
    """Whether a text reads like an instruction to a language model, in one of many languages."""
    table = _table()
    if any(all(part in text for part in parts) for parts in table.parts):
        return True
    return bool(table.book.all(tokens(text)))


def warnings_of(texts: Mapping[str, Iterable[str]]) -> list[str]:
    """One warning for each text that speaks to a language model; ten at most are named."""
    found: dict[str, None] = {}
    for source, lines in texts.items():
        for line in lines:
            for sentence in sentences(line):
                if speaks_to_a_model(sentence):
                    found[
                        f'{source}: "{_short(sentence)}" reads like an instruction to a language model; '
                        "I took it as text and followed nothing of it."
                    ] = None
    named = list(found)
    if len(named) > MAX_WARNINGS:
        rest = len(named) - MAX_WARNINGS
        return [
            *named[:MAX_WARNINGS],
            f"{rest} more texts read like instructions to a language model; none was followed.",
        ]
    return named


def texts_of(fragment: SystemFragment) -> list[str]:
    """Everything in a fragment that a person wrote."""
    labels = [e.name for e in fragment.elements] + [e.description for e in fragment.elements]
    labels += [f.label for f in fragment.flows] + [b.name for b in fragment.boundaries]
    labels += [a.text for a in fragment.assumptions]
    return [t for t in (fragment.title, *labels, *fragment.text[:_LONGEST_TEXT].splitlines()) if t.strip()]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
