"""Elements, flows and boundaries in the making, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.diagrams.prose_anchors import is_bare_role, recognised
from agent.diagrams.prose_mentions import Mention, kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.domain.base import slug
from agent.domain.system import Element, ElementKind, Evidence, Exposure, Flow, Known
from agent.naming import is_plural, key, words

_AGENT = "agent"
_SERVICE = "microservice"
_WORD = re.compile(r"[A-Za-z]+")
END_USER = "end-user"
"""The technology of a person whose name says nothing."""
_OPENING = 80
_FRONT = frozenset({"widget", "portal", "page", "ui", "frontend", "dashboard", "website", "site", "spa"})
_BEHIND = frozenset({"service", "server", "backend", "database", "db"})
"""Last words of what people see, and of what serves it: "chat widget" and "chat service" are two."""
_CLAUSE_END = re.compile(r"[.,]| that | which ")


@dataclass
class DraftElement:
    """An element in the making."""

    name: str
    quote: str
    kind: ElementKind | None = None
    listed: bool = False
    """Whether a list, a table or a diagram names it, not a sentence."""
    aside: bool = False
    """Whether it stands in a list of parts of one sort, beside which there are others."""
    person: bool = False
    """Whether a list of people names it."""
    technologies: list[str] = field(default_factory=list)
    description: str = ""
    zone: str = ""


@dataclass
class DraftFlow:
    """A flow in the making; ends are keys of elements."""

    source: str
    target: str
    label: str
    quote: str
    protocol: str = ""
    encrypted: Known = Known.UNKNOWN
    authenticated: Known = Known.UNKNOWN
    data: tuple[str, ...] = ()


@dataclass
class DraftBoundary:
    """A boundary in the making."""

    name: str
    members: list[str] = field(default_factory=list)


def made_element(id_: str, element: DraftElement, evidence: Evidence) -> Element:
    """The element that the draft gives."""
    label = f"{element.name} {' '.join(element.technologies)}".strip()
    read = recognised(element.name)
    said = recognised(opening(element.description))
    if is_bare_role(element.name) and said.kind and element.kind is said.kind is not read.kind:
        read = said
    named = () if element.person and read.kind is not element.kind else read.technologies
    technologies = tuple(dict.fromkeys((*element.technologies, *(t.id for t in named))))
    if element.person and not technologies:
        technologies = (END_USER,)
    return Element(
        id=id_,
        name=element.name,
        kind=element.kind or kind_of(element.name) or ElementKind.PROCESS,
        technologies=technologies if label else (),
        zone=element.zone,
        description=element.description,
        source=evidence,
        assumed=True,
        exposure=Exposure.UNKNOWN,
    )


def speaks_of_models(text: str) -> bool:
    """Whether a text speaks of language models, so that its agents may be built on one."""
    return not load_prose_words().ai_words.isdisjoint(w.lower() for w in _WORD.findall(text))


def without_agents(element: Element) -> Element:
    """The element; a bare "agent", where nothing speaks of models, is a program that runs on a machine."""
    if _AGENT not in element.technologies or words(element.name)[-1:] != (_AGENT,):
        return element
    left = tuple(t for t in element.technologies if t != _AGENT)
    return element.model_copy(update={"technologies": left or (_SERVICE,)})


def made_flow(id_: str, ids: dict[str, str], flow: DraftFlow, evidence: Evidence) -> Flow:
    """The flow that the draft gives; `ids` has the elements' identifiers by their keys."""
    return Flow(
        id=id_,
        source=ids[flow.source],
        target=ids[flow.target],
        label=flow.label,
        protocol=flow.protocol,
        data=flow.data,
        encrypted=flow.encrypted,
        authenticated=flow.authenticated,
        evidence=evidence,
        assumed=True,
    )


def is_apart(mention: Mention, element: DraftElement) -> bool:
    """Whether only the first words are shared: "Anglers", "angler app"; "chat widget", "chat service"."""
    said, name = words(mention.name), words(element.name)
    if len(said) == 1:
        return False
    ours = mention.kind is not None and mention.kind is not ElementKind.EXTERNAL_ENTITY
    if ours and len(name) == 1 and element.kind is ElementKind.EXTERNAL_ENTITY:
        return is_plural(element.name)
    return bool(_FRONT & {*name[-1:]} and _BEHIND & {*said[-1:]})


def opening(description: str) -> str:
    """The first clause of a description, which says what the thing is: "Java service"."""
    return _CLAUSE_END.split(description, maxsplit=1)[0][:_OPENING]


def zone_key(name: str) -> str:
    """What two spellings of one zone share: "tz-user-device" and "User Device"."""
    dropped = {"tz", "zone", "the", "a", "our", "trust", "boundary", "network"}
    kept = [w for w in key(name).split() if w not in dropped]
    return " ".join(kept) or key(name) or name.lower()


def flow_id(ids: dict[str, str], flow: DraftFlow) -> str:
    """The identifier of a flow, made of its ends and its label."""
    label = f"--{slug(flow.label)}" if flow.label else ""
    return f"{ids[flow.source]}--{ids[flow.target]}{label}"


def uniquely(wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each wanted id made unique by "-2", "-3" in the order given."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for own, id_ in wanted:
        unique, n = id_, 1
        while unique in taken:
            n += 1
            unique = f"{id_}-{n}"
        taken.add(unique)
        given[own] = unique
    return given
