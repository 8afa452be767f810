"""What stands in brackets after a part: "portal (Next.js)", "a database (Postgres)", "shop (Go, Redis)"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role, recognised
from agent.diagrams.prose_items import OWN_PART
from agent.diagrams.prose_mentions import Mention, Sentence, is_weak, kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind

_PARTS = OWN_PART | {Trait.WAF, Trait.DNS}
"""What a product in brackets is when it stands beside the part, unless the part is of that trade too."""
_STORE = ElementKind.DATA_STORE
_STRANGERS = frozenset({"vendor", "partner", "external", "saas", "supplier"})
"""Words that brackets behind a part begin with where somebody else has it: "engine (vendor)"."""


def without_brackets(sentence: Sentence) -> tuple[Sentence, tuple[tuple[Mention, Mention], ...]]:
    """The sentence with each part that brackets only tell more of as one part.

    Returns:
        The sentence, whose mentions have the products in their brackets and not those as mentions of their
        own; and the pairs of a program and a store named in its brackets, which it uses.
    """
    merged: dict[Mention, Mention] = {}
    dropped: set[Mention] = set()
    uses: list[tuple[Mention, Mention]] = []
    sentence = _housed(sentence)
    for outer, inside in _brackets(sentence):
        own = outer
        for inner in inside:
            if _tells_more(outer, inner):
                own = _joined(own, inner)
                dropped.add(inner)
            elif _is_used(outer, inner):
                uses.append((outer, inner))
        if own != outer:
            merged[outer] = own
    if not merged and not uses:
        return sentence, ()
    kept = tuple(merged.get(m, m) for m in sentence.mentions if m not in dropped)
    return replace(sentence, mentions=kept), tuple((merged.get(o, o), i) for o, i in uses)


def _housed(sentence: Sentence) -> Sentence:
    """The sentence, with products that brackets say we run ourselves as programs: "GitLab (self-hosted)"."""
    found, housed = sentence.found, load_prose_words().housed

    def meant(mention: Mention) -> Mention:
        bracket = mention.end + 1 < len(found) and found[mention.end].stem == "("
        stranger = bracket and found[mention.end + 1].stem in _STRANGERS
        if stranger and mention.kind is ElementKind.PROCESS:
            return replace(mention, kind=ElementKind.EXTERNAL_ENTITY)
        outside = mention.kind is ElementKind.EXTERNAL_ENTITY and bool(mention.technologies)
        ours = outside and bracket and bool(housed.all(found[mention.end + 1 : mention.end + 4]))
        return replace(mention, kind=ElementKind.PROCESS) if ours else mention

    kept = (m for m in sentence.mentions if not (_is_stranger(m) and found[m.start - 1].stem == "("))
    return replace(sentence, mentions=tuple(meant(m) for m in kept))


def _is_stranger(mention: Mention) -> bool:
    """Whether the mention is only a word for somebody outside."""
    return mention.start > 0 and mention.end - mention.start == 1 and mention.name.lower() in _STRANGERS


def _brackets(sentence: Sentence) -> Iterator[tuple[Mention, list[Mention]]]:
    """Every mention with a bracket right after it, and the mentions inside, when nothing is done there."""
    found = sentence.found
    for outer in sentence.mentions:
        if outer.owner or outer.end >= len(found) or found[outer.end].stem != "(":
            continue
        close = next((i for i in range(outer.end, len(found)) if found[i].stem == ")"), -1)
        inside = [m for m in sentence.mentions if outer.end < m.start and m.end <= close]
        inside = [m for m in inside if found[m.start - 1].word != "as"]
        if inside and not any(outer.end < at < close for at in sentence.verbs):
            yield outer, inside
    yield from _predicates(sentence)


def _predicates(sentence: Sentence) -> Iterator[tuple[Mention, list[Mention]]]:
    """Every program with the product that it "is": "the API is Laravel"."""
    found = sentence.found
    for outer, inner in pairwise(sentence.mentions):
        between = [t.word for t in found[outer.end : inner.start]]
        program = outer.kind is inner.kind is ElementKind.PROCESS and not outer.technologies
        if between == ["is"] and program and not outer.owner and inner.end - inner.start == 1:
            yield outer, [inner]


def _tells_more(outer: Mention, inner: Mention) -> bool:
    """Whether the product is what the part is, or is written in: no part beside it."""
    if inner.known or inner.person or not inner.technologies or is_bare_role(inner.name):
        return False
    kind = outer.kind or (kind_of(outer.name) if outer.known else None)
    table = load_technologies()
    own = table.traits_of(inner.technologies)
    shared = own & table.traits_of(t.id for t in recognised(outer.name).technologies)
    plain_store = kind is inner.kind is _STORE and is_bare_role(outer.name) and not outer.technologies
    if plain_store:
        return True
    if kind is None or (own & _PARTS and not shared):
        return False
    if _STORE in {kind, inner.kind}:
        return kind is inner.kind and not (outer.technologies and _is_other(outer, inner))
    return True


def _is_other(outer: Mention, inner: Mention) -> bool:
    """Whether both are products, and different ones: "ClickHouse (and Redis)"."""
    return not set(outer.technologies) & set(inner.technologies) and not is_bare_role(outer.name)


def _joined(outer: Mention, inner: Mention) -> Mention:
    added = tuple(t for t in inner.technologies if t not in outer.technologies)
    outside = ElementKind.EXTERNAL_ENTITY
    bare = not outer.known and not outer.technologies and is_bare_role(outer.name)
    kind = outside if inner.kind is outside and bare else outer.kind
    return replace(outer, technologies=(*outer.technologies, *added), kind=kind, weak=False)


def _is_used(outer: Mention, inner: Mention) -> bool:
    """Whether the program in front of the bracket uses the store in it: "shop (Go, Redis)"."""
    kind = outer.kind or (kind_of(outer.name) if outer.known else None)
    program = kind is ElementKind.PROCESS and not is_weak(outer.name)
    return program and inner.kind is _STORE and not inner.weak
