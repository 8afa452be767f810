"""understand: what a language model sees in pictures and texts that no reader could read exactly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, create_model

from agent.analysts.chat.base import Call, ChatCalls, Image, Part, Role, Text
from agent.analysts.filled.aliases import Aliases, one_of
from agent.analysts.filled.asking import question
from agent.analysts.filled.compact import system_lines
from agent.analysts.filled.drawing import Drawing, Seen
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.mermaid import mermaid
from agent.analysts.filled.pictures import Picture, sendable
from agent.analysts.filled.plain import Plain, shortened
from agent.analysts.filled.quotes import Sources, sources_of
from agent.analysts.filled.schemas import choice, many, needed, part_type, word
from agent.analysts.filled.stated import CONTROLS
from agent.analysts.prompts import prompt
from agent.analysts.topology import Topology
from agent.catalog.vocabulary import ControlName
from agent.domain.base import Value
from agent.domain.request import Request
from agent.domain.system import ElementKind, EvidenceKind, Question, System, SystemFragment
from agent.domain.text import one_line
from agent.errors import AnalystError, ConfigurationError, NothingToRead
from agent.secrets import warnings_of
from agent.understanding import understand as join

BRANCH = "The pictures and texts"
DESCRIPTION = "description"
MOST_TEXT = 60_000
"""Characters of all texts together that the model is shown."""
MOST_SEEN = 60
"""New elements that one call may add."""
_OUTPUT = 6000
_QUERIES, _UNKNOWNS, _QUESTIONS = 12, 8, 8


class Understood(Value):
    """What the model adds to what was read exactly."""

    fragments: tuple[SystemFragment, ...] = ()
    """One a source that adds something; every element and flow in them is `assumed`."""
    questions: tuple[Question, ...] = ()
    """About parts that were read exactly; `decides` is empty."""
    unknowns: tuple[str, ...] = ()
    """What the input leaves open, as clauses."""
    queries: tuple[str, ...] = ()
    """Search phrases for the knowledge base, in the words of its catalogues."""
    mermaid: tuple[tuple[str, str], ...] = ()
    """Each picture's name, and what was seen in it as a Mermaid flowchart, to be corrected and sent back."""
    warnings: tuple[str, ...] = ()
    """Secrets that were masked, pictures that were not sent, texts that were cut."""
    dropped: int = 0
    """What the model said that stands nowhere in the input."""


def understand(
    calls: ChatCalls,
    fence: Fence,
    request: Request,
    fragments: Sequence[SystemFragment],
    pictures: Sequence[Picture] = (),
) -> Understood:
    """What the model sees in the request beyond what the fragments hold; AnalystError when it cannot.

    Args:
        calls: the run's language model calls; one is made, two when it has to be repaired.
        fence: the run's fence.
        request: what the person gave.
        fragments: what readers found in each file and in the description; their texts are shown whole.
        pictures: sent as they are, within the provider's limits.
    """
    system = _exact(request, fragments)
    kept, warnings = sendable(pictures)
    texts, cut = _texts(request, fragments)
    call = _call(fence, system, texts, kept)
    try:
        answer = calls.call(call).answer
    except ConfigurationError as error:
        raise AnalystError(f"{BRANCH}: {error.message}") from error
    sources = sources_of(fence, Request(title=request.title), system, ())
    for name, text in texts:
        sources.add(EvidenceKind.DESCRIPTION, name, fence.safe(text))
    names = {f"D{i}": Seen(name, picture=False) for i, (name, _) in enumerate(texts, 1)}
    names |= {f"I{i}": Seen(p.name, picture=True) for i, p in enumerate(kept, 1)}
    secrets = warnings_of({name: [text] for name, text in (*texts, ("title", request.title))})
    return _understood(system, sources, names, answer, (*warnings, *cut, *secrets))


def joined(request: Request, fragments: Sequence[SystemFragment], understood: Understood) -> System:
    """One system out of what was read exactly and what the model saw; the exact wins wherever both speak.

    NothingToRead when neither shows any part of a system.
    """
    drawn = [f for f in fragments if f.source != DESCRIPTION]
    said = next((f for f in fragments if f.source == DESCRIPTION), None)
    system = join(request.title, [*drawn, *understood.fragments], said, request.assumptions, request.answers)
    warnings = tuple(dict.fromkeys((*system.warnings, *understood.warnings)))
    return system.model_copy(update={"warnings": warnings})


def _exact(request: Request, fragments: Sequence[SystemFragment]) -> System:
    """The system without the model; one without elements when nothing was recognised."""
    try:
        return joined(request, fragments, Understood())
    except NothingToRead:
        return System(name=request.title)


def _texts(
    request: Request, fragments: Sequence[SystemFragment]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Description, assumptions and documents by name, cut to a fair share of MOST_TEXT; and what was cut."""
    whole = [(DESCRIPTION, request.description), ("assumptions", "\n".join(request.assumptions))]
    whole += [(f.source, f.text) for f in fragments if f.source != DESCRIPTION]
    given = [(name, text) for name, text in whole if text.strip()]
    share = MOST_TEXT // max(1, len(given))
    cut = tuple(
        f"{name}: the language model was shown the first {share:,} characters of {len(text):,}."
        for name, text in given
        if len(text) > share
    )
    return tuple((name, text[:share]) for name, text in given), cut


def _call(
    fence: Fence, system: System, texts: Sequence[tuple[str, str]], pictures: Sequence[Picture]
) -> Call[Any]:
    from agent.catalog.technologies import load_technologies

    aliases = Aliases(system)
    lines = system_lines(aliases, Topology(system, load_technologies().traits_of))
    parts: list[Part] = [Text(fence.data("what was read exactly", lines or "nothing"))]
    parts += [
        Text(fence.data(f"D{i}", f"name: {one_line(name)}\n{text}"))
        for i, (name, text) in enumerate(texts, 1)
    ]
    for i, picture in enumerate(pictures, 1):
        parts.append(Text(fence.data(f"I{i}, a picture follows", f"name: {one_line(picture.name)}")))
        parts.append(Image(picture.content, picture.media_type))
    return Call(
        stage="understand",
        branch=BRANCH,
        system=prompt("understand").replace("{marker}", fence.marker),
        varying=tuple(parts),
        schema=seeing_schema(len(system.elements), len(system.flows), len(texts), len(pictures)),
        role=Role.SEEING if pictures else Role.THINKING,
        max_output=_OUTPUT,
    )


@lru_cache(maxsize=16)
def seeing_schema(elements: int, flows: int, texts: int, pictures: int) -> type[BaseModel]:
    """What `understand` asks for."""
    new = [f"N{i + 1}" for i in range(MOST_SEEN)]
    old = [f"E{i + 1}" for i in range(elements)]
    place = one_of([*(f"D{i + 1}" for i in range(texts)), *(f"I{i + 1}" for i in range(pictures))])
    end, known = one_of([*old, *new]), part_type(elements, flows)
    element = create_model(
        "SeenElement",
        id=needed(one_of(new)),
        name=needed(str, "as written in the input"),
        kind=needed(one_of(tuple(k.value for k in ElementKind))),
        zone=word("", "the box around it, as written"),
        seen_in=needed(place),
        quote=word("", "for a text: the sentence that names it, copied letter by letter"),
    )
    flow = create_model(
        "SeenFlow",
        source=needed(end),
        target=needed(end),
        label=word("", "as written, with the protocol"),
        seen_in=needed(place),
        quote=word("", "for a text: the sentence, copied letter by letter"),
    )
    fact = create_model(
        "SeenFact",
        about=needed(known),
        control=needed(one_of(CONTROLS)),
        state=needed(one_of(("present", "absent"))),
        quote=needed(str, "the sentence, copied letter by letter"),
    )
    question = create_model("Open", about=needed(known), control=needed(one_of(CONTROLS)))
    return create_model(
        "report_system",
        __doc__="Report what the input shows beyond what was read exactly.",
        elements=many(element, "not yet listed"),
        flows=many(flow, "not yet listed"),
        facts=many(fact, "what sentences state about listed parts"),
        questions=many(question, "the gravest first, at most 8"),
        unknowns=many(str, "what the input leaves open, a clause each, at most 8"),
        queries=many(str, "search phrases, at most 12"),
        several=choice(("yes", "no"), "no", "whether the pictures show more than one system"),
    )


def _understood(
    system: System, sources: Sources, names: dict[str, Seen], answer: Any, warnings: tuple[str, ...]
) -> Understood:
    aliases = Aliases(system)
    plain = Plain(aliases.names)
    drawing = Drawing(aliases, sources, names, plain)
    drawing.take(answer)
    fragments = drawing.fragments()
    pictures = {seen.name for seen in names.values() if seen.picture}
    if answer.several == "yes" and len(pictures) > 1:
        warnings = (*warnings, "The pictures seem to show more than one system; I took them as one.")
    return Understood(
        fragments=fragments,
        questions=_questions(aliases, answer),
        unknowns=_clauses(plain, aliases, answer.unknowns, _UNKNOWNS),
        queries=_clauses(plain, aliases, answer.queries, _QUERIES),
        mermaid=tuple(
            (f.source, mermaid(f.elements, f.flows, f.boundaries)) for f in fragments if f.source in pictures
        ),
        warnings=(*warnings, *dict.fromkeys(drawing.warnings)),
        dropped=drawing.dropped,
    )


def _questions(aliases: Aliases, answer: Any) -> tuple[Question, ...]:
    """The model chooses the part and the control; the words are the catalog's."""
    found: dict[str, Question] = {}
    for asked in answer.questions[:_QUESTIONS]:
        about = aliases.ids.get(asked.about)
        if about is None:
            continue
        open_ = question(aliases.system, about, ControlName(asked.control))
        found.setdefault(open_.id, open_)
    return tuple(found.values())


def _clauses(plain: Plain, aliases: Aliases, said: Sequence[str], most: int) -> tuple[str, ...]:
    lines = (plain.line(aliases.spoken(shortened(text, 400)), 200) for text in said)
    return tuple(dict.fromkeys(line for line in lines if line))[:most]
