"""Finding by words: what of the model, and which passages, a question is about."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from enum import Enum
from math import log

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.conversation.asked import Asked
from agent.conversation.speech import Theme, load_speech
from agent.domain.model import ThreatModel
from agent.domain.system import ElementKind
from agent.domain.threat import Threat
from agent.naming import key
from knowledge.passages import Passage, Query
from knowledge.stores.sqlite import SqliteStore
from knowledge.words import stop_words

FITS = 0.5
"""The part of a question's words, weighted by rarity, that something must have to be called an answer: with
less, what it lacks says more than what it has."""

LEAD = 0.5
"""What a threat's own title and statement count, beside all that is known of it."""

EXCERPT = 700
"""Characters of a long passage that an answer quotes, about."""

NEARLY = 0.6
"""The part of a question's words that a sentence of the description must have to be quoted."""
WORDS = 2
"""Words that it must have at least."""
TOGETHER = 0.4
"""What two words of the question count that stand together in a threat as they stand in the question."""

_FEW = 2
"""Sentences that may have the one word by which a description is quoted."""
THEME = 0.5
"""What it counts that a threat is of the kind that the question is after."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_STEM = 6
"""Letters by which two forms of a word are taken for one."""

_ENDING = re.compile(r"(?<=[a-z]{4})(?:ing|ed)$")

Groups = Sequence[tuple[str, ...]]


def coverage(groups: Groups, passages: Sequence[Passage]) -> dict[str, float]:
    """How much of the sought words each passage has, 0 to 1, rare words counting more; without the zeros."""
    if not groups or not passages:
        return {}
    with closing(SqliteStore()) as store:
        store.upsert(passages)
        found = [_having(store, group) for group in groups]
    weights = [1 + log((1 + len(passages)) / (1 + len(ids))) for ids in found]
    total = sum(weights)
    scores: dict[str, float] = {}
    for ids, weight in zip(found, weights, strict=True):
        for id_ in ids:
            scores[id_] = scores.get(id_, 0.0) + weight / total
    return scores


def _having(store: SqliteStore, group: Iterable[str]) -> frozenset[str]:
    return frozenset(h.passage.id for h in store.search(Query(text=" ".join(group), limit=200)))


def excerpt(groups: Groups, text: str) -> str:
    """The neighbouring sentences of a long text that have most of the sought words, the earliest of them."""
    parts = _SENTENCE.split(text)
    sought = [_starts(group) for group in groups]
    having = [{n for n, group in enumerate(sought) if _has(part, group)} for part in parts]
    windows = [range(begin, _end(parts, begin)) for begin in range(len(parts))]
    best = max(windows, key=lambda w: (len(set[int]().union(*(having[n] for n in w))), -w.start))
    said = " ".join(parts[n] for n in best)
    return f"{'… ' if best.start else ''}{said}{' …' if best.stop < len(parts) else ''}"


def sentences_about(asked: Asked, text: str, least: float = NEARLY, words: int = WORDS) -> list[str]:
    """The one sentence of a description that has most of the sought words; none when none has enough.

    Questions in the text are left out: whoever asks beside a diagram has stated nothing.

    Args:
        asked: the question.
        text: the description.
        least: the part of the words, weighted by rarity, that it must have.
        words: how many it must have.
    """
    said = (p.strip() for p in _SENTENCE.split(" ".join(text.replace("**", "").split())))
    parts = [p for p in said if not p.endswith("?")]
    if len(asked.groups) < words:
        return []
    found = [{n for n, p in enumerate(parts) if mentions(p, group)} for group in asked.groups]
    weights = [1 + log((1 + len(parts)) / (1 + len(places))) for places in found]
    scores = [sum(w for w, at in zip(weights, found, strict=True) if n in at) for n in range(len(parts))]
    best = max(range(len(parts)), key=lambda n: (scores[n], -n), default=-1)
    if best < 0 or scores[best] < least * sum(weights):
        return []
    having = [n for n in range(len(parts)) if sum(n in at for at in found) >= words]
    if words < WORDS and len(having) > _FEW:
        return []
    return [parts[best]] if best in having else []


def mentions(sentence: str, group: tuple[str, ...]) -> bool:
    """Whether the sentence has a word that begins as one of the group does."""
    return _has(sentence, _starts(group))


def _starts(group: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_ENDING.sub("", word.lower())[:_STEM] for word in group)


def _end(parts: Sequence[str], begin: int) -> int:
    """Behind the last part that an excerpt has room for; at least one has."""
    end, size = begin + 1, len(parts[begin])
    while end < len(parts) and size + 1 + len(parts[end]) <= EXCERPT:
        size += 1 + len(parts[end])
        end += 1
    return end


def _has(part: str, group: Iterable[str]) -> bool:
    words = part.lower().split()
    return any(word.strip("(\"'“").startswith(start) for word in words for start in group)


def threats_about(asked: Asked, model: ThreatModel) -> list[tuple[Threat, float]]:
    """Threats with how well they fit the question, best first; ties in the model's ranking.

    What a threat itself says counts more than what is said of the parts that it stands on; to stand on a part
    that the question names counts as half its words, less for a threat that stands on many.
    """
    told = coverage(asked.groups, [_told(t) for t in model.threats])
    known = coverage(asked.groups, list(_notes(model)))
    near = nearness(asked, model)
    pairs = _pairs(asked.text)
    themes = {m.payload for m in load_speech().themes.all(tokens(asked.text))}
    rated = []
    for threat in model.threats:
        words = LEAD * told.get(threat.id, 0.0) + (1 - LEAD) * known.get(threat.id, 0.0)
        if pairs and pairs & _pairs(_all_of(threat)):
            words += TOGETHER
        words += THEME * _meant(themes, threat, known=bool(words) or threat.id in near)
        place = near[threat.id].value / max(1, len(threat.targets)) ** 0.5 if threat.id in near else 0.0
        rated.append((threat, words + place))
    return sorted((pair for pair in rated if pair[1] > 0), key=lambda pair: -pair[1])


def _all_of(threat: Threat) -> str:
    cited = ". ".join(r.title for r in threat.references)
    return f"{threat.title}. {threat.statement.text()} {cited}"


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """Neighbouring words that both say something, such as “SQL injection”."""
    found = tokens(text)
    passed = stop_words() | load_speech().idle
    return frozenset(
        (a.stem, b.stem)
        for a, b in itertools.pairwise(found)
        if a.is_word and b.is_word and a.word not in passed and b.word not in passed
    )


def _meant(themes: Iterable[Theme], threat: Threat, *, known: bool) -> bool:
    """Whether it is of a kind that the question is after: of that category and near, or citing it."""
    cited = {r.id for r in threat.references}
    return any(
        (known and set(theme.strides) & set(threat.stride)) or cited & set(theme.cites) for theme in themes
    )


class Near(Enum):
    """How a threat stands to the parts that a question names, and what that is worth."""

    ON = 0.5
    BESIDE = 0.25


def nearest(asked: Asked, model: ThreatModel) -> list[Threat]:
    """The threats on and around the parts that a question names; those on many other parts last."""
    near = nearness(asked, model)
    rated = [(near[t.id].value / max(1, len(t.targets)) ** 0.5, t) for t in model.threats if t.id in near]
    return [t for _, t in sorted(rated, key=lambda pair: -pair[0])]


def nearness(asked: Asked, model: ThreatModel) -> dict[str, Near]:
    """By threat: on a part that the question names, or on a flow or an end of it."""
    named = set(asked.parts)
    flows = {f.id: {f.source, f.target} for f in model.system.flows}
    around = {id_ for id_, ends in flows.items() if ends & named}
    around |= {end for id_ in named & set(flows) for end in flows[id_]}
    found = {}
    for threat in model.threats:
        if named & set(threat.targets):
            found[threat.id] = Near.ON
        elif around & set(threat.targets):
            found[threat.id] = Near.BESIDE
    return found


def sayings(asked: Asked, model: ThreatModel, *threats: Threat) -> bool:
    """Whether threats have half of the question's words that name no parts; with one or none, they have."""
    parts = [*(e.id for e in asked.elements), *(f.id for f in asked.flows)]
    named = {w for id_ in parts for w in key(model.system.name_of(id_)).split()}
    beyond = [g for g in asked.groups if not {key(w) for w in g} & named]
    said = " ".join(
        f"{_all_of(t)} {' '.join(m.text for m in t.mitigations)} {' '.join(e.quote for e in t.evidence)}"
        for t in threats
    )
    return len(beyond) < WORDS or 2 * sum(mentions(said, g) for g in beyond) >= len(beyond)


def within_reach(asked: Asked, model: ThreatModel) -> list[Threat]:
    """The threats on and around the parts that a question names, in the model's ranking; without a part all.

    What stands outside has few threats of its own: those where its flows end are counted with them.
    """
    if not asked.parts:
        return list(model.threats)
    outside = {e.id for e in asked.elements if e.kind is ElementKind.EXTERNAL_ENTITY}
    ends = {f.target for f in model.system.flows if f.source in outside}
    near = nearness(asked, model)
    return [t for t in model.threats if t.id in near or ends & set(t.targets)]


def _told(threat: Threat) -> Passage:
    return Passage(id=threat.id, source="model", title=threat.title, text=threat.statement.text())


def _notes(model: ThreatModel) -> Iterator[Passage]:
    """Each threat as a passage: all that the model says of it and of the parts that it stands on."""
    parts = _parts(model)
    for threat in model.threats:
        told = _told(threat)
        said = [
            told.text,
            *(parts.get(target, "") for target in threat.targets),
            *(e.quote for e in threat.evidence),
            *(m.text for m in threat.mitigations),
            *(f"{r.id} {r.title}" for r in threat.references),
            *(s.label for s in threat.stride),
        ]
        yield told.model_copy(update={"text": " ".join(said)})


def _parts(model: ThreatModel) -> Mapping[str, str]:
    """What each element and flow is called, is made of and carries."""
    names = {t.id: t.name for t in load_technologies()}
    assets = {a.id: f"{a.name} {a.tag}" for a in model.system.assets}
    found: dict[str, str] = {}
    for element in model.system.elements:
        made_of = [names.get(t, "") for t in element.technologies]
        held = [assets.get(a, "") for a in element.assets]
        found[element.id] = " ".join([element.name, element.description, *made_of, *held])
    for flow in model.system.flows:
        ends = f"{found.get(flow.source, '')} {found.get(flow.target, '')}"
        found[flow.id] = " ".join([flow.label, flow.protocol, *flow.data, ends])
    return found
