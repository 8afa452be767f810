"""The words by which prose is read: `prose.yaml`, checked when loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import PhraseBook, tokens
from agent.diagrams.prose_forms import VerbForm, Words, verb_forms
from agent.domain.system import ElementKind, Known
from agent.errors import CatalogError

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar stays text: "on" and "no" are words here."""

FILE = "prose.yaml"


@dataclass(frozen=True)
class Protocol:
    """A protocol, and what it says about encryption."""

    id: str
    encrypted: Known


@dataclass(frozen=True)
class Grammar:
    """The small words that tell verbs from nouns and clauses from each other."""

    be: frozenset[str]
    modals: frozenset[str]
    pronouns: frozenset[str]
    speakers: frozenset[str]
    objects: frozenset[str]
    """Pronouns of what something is done to."""
    backward: frozenset[str]
    """Words that mean what the sentence before spoke of."""
    relative: frozenset[str]
    adverbs: frozenset[str]
    determiners: frozenset[str]
    joining: frozenset[str]
    lists: frozenset[str]
    after_nouns: frozenset[str]
    """Words after which a verb-like word before them was a noun."""
    before_verbs: frozenset[str]
    """Words between a subject and its verb."""
    finite: frozenset[str]
    """Words that only a clause of its own has."""
    prepositions: frozenset[str]
    verb_prepositions: frozenset[str]
    passive_prepositions: frozenset[str]
    owners: frozenset[str]
    """Prepositions by which one noun belongs to another."""
    examples: frozenset[str]
    turns: frozenset[str]
    parting: frozenset[str]
    lets: frozenset[str]
    methods: frozenset[str]
    """Methods of HTTP, in capitals: what one end does to the other."""
    timely: frozenset[str]
    """Adjectives in -ly; all other words in -ly are adverbs."""


@dataclass(frozen=True)
class ProseWords:
    """The whole table."""

    grammar: Grammar
    sections: Mapping[str, tuple[Words, ...]]
    headings: Mapping[str, str]
    """Whole headings, in lower case and singular, and the section that they announce."""
    several: frozenset[str]
    """Whole headings, singular, that list parts when they stand in the plural: "Clients"."""
    peoples: frozenset[str]
    """Last words of headings of lists of people."""
    having: frozenset[str]
    """Verbs after which the parts of a whole stand."""
    wholes: PhraseBook[str]
    """How a sentence begins to list the parts of the whole."""
    holds: PhraseBook[str]
    """How a line before a list says that something is kept."""
    not_elements: frozenset[str]
    kinds: Mapping[str, ElementKind]
    heads: PhraseBook[Head]
    never: frozenset[str]
    vague: frozenset[str]
    """Words that say of no part which one it is."""
    also_machines: Mapping[str, frozenset[str]]
    outside: frozenset[str]
    housed: PhraseBook[str]
    """Words by which a product is one that we run ourselves."""
    media: frozenset[str]
    tails: frozenset[str]
    suffixes: frozenset[str]
    function_words: frozenset[str]
    verbs: Mapping[str, VerbForm]
    nounish: frozenset[str]
    hands_on: frozenset[str]
    by_means: frozenset[str]
    """Words before what lies between a person and a part of the system."""
    by_way: frozenset[str]
    """Words before what lies between two programs."""
    behind: PhraseBook[bool]
    reaches: PhraseBook[str]
    being: PhraseBook[str]
    taking: frozenset[str]
    announcing: PhraseBook[str]
    whole_parts: frozenset[str]
    somebody: frozenset[str]
    dropped: frozenset[str]
    fetching: frozenset[str]
    fetched: frozenset[str]
    carried: frozenset[str]
    """Verbs in the passive whose subject is goods: "are uploaded"."""
    moving: frozenset[str]
    """Verbs in the active whose subject may be goods: "go"."""
    taken: frozenset[str]
    """Verbs in the passive by which a part takes goods: "is validated by"."""
    asking: frozenset[str]
    """Verbs by which a part asks another and goes on with the work itself."""
    having_words: frozenset[str]
    """Words that say there is a part, before it: "we have a portal"."""
    offering: frozenset[str]
    """Verbs that say no more than that there is a part."""
    serving: frozenset[str]
    """Words before those for whom a part is there."""
    said_for: frozenset[str]
    """Words between a part and these."""
    place_bases: frozenset[str]
    """Verbs that say where a program runs."""
    hooks: frozenset[str]
    """Words by which somebody calls us back."""
    equipped: frozenset[str]
    """Words before the store that a program comes with."""
    anybody: frozenset[str]
    """Words for outsiders that mean whoever uses the system, or whoever else there is."""
    trades: frozenset[str]
    """What services of others are for."""
    traded_by: frozenset[str]
    """Words before who does it."""
    incoming: frozenset[str]
    """Nouns of what comes from outside: "requests go to the gateway"."""
    store_parts: frozenset[str]
    """Last words of what is only a part of a store: "table"."""
    keeping: frozenset[str]
    """Verbs by which somebody has a part: "operated by"."""
    identifying: frozenset[str]
    """Verbs by which a part tells who somebody is."""
    bare_verbs: frozenset[str]
    """Verbs that stand without an ending after one that does it: "the job send a mail"."""
    slips: Mapping[str, str]
    """Words that are often misspelt, and what they stand for."""
    roles: frozenset[str]
    """One-word names of people, programs and stores."""
    settings: Mapping[str, str]
    """Controls by the names of settings, in lower case."""
    places: PhraseBook[str]
    places_that_run: Mapping[str, ElementKind]
    """Last words of what a short name stands for, by which it is a part: "environment", "partition"."""
    place_verbs: frozenset[str]
    place_adverbs: frozenset[str]
    place_prepositions: frozenset[str]
    parting_verbs: frozenset[str]
    """Verbs that part one side from another: "isolates A from B"."""
    denials: frozenset[str]
    negations: frozenset[str]
    negations_after: frozenset[str]
    hedges: PhraseBook[str]
    plans: PhraseBook[str]
    threat_talk: PhraseBook[str]
    universal: frozenset[str]
    wholly: frozenset[str]
    """Nouns that mean whatever the system takes in, or all of it."""
    inner: PhraseBook[str]
    goods_verbs: frozenset[str]
    holding_verbs: frozenset[str]
    articles: frozenset[str]
    at_words: frozenset[str]
    about_data: frozenset[str]
    countable: frozenset[str]
    """Nouns of data of which a system has many."""
    data_tails: frozenset[str]
    """Nouns after data that stay with its name."""
    fillers: frozenset[str]
    assumes: PhraseBook[str]
    unconfirmed: PhraseBook[str]
    groups: frozenset[str]
    silent_titles: frozenset[str]
    """Words, singular, by which a title silences its whole text."""
    ai_words: frozenset[str]
    """Words by which a text speaks of language models."""
    zone_nouns: frozenset[str]
    """Nouns of zones: "The scale zone: …"."""
    duties: frozenset[str]
    """Last words of headings that tell what the part before does: "Server responsibilities"."""
    goods_of: frozenset[str]
    """Words by which goods belong to whom the text speaks of: "their"."""
    moved: PhraseBook[str]
    """Nouns of what goes on between two parts."""
    attributes: Mapping[str, str]
    texts: Mapping[str, str]
    stereotypes: Mapping[str, Mapping[str, str]]
    protocols: PhraseBook[Protocol]


@dataclass(frozen=True)
class Head:
    """The last word of a noun phrase, and what it says the thing is."""

    kind: ElementKind
    person: bool = False
    weak: bool = False
    """Names something only together with another word, or where a flow ends."""
    outside: bool = False
    """A machine or an organisation outside, not a person."""


@cache
def load_prose_words() -> ProseWords:
    """The table of the package; CatalogError, naming the part, when it breaks its own grammar."""
    text = resources.files("agent.diagrams").joinpath(FILE).read_text(encoding="utf-8")
    raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - builds nothing but text, lists and maps
    try:
        return _table(raw)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CatalogError(f"{FILE}: {error!r} is missing or of the wrong shape.") from error


def _table(raw: Mapping[str, Any]) -> ProseWords:
    """What is no plain set of words and no plain list of phrases is named here; the rest goes by its type."""
    own = (
        _by_kind(raw)
        | _of_phrases(raw)
        | {
            "grammar": Grammar(**{name: _set(found) for name, found in raw["grammar"].items()}),
            "verbs": dict(verb_forms(raw)),
            "never": frozenset(" ".join(_words(p)) for p in raw["never"]),
            "roles": frozenset(p for p, _ in _heads(raw) if " " not in p),
            "slips": {str(w): str(right) for w, right in raw["slips"].items()},
            "attributes": {str(k).lower(): str(v) for k, v in raw["attributes"].items()},
            "texts": {str(k).lower(): str(v) for k, v in raw["texts"].items()},
            "stereotypes": raw["stereotypes"],
        }
    )
    plain = {f.name: _PLAIN[str(f.type)](raw[f.name]) for f in fields(ProseWords) if f.name not in own}
    return ProseWords(**plain, **own)


def _by_kind(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Tables that lead from words to what they mean."""
    return {
        "sections": {name: tuple(_words(p) for p in phrases) for name, phrases in raw["sections"].items()},
        "headings": {str(h): name for name, found in raw["headings"].items() for h in found},
        "kinds": {word: ElementKind(kind) for kind, found in raw["kinds"].items() for word in found},
        "also_machines": {word: _set(before) for word, before in raw["also_machines"].items()},
        "settings": {str(n): str(c) for c, found in raw["settings"].items() for n in found},
        "places_that_run": {
            w: ElementKind(kind) for kind, found in raw["places_that_run"].items() for w in found
        },
    }


def _of_phrases(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Phrases that mean something else than themselves."""
    return {
        "heads": PhraseBook(_heads(raw), FILE),
        "behind": PhraseBook([(p, True) for p in raw["behind"]] + [(p, False) for p in raw["before"]], FILE),
        "places": PhraseBook(((p, p) for p in raw["places"]), FILE),
        "protocols": PhraseBook(_protocols(raw), FILE),
    }


def _set(found: Iterable[Any]) -> frozenset[str]:
    return frozenset(str(w) for w in found)


def _words(phrase: Any) -> Words:
    return tuple(t.stem for t in tokens(str(phrase)) if t.is_word)


def _book(phrases: Iterable[Any]) -> PhraseBook[str]:
    return PhraseBook(((str(p), str(p)) for p in phrases), FILE)


_PLAIN: Mapping[str, Callable[[Iterable[Any]], Any]] = {"frozenset[str]": _set, "PhraseBook[str]": _book}
"""How a part of the table is read whose type says all."""


def _heads(raw: Mapping[str, Any]) -> Iterable[tuple[str, Head]]:
    external, process, store = ElementKind.EXTERNAL_ENTITY, ElementKind.PROCESS, ElementKind.DATA_STORE
    for part, head in (
        ("people", Head(external, person=True)),
        ("outsiders", Head(external, outside=True)),
        ("processes", Head(process)),
        ("stores", Head(store)),
        ("weak_processes", Head(process, weak=True)),
        ("weak_stores", Head(store, weak=True)),
    ):
        for phrase in raw[part]:
            yield str(phrase), head


def _protocols(raw: Mapping[str, Any]) -> Iterable[tuple[str, Protocol]]:
    for name, entry in raw["protocols"].items():
        known = Known(entry.get("encrypted", "unknown"))
        for phrase in entry["say"]:
            yield str(phrase), Protocol(str(name), known)


def protocol_of(text: str) -> Protocol | None:
    """The first protocol that a piece of a sentence names; None when it names none."""
    found = load_prose_words().protocols.longest(tokens(text))
    return found[0].payload if found else None
