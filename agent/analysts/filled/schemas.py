"""The schemas that a model fills, made for a run: what it may name is enumerated, by names of our own.

Only what a threat cannot do without is required, and lengths are asked for and cut, not enforced: a small
model that forgets a list or writes a long title costs nothing but that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from agent.analysts.filled.aliases import ENUMERATED, one_of
from agent.analysts.filled.stated import CONTROLS
from agent.analysts.filled.tables import load_harms
from agent.catalog.methodologies import load_methods
from agent.catalog.references import load_references
from agent.domain.request import Methodology
from agent.domain.threat import Stride

CANDIDATES = 30
"""Candidates of an area that a model is shown, the gravest; the rest stand as the rules left them."""
PASSAGES = 12
"""Passages of an area that a model is shown."""
GOALS = (
    "confidentiality",
    "integrity",
    "availability",
    "accountability",
    "authenticity",
    "privacy",
    "safety",
)

_STRIDE = tuple(s.value for s in Stride)
_CITED = ("CWE-", "API", "LLM")
"""Catalogues whose identifiers models know by heart; others are cited by their passage."""
_PART = r"^[EF]\d+$"


def part_type(elements: int, flows: int) -> Any:
    """An alias of an element or a flow of a system with so many."""
    if elements + flows > ENUMERATED:
        return str
    return one_of([*(f"E{i + 1}" for i in range(elements)), *(f"F{i + 1}" for i in range(flows))], _PART)


def labels(methodology: Methodology) -> tuple[str, ...]:
    """The labels of the methodology's own categories; none for STRIDE, which every threat has anyway."""
    if methodology is Methodology.STRIDE:
        return ()
    return tuple(c.label for c in load_methods()[methodology].categories)


def citable() -> tuple[str, ...]:
    """The catalog identifiers that a schema lists."""
    return tuple(id_ for id_ in load_references() if id_.startswith(_CITED))


def many(kind: Any, description: str) -> Any:
    """A field that takes a list and may be left out."""
    return (list[kind], Field(default_factory=list, description=description))


def choice(names: Sequence[str], default: str, description: str = "") -> Any:
    """A field that takes one of the names and may be left out."""
    return (one_of(names), Field(default=default, description=description or None))


def needed(kind: Any, description: str = "", least: int | None = None) -> Any:
    """A field that may not be left out; `least` items, for a list."""
    return (kind, Field(description=description or None, min_length=least))


def word(default: str, description: str) -> Any:
    """A field that takes a text and may be left out."""
    return (str, Field(default=default, description=description))


@lru_cache(maxsize=32)
def findings_schema(
    elements: int, flows: int, methodology: Methodology = Methodology.STRIDE
) -> type[BaseModel]:
    """What `find` asks for, of a system with so many elements and flows. The same numbers, the same class."""
    part = part_type(elements, flows)
    candidate = one_of([f"C{i + 1}" for i in range(CANDIDATES)])
    return create_model(
        "report_findings",
        __doc__="Report what you found in the area: a word on the candidates, and threats that they miss.",
        confirmed=many(candidate, "candidates that hold as they stand"),
        rejected=many(_rejected(candidate), "candidates that do not hold here"),
        sharpened=many(_sharpened(candidate, part), "candidates that hold and can be said more exactly"),
        threats=many(_threat(part, methodology), "threats that no candidate says; none is a good answer"),
    )


def _rejected(candidate: Any) -> type[BaseModel]:
    return create_model(
        "Rejected",
        id=needed(candidate),
        why=needed(
            one_of(("answered", "not_here", "unlikely")),
            "answered: a quoted sentence states the control that stops it",
        ),
        reason=word("", "one clause, at most 20 words"),
        control=choice(("none", *CONTROLS), "none", "for answered: the control"),
        quote=word("", "the sentence or label, copied letter by letter"),
    )


def _sharpened(candidate: Any, part: Any) -> type[BaseModel]:
    return create_model(
        "Sharpened",
        id=needed(candidate),
        title=word("", "at most 12 words; empty: as it is"),
        given=word("", "what the attacker needs first, a clause"),
        does=word("", "what the attacker does here, a clause after “can”"),
        on=many(part, "parts of this candidate that it is really about; empty: all"),
        quotes=many(str, "evidence, copied letter by letter"),
    )


@lru_cache(maxsize=32)
def new_threat_schema(elements: int, flows: int) -> type[BaseModel]:
    """One threat, as a conversation proposes it."""
    return _threat(part_type(elements, flows))


def _threat(part: Any, methodology: Methodology = Methodology.STRIDE) -> type[BaseModel]:
    harms, own = load_harms(), labels(methodology)
    cite: Sequence[str] = (*(f"P{i + 1}" for i in range(PASSAGES)), *citable())
    return create_model(
        "NewThreat",
        title=needed(str, "at most 12 words, names the part and the harm"),
        on=needed(list[part], "1 to 4 parts, the most affected first", least=1),
        stride=needed(list[one_of(_STRIDE)], least=1),  # type: ignore[misc]  # made for the run
        **({"categories": needed(list[one_of(own)], least=1)} if own else {}),  # type: ignore[misc]
        who=word("an attacker", "who does it, a noun phrase"),
        given=word("", "what they need first, a clause such as “who has an account”"),
        does=needed(str, "what they do, a clause after “can”"),
        leads_to=word("", "what comes of it, a noun phrase"),
        goals=many(one_of(GOALS), "what is reduced"),
        exposure=choice(("internet", "inside", "none", "unknown"), "unknown"),
        skill=choice(("none", "some", "expert"), "some"),
        harm=choice(tuple(harms), "other", "; ".join(f"{h.name}: {h.says}" for h in harms.values())),
        data=choice(("public", "internal", "confidential", "restricted", "unknown"), "unknown"),
        control=choice(("none", *CONTROLS), "none", "the control that would stop it"),
        control_state=choice(("present", "absent", "unknown"), "unknown"),
        control_quote=word("", "the sentence that says so, copied letter by letter; empty when unknown"),
        quotes=many(str, "1 to 4 pieces of evidence, copied letter by letter from the data"),
        cites=many(one_of(cite), "passages (P) and identifiers that say the same"),
        do=many(_remedy(), "1 to 3 things to do: where, which setting"),
    )


def _remedy() -> type[BaseModel]:
    return create_model(
        "Remedy",
        text=needed(str, "an imperative, at most 25 words"),
        effort=choice(("small", "medium", "large"), "medium"),
    )


@lru_cache(maxsize=32)
def gaps_schema(
    areas: int, elements: int, flows: int, methodology: Methodology = Methodology.STRIDE
) -> type[BaseModel]:
    """What `review` asks for."""
    own = labels(methodology)
    gap = create_model(
        "MissedHere",
        area=needed(one_of([f"N{i + 1}" for i in range(areas)])),
        on=needed(part_type(elements, flows)),
        **({"category": needed(one_of(own))} if own else {"stride": needed(one_of(_STRIDE))}),
        reason=needed(str, "what is missing, a clause of at most 25 words"),
    )
    return create_model(
        "report_gaps",
        __doc__="Name what the threat model still misses, by area; an empty list when nothing is.",
        gaps=many(gap, "the gravest first, at most 8"),
    )
