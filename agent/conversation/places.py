"""Which parts of the system a question names: by names and words of them, by labels, by what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.phrases import Token, tokens
from agent.catalog.technologies import load_technologies
from agent.conversation.speech import load_speech
from agent.domain.model import ThreatModel
from agent.domain.system import Boundary, Element, Flow
from agent.naming import core, key, words
from knowledge.words import stop_words

_LEAST = 4
"""Letters of a single word that may stand for an element or a flow."""
_GENERIC = 3
"""Elements that share a word, from more than which on the word alone names none of them."""
_ATTACK = re.compile(
    r"\b\w+[ -](?:injection|poisoning|stuffing|hijacking|forgery|spoofing|flooding|scripting|traversal"
    r"|escalation|exhaustion|takeover|smuggling|phishing)s?\b",
    re.IGNORECASE,
)
"""Names of attacks: “SQL injection” names no flow that speaks SQL."""
_SEVERAL = 2
"""Words of a label that name its flow rather than the element that has one of them in its name."""

_VERBS = frozenset(
    {"read", "write", "send", "call", "query", "access", "reach", "change", "delete", "open", "use", "upload"}
    | {"download", "request", "answer", "check", "update", "start", "stop", "approve", "sign"}
)
"""Words that say what somebody does, and alone name no flow whose label has them."""


def named_places(
    found: Sequence[Token], text: str, model: ThreatModel
) -> tuple[tuple[Element, ...], tuple[Flow, ...]]:
    """The elements, and the flows that are named by both ends or by their label.

    Args:
        found: the question's tokens.
        text: the question without the categories of threats that it names.
        model: the threat model.
    """
    text = _without_data(_ATTACK.sub(" ", text), model)
    whole = _named_whole(text, model.system.elements)
    if not whole:
        labelled = _labelled(tokens(text), model, _SEVERAL)
        if labelled:
            return (), labelled
    zones = () if whole else _zones(text, model)
    if zones:
        return _of_zones(zones, text, model)
    elements = tuple(dict.fromkeys((*whole, *_named_partly(found, text, whole, model.system.elements))))
    labelled = () if elements else _labelled(tokens(text), model, 1)
    if not elements and not labelled:
        elements = _by_technology(text, model.system.elements)
    return elements, labelled or _between(elements, model)


def _zones(text: str, model: ThreatModel) -> tuple[Boundary, ...]:
    """The boundaries that are named: in full, or two by words that no element has."""
    said = f" {key(text)} "
    whole = tuple(b for b in model.system.boundaries if f" {key(b.name)} " in said)
    parts = {w for e in model.system.elements for w in words(e.name)} | stop_words()
    heard = words(text)
    own = {
        b.id: [w for w in words(b.name) if w not in parts and w not in _AREAS]
        for b in model.system.boundaries
    }
    partly = tuple(b for b in model.system.boundaries if own[b.id] and set(own[b.id]) <= set(heard))
    return whole or (partly if len(partly) > 1 else ())


_AREAS = frozenset(
    {"network", "zone", "account", "subnet", "cluster", "environment", "area", "private", "public"}
)
"""Words of boundaries' names that say only that they are boundaries."""


def _of_zones(
    zones: Sequence[Boundary], text: str, model: ThreatModel
) -> tuple[tuple[Element, ...], tuple[Flow, ...]]:
    """Of one boundary what is inside and the flows across it; of two the flows between them."""
    inside = [set(b.members) for b in zones[:2]]
    if len(inside) > 1:
        between = tuple(
            f
            for f in model.system.flows
            for one, other in (inside, inside[::-1])
            if f.source in one and f.target in other
        )
        if between:
            return (), between
    (ids,) = inside[:1]
    if _LEAVING.search(text):
        return (), tuple(f for f in model.system.flows if f.source in ids and f.target not in ids)
    if _COMING.search(text):
        return (), tuple(f for f in model.system.flows if f.target in ids and f.source not in ids)
    return tuple(e for e in model.system.elements if any(e.id in ids for ids in inside)), ()


_LEAVING = re.compile(
    r"\b(?:leav(?:e|es|ing)|out of|outbound|egress|goes out|sent out|outgoing)\b", re.IGNORECASE
)
_COMING = re.compile(
    r"\b(?:enter(?:s|ing)?|into|inbound|ingress|comes? in|incoming|from outside|from the internet)\b",
    re.IGNORECASE,
)


def _without_data(text: str, model: ThreatModel) -> str:
    """The text without data that begins like a part: "patient notes" names no patient."""
    names = [f" {key(e.name)} " for e in model.system.elements]
    for asset in model.system.assets:
        said = f" {key(asset.name)} "
        if any(n in said and n != said for n in names) and not any(said in n for n in names):
            text = re.sub(rf"\b{re.escape(asset.name)}\b", " ", text, flags=re.IGNORECASE)
    return text


def _named_whole(text: str, elements: Iterable[Element]) -> tuple[Element, ...]:
    """Longest names first, so that "Order queue" is not also "Order"; then in the order of the text."""
    rest = f" {key(text)} "
    at: list[tuple[int, Element]] = []
    for element in sorted(elements, key=lambda e: (-len(key(e.name)), e.id)):
        name = f" {key(element.name)} "
        place = rest.find(name) if name.strip() else -1
        if place >= 0:
            at.append((place, element))
            rest = rest[:place] + " " + "#" * (len(name) - 2) + " " + rest[place + len(name) :]
    return tuple(element for _, element in sorted(at, key=lambda pair: (pair[0], pair[1].id)))


def _named_partly(
    found: Sequence[Token], text: str, whole: Sequence[Element], elements: Sequence[Element]
) -> tuple[Element, ...]:
    """By words of the name that no element named in full has: all that carry it, else any one.

    A word that many names carry, or that is said of a protection, names none of them by itself; a name of
    which more was said hides those of which less was.
    """
    speech = load_speech()
    passed = speech.idle | speech.asking | stop_words() | {w for e in whole for w in words(e.name)}
    heard = {w for w in words(text) if w not in passed and len(w) >= _LEAST - 1}
    cored = [e for e in elements if set(core(e.name)) <= heard]
    if cored:
        return tuple(cored)
    said = {e.id: {w for w in words(e.name) if len(w) >= _LEAST - 1} & heard for e in elements}
    covered = {
        w for m in load_speech().protections.all(found) for t in found[m.start : m.end] for w in words(t.text)
    }
    common = {w for w in heard if sum(w in ws for ws in said.values()) > _GENERIC}
    named = {id_: ws for id_, ws in said.items() if ws - covered - common}
    return tuple(
        e for e in elements if e.id in named and not any(named[e.id] < other for other in named.values())
    )


def _by_technology(text: str, elements: Sequence[Element]) -> tuple[Element, ...]:
    """By what the text calls it: "the queue" is every element that is a queue."""
    table = load_technologies()
    said = tokens(text)
    for match in load_data_kinds().of_text(said):
        for token in said[match.start : match.end]:
            text = re.sub(rf"\b{re.escape(token.text)}", " ", text)
    wanted = {t.id for part in re.split(r"[\s,.;:?!]+", text) for t in table.recognise(part)}
    traits = {trait for id_ in wanted for trait in table.get(id_).traits}
    named = tuple(e for e in elements if wanted & set(e.technologies))
    return named or tuple(e for e in elements if traits & table.traits_of(e.technologies))


def _between(elements: Sequence[Element], model: ThreatModel) -> tuple[Flow, ...]:
    """Flows between two of the elements."""
    ids = {e.id for e in elements}
    return tuple(f for f in model.system.flows if f.source in ids and f.target in ids)


def _labelled(found: Sequence[Token], model: ThreatModel, least: int) -> tuple[Flow, ...]:
    """Flows of whose label the question says so many words at least."""
    passed = stop_words() | load_speech().idle | (_VERBS if least == 1 else frozenset())
    heard = {t.stem for t in found if len(t.stem) >= _LEAST - 1 and not {t.stem, t.word} & passed}
    labels = {f.id: {t.stem for t in tokens(f.label)} for f in model.system.flows}
    short = {w for w in heard if len(w) < _LEAST and sum(w in label for label in labels.values()) > _GENERIC}
    return tuple(f for f in model.system.flows if len((heard - short) & labels[f.id]) >= least)
