"""Threat patterns: data files of one area each, loaded and checked as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal

import yaml

from agent.catalog.conditions import Condition
from agent.catalog.grammar import Subject, controls_in, is_specific, names_in, parse, phrases_in
from agent.catalog.methodologies import load_methods
from agent.catalog.reading import read_yaml
from agent.catalog.references import load_references
from agent.catalog.templates import Template, template
from agent.catalog.vocabulary import ControlName
from agent.domain.request import Methodology
from agent.domain.threat import Effort, Reference, Stride
from agent.errors import CatalogError

Spread = Literal["system", "match", "source", "target"]
Skill = Literal["none", "some", "expert"]

PLACEHOLDERS: Mapping[Subject, frozenset[str]] = {
    "element": frozenset({"element", "zone", "path", "entry", "data", "stake", "callers", "system"}),
    "flow": frozenset(
        {"flow", "source", "target", "sources", "targets", "what", "label", "data", "stake"}
        | {"path", "entry", "zone", "system"}
    ),
}
"""What a template may name, beside what the pattern's condition captures."""

_FIELDS = frozenset(
    {"id", "title", "stride", "of", "when", "spread", "group", "answered_by", "answered", "eased_by"}
    | {"threat", "why", "likelihood", "impact", "skill", "harm", "data_class", "mitigations", "references"}
    | {"ask", "ask_eased", "methodology", "confidence", "exposure"}
)
_THREAT = frozenset({"source", "given", "action", "impact", "goal", "assets"})
_GOALS = frozenset(
    {"confidentiality", "integrity", "availability", "accountability", "authenticity", "authorization"}
    | {"privacy", "safety", "cost control"}
)


@dataclass(frozen=True)
class Remedy:
    """One mitigation as the pattern words it."""

    text: Template
    effort: Effort


@dataclass(frozen=True)
class Pattern:
    """One threat that the catalog knows, and where it applies."""

    id: str
    title: Template
    stride: tuple[Stride, ...]
    on: Subject
    when: Condition
    spread: Spread
    """What becomes one threat: all matches of the system, each match, or all flows of a source or target."""
    group: str
    """Patterns of one group on the same targets say nearly the same: merge keeps the gravest."""
    answered_by: tuple[ControlName, ...]
    """Controls any of which, if stated, answers the threat; unknown, the first raises a question."""
    answered: Literal["drop", "test"]
    """What becomes of an answered threat: gone, or kept as low, a control to test."""
    eased_by: tuple[ControlName, ...]
    """Controls that make it less likely without answering it."""
    source: Template
    given: Template | None
    action: Template
    harm_text: Template
    goal: tuple[str, ...]
    assets: tuple[Template, ...]
    why: tuple[Template, ...]
    likelihood: int
    impact: int
    skill: Skill
    harm: str
    """What the base of the impact stands for, as a noun phrase."""
    data_class: bool
    """Whether the class of the data changes the impact."""
    exposure: bool
    """Whether the distance from the internet changes the likelihood."""
    remedies: tuple[Remedy, ...]
    references: tuple[Reference, ...]
    ask: Template | None
    ask_eased: Template | None
    """The question where a control already eases the threat."""
    categories: Mapping[Methodology, tuple[str, ...]]
    """The methodologies that ask for it, with the labels of their categories; STRIDE's are `stride`."""
    confidence: float

    @cached_property
    def specific(self) -> bool:
        """Whether it fits by words of a name, a label or a text, and not by the kind of thing alone."""
        return is_specific(self.when)

    @cached_property
    def asked(self) -> tuple[frozenset[frozenset[str]], frozenset[frozenset[str]]]:
        """What sentences about the subject, and sentences about anything, are asked for."""
        return phrases_in(self.when)

    @cached_property
    def controls(self) -> frozenset[ControlName]:
        """Every control whose state can change what the pattern finds."""
        return controls_in(self.when) | {*self.answered_by, *self.eased_by}


@cache
def load_patterns() -> tuple[Pattern, ...]:
    """Every pattern of the catalog, in the order of the files; CatalogError names file, pattern and place."""
    folder = resources.files("agent.catalog").joinpath("patterns")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return parse_patterns({f.name: f.read_text(encoding="utf-8") for f in files})


def cited_references() -> tuple[str, ...]:
    """Every identifier that a pattern cites, sorted."""
    return tuple(sorted({r.id for p in load_patterns() for r in p.references}))


def parse_patterns(files: Mapping[str, str]) -> tuple[Pattern, ...]:
    """The patterns in YAML texts by file name; CatalogError names file, pattern and place."""
    patterns: dict[str, Pattern] = {}
    for name, text in files.items():
        for pattern in _file(name, text):
            if pattern.id in patterns:
                raise CatalogError(f"{name}: {pattern.id}: there is another pattern with this id.")
            patterns[pattern.id] = pattern
    return tuple(patterns.values())


def _file(name: str, text: str) -> Iterable[Pattern]:
    try:
        raw = read_yaml(text)
    except yaml.YAMLError as error:
        raise CatalogError(f"{name}: {error}") from error
    if not isinstance(raw, list):
        raise CatalogError(f"{name}: expected a list of patterns.")
    return [_pattern(entry, f"{name}[{i}]") for i, entry in enumerate(raw)]


def _pattern(raw: object, place: str) -> Pattern:
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
        raise CatalogError(f"{place}: a pattern needs an id.")
    place = f"{place.partition('[')[0]}: {raw['id']}"
    strange = set(raw) - _FIELDS
    if strange:
        raise CatalogError(f"{place}: {', '.join(sorted(map(str, strange)))}: no such field.")
    try:
        return _checked(raw, place)
    except KeyError as error:
        raise CatalogError(f"{place}: {error.args[0]} is missing.") from None
    except (ValueError, TypeError) as error:
        raise CatalogError(f"{place}: {error}.") from None


def _checked(raw: Mapping[str, Any], place: str) -> Pattern:
    on = _one_of(raw.get("of", "element"), ("element", "flow"), f"{place}: of")
    when = parse(raw["when"], on, f"{place}: when")
    allowed = PLACEHOLDERS[on] | names_in(when)
    text = raw["threat"]
    if not isinstance(text, dict) or set(text) - _THREAT:
        raise CatalogError(f"{place}: threat: expected {', '.join(sorted(_THREAT))}.")
    say = _Texts(allowed, place)
    spread = _one_of(raw.get("spread", "match"), ("system", "match", "source", "target"), f"{place}: spread")
    if on == "element" and spread in {"source", "target"}:
        raise CatalogError(f"{place}: spread: an element has neither source nor target.")
    return Pattern(
        id=raw["id"],
        title=say(raw["title"], "title"),
        stride=tuple(Stride(s) for s in _items(raw["stride"])),
        on=on,
        when=when,
        spread=spread,
        group=str(raw.get("group", "")),
        answered_by=tuple(ControlName(c) for c in _items(raw.get("answered_by", []))),
        answered=_one_of(raw.get("answered", "drop"), ("drop", "test"), f"{place}: answered"),
        eased_by=tuple(ControlName(c) for c in _items(raw.get("eased_by", []))),
        source=say(text["source"], "threat.source"),
        given=say(text["given"], "threat.given") if "given" in text else None,
        action=say(text["action"], "threat.action"),
        harm_text=say(text["impact"], "threat.impact"),
        goal=_goals(text["goal"], place),
        assets=tuple(say(a, "threat.assets") for a in _items(text.get("assets", "{stake}"))),
        why=tuple(say(w, "why") for w in _items(raw["why"])),
        likelihood=_score(raw["likelihood"], f"{place}: likelihood"),
        impact=_score(raw["impact"], f"{place}: impact"),
        skill=_one_of(raw.get("skill", "some"), ("none", "some", "expert"), f"{place}: skill"),
        harm=str(raw["harm"]),
        data_class=bool(raw.get("data_class", True)),
        exposure=bool(raw.get("exposure", True)),
        remedies=tuple(_remedy(r, say) for r in _items(raw["mitigations"])),
        references=_references(raw["references"], place),
        ask=say(raw["ask"], "ask") if "ask" in raw else None,
        ask_eased=say(raw["ask_eased"], "ask_eased") if "ask_eased" in raw else None,
        categories=_categories(_items(raw.get("methodology", "stride")), place),
        confidence=float(raw.get("confidence", 0.6)),
    )


@dataclass(frozen=True)
class _Texts:
    """Reads a pattern's templates."""

    allowed: frozenset[str]
    place: str

    def __call__(self, text: object, where: str) -> Template:
        return template(text, self.allowed, f"{self.place}: {where}")


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one_of(value: object, known: tuple[str, ...], place: str) -> Any:
    if value not in known:
        raise CatalogError(f"{place}: {value!r} is none of {', '.join(known)}.")
    return value


def _score(value: object, place: str) -> int:
    if not isinstance(value, int) or not 1 <= value <= 5:  # noqa: PLR2004 - Rating's bounds
        raise CatalogError(f"{place}: expected 1 to 5, got {value!r}.")
    return value


def _categories(value: Sequence[object], place: str) -> dict[Methodology, tuple[str, ...]]:
    """What asks for it, out of words such as "stride" and "linddun.linking"."""
    found: dict[Methodology, tuple[str, ...]] = {}
    for item in value:
        name, _, id_ = str(item).partition(".")
        methodology = Methodology(name)
        category = load_methods()[methodology].category(id_)
        if item != Methodology.STRIDE.value and (category is None or methodology is Methodology.STRIDE):
            known = ", ".join(f"{name}.{c.id}" for c in load_methods()[methodology].categories)
            raise CatalogError(f"{place}: methodology: {item} is none of stride, {known}.")
        labels = (category.label,) if category else ()
        found[methodology] = (*found.get(methodology, ()), *labels)
    return found


def _goals(value: object, place: str) -> tuple[str, ...]:
    goals = tuple(_items(value))
    strange = [str(g) for g in goals if g not in _GOALS]
    if strange:
        raise CatalogError(
            f"{place}: threat.goal: {', '.join(strange)}: none of {', '.join(sorted(_GOALS))}."
        )
    return goals


def _remedy(raw: object, say: _Texts) -> Remedy:
    if not isinstance(raw, dict) or len(raw) != 1:
        raise CatalogError(f"{say.place}: mitigations: expected one effort: text, got {raw!r}.")
    ((effort, text),) = raw.items()
    return Remedy(say(text, "mitigations"), Effort(effort))


def _references(value: object, place: str) -> tuple[Reference, ...]:
    table = load_references()
    ids = _items(value)
    unknown = [str(i) for i in ids if i not in table]
    if unknown or not ids:
        raise CatalogError(f"{place}: references: {', '.join(unknown) or 'none'}: not in references.yaml.")
    return tuple(table[i] for i in ids)
