"""What was guessed while reading, said as assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.catalog.spelling import mends
from agent.domain.system import ElementKind, Flow, Known
from agent.understanding.canvas import Canvas, listing

_PROOF = re.compile(
    r"\b(JWTs?|(?:ID |access |bearer |session )?tokens?|API[- ]keys?|(?:session )?cookies?|HMACs?|"
    r"signatures?|client certificates?)\b",
    re.IGNORECASE,
)
_KINDS = {
    ElementKind.EXTERNAL_ENTITY: ("an external entity", "external entities"),
    ElementKind.PROCESS: ("a process", "processes"),
    ElementKind.DATA_STORE: ("a data store", "data stores"),
}


def say_guesses(canvas: Canvas, *, from_prose: bool) -> None:
    """Lists what was guessed: kinds by name, checks that labels only suggest, a system out of text."""
    if from_prose:
        canvas.assume(
            "No diagram shows the system, so I took its elements and flows from the text; "
            "a diagram would correct me."
        )
    else:
        _kinds(canvas)
    _checks(canvas)
    _spelling(canvas)


def _spelling(canvas: Canvas) -> None:
    """Says which words were taken for others."""
    for element in canvas.elements.values():
        for wrong, right in mends(element.name):
            canvas.assume(f'I read "{wrong}" in "{element.name}" as "{right}".', (element.id,))


def _kinds(canvas: Canvas) -> None:
    for kind, (one, many) in _KINDS.items():
        drawn = [e for e in canvas.elements.values() if e.kind is kind and e.assumed and e.id in canvas.drawn]
        for guessed, because in (
            ([e for e in drawn if e.technologies], ("its name says so", "their names say so")),
            (
                [e for e in drawn if not e.technologies],
                ("nothing says what it is", "nothing says what they are"),
            ),
        ):
            if guessed:
                names = listing(e.name for e in guessed)
                what, why = (one, because[0]) if len(guessed) == 1 else (many, because[1])
                canvas.assume(f"I took {names} as {what}: {why}.", (e.id for e in guessed))


def _checks(canvas: Canvas) -> None:
    """Who is sent a token is assumed to check it."""
    by_target: dict[tuple[str, str], list[Flow]] = {}
    for flow in canvas.flows.values():
        proof = _PROOF.search(flow.label) if flow.authenticated is Known.YES else None
        if proof and not any(c.name == "authentication" for c in flow.controls):
            by_target.setdefault((flow.target, proof.group()), []).append(flow)
    for (target, shown), flows in by_target.items():
        name = canvas.elements[target].name
        if canvas.elements[target].kind is not ElementKind.PROCESS:
            continue
        sends = "sends" if len(flows) == 1 else "send"
        sources = listing(_names(canvas, flows))
        canvas.assume(
            f"I assumed that {name} checks the {shown} that {sources} {sends}.",
            (f.id for f in flows),
        )


def _names(canvas: Canvas, flows: Iterable[Flow]) -> list[str]:
    return [canvas.elements[f.source].name for f in flows]
