"""“Add a threat that …”: the sentence as a threat of the engineer's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent import risk
from agent.analysts.filled.rating import LIKELIHOOD, exposure, part_of
from agent.analysts.stakes import data_nouns, worst_class
from agent.analysts.topology import Topology
from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.conversation.asked import Asked
from agent.conversation.speech import Form, load_speech
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_words import load_prose_words
from agent.domain.base import slug
from agent.domain.model import ThreatModel
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind
from agent.domain.threat import Origin, Rating, Statement, Stride, Threat, threat_key
from agent.naming import key

IMPACT = 3
"""The base of what nobody has rated: real harm that ends with the parts it stands on."""
_TITLE, _ACTION, _TARGETS, _LEAST, _CATEGORIES = 110, 300, 4, 3, 2
_FAR = 8
"""Words among which the verb is looked for."""
_NOUN = {2, 3}
"""The places of the verb in “an insider reads” and “the payment provider replays”."""
_SOMEBODY = frozenset({"somebody", "someone", "anybody", "anyone"})
_ARTICLES = frozenset({"a", "an", "the"})
_LEAD = re.compile(
    r"^you (?:missed|forgot)\s+(?:that\s+)?"
    r"|^.*?\b(?:threat|risk|issue|finding)s?\b(?:\s+missing)?\s*(?:\([^()]*\))?\s*"
    r"(?:[:,.–—-]\s*|that\s+|where\s+|of\s+|about\s+|in which\s+|by which\s+)?",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"^(?P<who>.{2,80}?)\s+(?:can|could|may|might|is able to|are able to)\s+(?P<does>.+)$", re.IGNORECASE
)


def drafted(asked: Asked, model: ThreatModel) -> Threat | None:
    """The sentence as a threat without an id; None when it does not say what, where or of which kind.

    The parts are those that it names, the category is the one that it names or has signs of, the rating is
    computed from where the parts stand and what they hold.
    """
    if lacking(asked):
        return None
    return _draft(_sentence(asked), _targets(asked)[:_TARGETS], _category(asked), model)


def _targets(asked: Asked) -> tuple[str, ...]:
    """The parts that it stands on: of parts that are named in full no others, and where it happens alone.

    Of “an agent exports it from the console” the console, and not the flow on which the agent comes to it.
    """
    text = f" {key(asked.text)} "
    whole = [e for e in asked.elements if f" {key(e.name)} " in text]
    ids = {e.id for e in whole}
    inside = [e.id for e in whole if e.kind is not ElementKind.EXTERNAL_ENTITY and _is_inside(e, text)]
    flows = tuple(f.id for f in asked.flows if f.source in ids and f.target in ids)
    return tuple(inside) or flows or (asked.parts if asked.flows or not whole else tuple(e.id for e in whole))


def _is_inside(element: Element, text: str) -> bool:
    return bool(
        re.search(rf" (?:from|in|at|inside|within|of) (?:the |our )?{re.escape(key(element.name))} ", text)
    )


def lacking(asked: Asked) -> str:
    """What the sentence does not say; "" when it can be added."""
    if len(_sentence(asked).split()) < _LEAST:
        return "what somebody does"
    if not asked.parts:
        return "which part of the system is meant"
    return "" if _category(asked) else "what kind of threat that is"


def _sentence(asked: Asked) -> str:
    """What is to be added, without “please add a threat that”."""
    if asked.form is not Form.ADD:
        return ""
    return _LEAD.sub("", asked.text, count=1).strip(" .!?")


def _draft(text: str, targets: Sequence[str], stride: Sequence[Stride], model: ThreatModel) -> Threat:
    likelihood, impact = _ratings(model, targets[0])
    title = text if len(text) <= _TITLE else text[:_TITLE].rsplit(" ", 1)[0] + " …"
    return Threat(
        key=threat_key(f"engineer:{slug(text)}", tuple(targets)),
        title=title[:1].upper() + title[1:],
        statement=_statement(text),
        stride=tuple(stride),
        targets=tuple(targets),
        evidence=(Evidence(kind=EvidenceKind.DESCRIPTION, quote=text, source="thread"),),
        likelihood=likelihood,
        impact=impact,
        severity=risk.severity_of(likelihood.score, impact.score),
        confidence=1.0,
        origin=Origin.ENGINEER,
    )


def _ratings(model: ThreatModel, target: str) -> tuple[Rating, Rating]:
    """By where the part stands and what it holds."""
    topology = Topology(model.system, load_technologies().traits_of)
    likelihood = risk.rate(LIKELIHOOD, [exposure(topology, target, ""), risk.skill("some")])
    part = part_of(model.system, target)
    factors = [risk.harm("an engineer's own threat")]
    nouns = data_nouns(topology, (part,))
    if nouns:
        factors.append(risk.data_class(worst_class(topology, (part,)), nouns[0]))
    return likelihood, risk.rate(IMPACT, factors)


def _statement(text: str) -> Statement:
    """Who does what: split at “can”, else at the first verb; else somebody brings it about."""
    said = _MAY.match(text)
    if said:
        return Statement(source=_small(said["who"]), action=said["does"][:_ACTION], impact="")
    found = tokens(text)
    for at, token in enumerate(found[1 : _FAR + 1], 1):
        owned = found[at - 1].text.endswith("s") and "'" in found[at - 1].text
        base = _base(token.word, at, found[0].word) if token.text.islower() and not owned else ""
        if base:
            who, rest = text[: token.start].strip(" ,"), text[token.end :].strip()
            return Statement(source=_small(who), action=f"{base} {rest}".strip()[:_ACTION], impact="")
    return Statement(source="somebody", action=f"bring this about: {text}"[:_ACTION], impact="")


def _base(word: str, at: int, first: str) -> str:
    """The verb that a word in the third person is a form of; "" where it is none."""
    form = load_prose_words().verbs.get(word)
    if form is not None:
        return form.base if form.tense is Tense.THIRD and word != form.base else ""
    alone = at == 1 and first in _SOMEBODY
    named = at in _NOUN and first in _ARTICLES
    if not (alone or named) or not word.endswith("s") or word.endswith("ss"):
        return ""
    ending = next((e for e in ("sses", "shes", "ches", "xes", "zes") if word.endswith(e)), "")
    return word[:-2] if ending else word[:-3] + "y" if word.endswith("ies") else word[:-1]


def _small(who: str) -> str:
    """The words before the verb as they stand within a sentence."""
    first = who.partition(" ")[0]
    return who[:1].lower() + who[1:] if first.lower() in _SOMEBODY | _ARTICLES else who


def _category(asked: Asked) -> tuple[Stride, ...]:
    """Those that are named, else those that the sentence's other words are signs of, two at most."""
    if asked.strides:
        return asked.strides
    found = load_speech().signs.all(tokens(_sentence(asked)))
    return tuple(dict.fromkeys(m.payload for m in sorted(found, key=lambda m: m.start)))[:_CATEGORIES]
