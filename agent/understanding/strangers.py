"""Who stands outside, as a text says of what a diagram draws without a word on what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.domain.system import Element, ElementKind, SystemFragment
from agent.naming import is_plural
from agent.understanding.canvas import Canvas

_PERSON = "end-user"
"""The technology of people."""
_FOREIGN = r"\b(?:external|outside|outsourced|third[- ]party)\s+(?:[\w-]+\s+)?"
_DOES = (
    r"\s+(?:(?:can|must|may|only|also|all|both|usually|first)\s+)*"
    r"(?:(?:sign|signs|log|logs)\s+(?:in|on|up)\b|logins?\b|registers?\b|clicks?\b|types?\b|browses?\b"
    r"|(?:have|has|get|gets|hold|holds)\s+(?:an?\s+|their\s+own\s+|personal\s+)?(?:accounts?|log-?ins?|badges?)\b"
    r"|(?:need|needs|carry|carries|use|uses)\s+(?:an?\s+)?(?:smart\s*cards?|badges?|passwords?|tokens?|laptops?"
    r"|phones?|browsers?)\b)"
)
"""What people do and programs do not."""
_LONGEST = 200_000
"""Characters of a text that are searched."""


def place_strangers(canvas: Canvas, said: Sequence[SystemFragment]) -> None:
    """Puts outside what is drawn as a plain box and a text calls external, or has sign in as people do."""
    texts = [f.text[:_LONGEST] for f in said]
    for id_ in [e.id for e in _untold(canvas)]:
        name = _named(canvas.elements[id_].name)
        if any(re.search(rf"{_FOREIGN}{name}\b", t, re.IGNORECASE) for t in texts):
            canvas.change_element(id_, kind=ElementKind.EXTERNAL_ENTITY, assumed=False)
        elif not _receives(canvas, id_) and any(
            re.search(rf"\b{name}{_DOES}", t, re.IGNORECASE) for t in texts
        ):
            canvas.change_element(
                id_, kind=ElementKind.EXTERNAL_ENTITY, assumed=False, technologies=(_PERSON,)
            )


def _untold(canvas: Canvas) -> Iterator[Element]:
    """What is drawn without a word on what it is."""
    for element in canvas.elements.values():
        plain = element.kind is not ElementKind.DATA_STORE and element.assumed and not element.technologies
        if plain and element.id in canvas.drawn:
            yield element


def _named(name: str) -> str:
    """The name as a pattern, in the singular and in the plural."""
    words = r"\s+".join(re.escape(word) for word in name.split())
    return words if is_plural(name) else f"{words}s?"


def _receives(canvas: Canvas, id_: str) -> bool:
    """Whether a diagram draws that it is sent something by what sends it nothing back."""
    sent = {f.target for f in canvas.touching(id_) if f.source == id_}
    return any(f.source not in sent for f in canvas.touching(id_) if f.target == id_)
