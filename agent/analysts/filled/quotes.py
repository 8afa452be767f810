"""Quotes: what a model calls evidence counts only when it stands, word for word, in what it was shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from agent.analysts.filled.fence import Fence
from agent.domain.request import Request
from agent.domain.system import Element, Evidence, EvidenceKind, Flow, System
from agent.understanding.guard import speaks_to_a_model

SHORTEST = 12
"""Characters of a quote that may stand within a text; a shorter one must be a whole label."""
LONGEST = 300
_ALIKE = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " "})


@dataclass(frozen=True)
class Text:
    """One text that a model was shown, as it was shown."""

    kind: EvidenceKind
    source: str
    text: str

    @cached_property
    def folded(self) -> tuple[str, tuple[int, ...]]:
        """The text as it is compared, and where each of its characters stands in `text`."""
        return _folded(self.text)


@dataclass
class Sources:
    """Everything that a quote may come from, in the order in which it is looked for."""

    texts: list[Text] = field(default_factory=list)

    def add(self, kind: EvidenceKind, source: str, text: str) -> None:
        """One more text; nothing for an empty one."""
        if text.strip():
            self.texts.append(Text(kind, source, text))

    def hold(self, source: str, phrase: str) -> bool:
        """Whether the source has the phrase, word for word, whatever its length."""
        wanted, _ = _folded(phrase.strip())
        return any(wanted in t.folded[0] for t in self.texts if t.source == source)

    def find(self, quote: str) -> Evidence | None:
        """The quote as evidence, in the words of the source itself; None when it stands nowhere.

        White space, case and the form of quotation marks do not count. A sentence that speaks to a language
        model is no evidence of anything.
        """
        wanted, _ = _folded(quote.strip().strip("\"'“”„").strip())
        if not wanted or speaks_to_a_model(quote):
            return None
        for text in self.texts:
            words, places = text.folded
            at = words.find(wanted)
            if at < 0 or (len(wanted) < SHORTEST and wanted != words.strip()):
                continue
            found = text.text[places[at] : places[at + len(wanted) - 1] + 1]
            if speaks_to_a_model(found):
                continue
            return Evidence(kind=text.kind, quote=found[:LONGEST], source=text.source)
        return None


def sources_of(fence: Fence, request: Request, system: System, passages: Iterable[Evidence]) -> Sources:
    """The sources of one call: description, assumptions, labels, what was quoted before, passages."""
    found = Sources()
    found.add(EvidenceKind.DESCRIPTION, "description", fence.safe(request.description))
    for text in request.assumptions:
        found.add(EvidenceKind.DESCRIPTION, "assumptions", fence.safe(text))
    parts: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
    for part in parts:
        _add_part(found, fence, part)
    for passage in passages:
        found.add(EvidenceKind.PASSAGE, passage.source, fence.safe(passage.quote))
    return found


def _add_part(found: Sources, fence: Fence, part: Element | Flow) -> None:
    own = part.source if isinstance(part, Element) else part.evidence
    name = (part.name, part.description) if isinstance(part, Element) else (part.label, *part.data)
    for text in name:
        found.add(EvidenceKind.DIAGRAM, own.source, fence.safe(text))
    for evidence in (own, *(c.evidence for c in part.controls)):
        found.add(evidence.kind, evidence.source, fence.safe(evidence.quote))


def _folded(text: str) -> tuple[str, tuple[int, ...]]:
    """Lower case, one space for each run of white space; with the place of each character."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text.translate(_ALIKE)):
        plain = " " if letter.isspace() else letter.lower()
        if plain == " " and letters and letters[-1] == " ":
            continue
        for piece in plain[:1]:
            letters.append(piece)
            places.append(place)
    return "".join(letters), tuple(places)
