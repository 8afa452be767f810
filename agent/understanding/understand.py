"""One system out of diagrams, prose, assumptions and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.diagrams.prose import read_prose
from agent.domain.request import Answer
from agent.domain.system import UNREADABLE, Boundary, Fact, System, SystemFragment
from agent.errors import NothingToRead
from agent.understanding.answers import apply_answers
from agent.understanding.assets import value
from agent.understanding.canvas import Canvas
from agent.understanding.facts import Facts
from agent.understanding.guard import speaks_to_a_model, texts_of, warnings_of
from agent.understanding.guesses import say_guesses
from agent.understanding.join import draw
from agent.understanding.prose import tell
from agent.understanding.remarks import remarks
from agent.understanding.sign_in import delegated, settle
from agent.understanding.strangers import place_strangers
from agent.understanding.wiring import wire

ASSUMPTIONS = "assumptions"
"""What evidence names as its source for the request's own assumptions."""
_SUBSTANCE = 2
"""Elements and at least one flow that make a diagram a system."""
_TROUBLES = 3
"""Warnings that the refusal repeats."""
_SHOWN = 160
"""Characters of a text that the refusal quotes."""


def understand(
    request_title: str,
    fragments: Sequence[SystemFragment],
    description: SystemFragment | None,
    assumptions: Sequence[str] = (),
    answers: Sequence[Answer] = (),
) -> System:
    """One system out of everything that was given.

    Args:
        request_title: the system's name, when no diagram has a better one.
        fragments: what the readers found in each file, in the order given.
        description: what prose reading found in the request's description; its `text` is read again with the
            names that the diagrams draw, so that the description's mentions of them are heard.
        assumptions: what the person asked to take as true; they count as stated.
        answers: what engineers answered to open questions; they outweigh everything else.

    Raises:
        NothingToRead: no part of a system was recognised; the message shows what was read and asks two
            questions.
    """
    canvas = Canvas()
    for fragment in fragments:
        draw(canvas, fragment)
    alone = not (len(canvas.elements) >= _SUBSTANCE and canvas.flows)
    said = _said(fragments, description, canvas)
    for fragment in said:
        tell(canvas, fragment, alone=alone)
    place_strangers(canvas, said)
    canvas.warnings += _warnings(request_title, fragments, said, assumptions)
    if not canvas.elements:
        raise NothingToRead(_refusal(fragments, said, canvas.warnings))
    from_prose = not canvas.drawn
    if alone:
        wire(canvas)
    asserted = _asserted(canvas, assumptions)
    _apply(canvas, [*fragments, *said, *asserted])
    value(canvas, [*fragments, *said])
    say_guesses(canvas, from_prose=from_prose)
    system = _system(request_title, canvas).model_copy(update={"remarks": remarks(canvas, said)})
    return apply_answers(system, answers)


def _said(
    fragments: Iterable[SystemFragment], description: SystemFragment | None, canvas: Canvas
) -> list[SystemFragment]:
    """The prose of the description and of every document, read with the names that are drawn."""
    names = tuple(dict.fromkeys(e.name for e in canvas.elements.values()))
    said = []
    if description is not None:
        again = bool(names and description.text)
        said.append(read_prose(description.text, description.source, names) if again else description)
    said += [read_prose(f.text, f.source, names) for f in fragments if f.text.strip()]
    return said


def _asserted(canvas: Canvas, assumptions: Iterable[str]) -> list[SystemFragment]:
    """The request's assumptions, as facts; each is listed as well."""
    names = tuple(dict.fromkeys(e.name for e in canvas.elements.values()))
    read = []
    for text in assumptions:
        if text.strip():
            canvas.assume(text.strip())
            read.append(read_prose(text, ASSUMPTIONS, names))
    return read


def _apply(canvas: Canvas, fragments: Iterable[SystemFragment]) -> None:
    """Brings the facts of all texts to the system; a sentence that speaks to a model states nothing."""
    heard: dict[str, bool] = {}
    facts: list[Fact] = []
    texts: list[str] = []
    for fragment in fragments:
        texts.append(fragment.text)
        for fact in fragment.facts:
            quote = fact.evidence.quote
            if quote not in heard:
                heard[quote] = not speaks_to_a_model(quote)
            if heard[quote]:
                facts.append(fact)
    Facts(canvas, texts).apply([*facts, *delegated(facts)])
    settle(canvas)


def _warnings(
    title: str,
    fragments: Iterable[SystemFragment],
    said: Iterable[SystemFragment],
    assumptions: Iterable[str],
) -> list[str]:
    found = list(fragments)
    carried = [w for f in (*found, *said) for w in f.warnings]
    texts: dict[str, list[str]] = {"title": [title]}
    for fragment in (*found, *said):
        texts.setdefault(fragment.source, []).extend(texts_of(fragment))
    texts["assumptions"] = list(assumptions)
    return list(dict.fromkeys([*carried, *warnings_of(texts)]))


def _system(title: str, canvas: Canvas) -> System:
    boundaries = _nested(canvas)
    zones = _zones(boundaries)
    elements = tuple(e.model_copy(update={"zone": zones.get(e.id, "")}) for e in canvas.elements.values())
    return System(
        name=title,
        elements=elements,
        flows=tuple(canvas.flows.values()),
        boundaries=boundaries,
        assets=tuple(canvas.assets.values()),
        assumptions=tuple(canvas.assumptions.values()),
        warnings=tuple(dict.fromkeys(canvas.warnings)),
    )


def _nested(canvas: Canvas) -> tuple[Boundary, ...]:
    """The boundaries; one that lies in another as its members do gets that one as parent."""
    found = list(canvas.boundaries.values())
    members = {b.id: frozenset(b.members) for b in found}
    nested = []
    for boundary in found:
        around = [
            b
            for b in found
            if boundary.parent is None
            and b.id != boundary.id
            and members[boundary.id]
            and _around(members, boundary, b)
        ]
        parent = min(around, key=lambda b: (len(members[b.id]), b.id)).id if around else boundary.parent
        nested.append(boundary.model_copy(update={"parent": parent}))
    return tuple(nested)


def _around(members: dict[str, frozenset[str]], inner: Boundary, outer: Boundary) -> bool:
    """Whether the outer boundary has all members of the inner one, and more."""
    return members[inner.id] < members[outer.id]


def _zones(boundaries: Iterable[Boundary]) -> dict[str, str]:
    """The name of the innermost boundary around each element: the one with the fewest members."""
    zones: dict[str, str] = {}
    for boundary in sorted(boundaries, key=lambda b: (-len(b.members), b.id)):
        zones.update(dict.fromkeys(boundary.members, boundary.name))
    return zones


def _refusal(
    fragments: Sequence[SystemFragment], said: Sequence[SystemFragment], warnings: Sequence[str]
) -> str:
    """Says what was read and what could not be, and asks two questions whose answers would do."""
    shown = [f'{f.source} ("{_shortened(f.text)}")' for f in said if f.text.strip()]
    shown += [f.source for f in fragments if not f.text.strip() and f.format != UNREADABLE]
    read = ", ".join(dict.fromkeys(shown))
    outcome = f"I read {read} and found" if read else "I read no text and no diagram, and so found"
    trouble = "".join(f"{w} " for w in warnings[:_TROUBLES])
    return (
        f"{outcome} no part of a system{' in it' if read else ''}. {trouble}"
        "Which parts does the system have, for example a web app, an API and a database? "
        "And who or what sends data to which of them?"
    )


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[:_SHOWN].rsplit(" ", 1)[0] + " …"
