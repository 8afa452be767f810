"""Secrets in what people give: masked before a language model sees them, and reported.

The forms stand in `secrets.yaml`. A picture cannot be masked: whoever sends one sends what is on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.domain.base import Value
from agent.errors import CatalogError

FILE = "secrets.yaml"
_GROUPS = ("secret", "secret2")


class Masked(Value):
    """A text without the secrets that stood in it."""

    text: str
    """Each secret as "[masked: its kind]"; everything else as it was."""
    found: tuple[str, ...] = ()
    """The kind of each secret, in the order of the text; never the secret."""


@dataclass(frozen=True)
class _Form:
    kind: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]


def mask(text: str) -> Masked:
    """The text with what looks like a secret masked, and what was found. Takes any text, never raises."""
    lower = text.lower()
    taken: list[tuple[int, int, str]] = []
    for form in _forms():
        if any(mark in lower for mark in form.marks):
            taken += [(*span, form.kind) for span in _spans(form, text) if not _overlaps(span, taken)]
    taken.sort()
    return Masked(text=_replaced(text, taken), found=tuple(kind for *_, kind in taken))


def warnings_of(texts: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """One sentence for each source with secrets in it, for the person.

    Args:
        texts: what was given, by the name of its source.
    """
    said = []
    for source, lines in texts.items():
        kinds = Counter(kind for line in lines for kind in mask(line).found)
        if kinds:
            listed = ", ".join(f"{n} × {kind}" for kind, n in sorted(kinds.items()))
            said.append(
                f"{source}: what looks like a secret stands in it ({listed}). It was masked before a "
                "language model saw it; revoke it and take it out of the file."
            )
    return tuple(said)


def _spans(form: _Form, text: str) -> Iterable[tuple[int, int]]:
    for match in form.pattern.finditer(text):
        groups = match.groupdict()
        name = next((g for g in _GROUPS if groups.get(g)), None)
        yield match.span(name) if name else match.span()


def _overlaps(span: tuple[int, int], taken: Iterable[tuple[int, int, str]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end, _ in taken)


def _replaced(text: str, taken: Iterable[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, kind in taken:
        pieces += [text[at:start], f"[masked: {kind}]"]
        at = end
    return "".join([*pieces, text[at:]])


@cache
def _forms() -> tuple[_Form, ...]:
    text = resources.files("agent").joinpath(FILE).read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    return tuple(_form(entry) for entry in raw["secrets"])


def _form(entry: Mapping[str, Any]) -> _Form:
    flags = re.VERBOSE | (re.IGNORECASE if entry.get("flags") == "i" else re.NOFLAG)
    try:
        return _Form(str(entry["kind"]), tuple(entry["marks"]), re.compile(entry["pattern"], flags))
    except (KeyError, re.error) as error:
        raise CatalogError(f"{FILE}: {entry.get('kind', 'an entry without a kind')}: {error}.") from error
