"""Headings that name parts: "Alarm server", "Server responsibilities"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.catalog.phrases import tokens
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_attributes import facts_of
from agent.diagrams.prose_blocks import Block, Section, plain, section_of
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_items import (
    Prose,
    made_of,
    said_kind,
    stand_in,
)
from agent.diagrams.prose_leads import (
    is_list_of_people,
    is_part_heading,
    lists_some,
)
from agent.diagrams.prose_listings import title_parts
from agent.diagrams.prose_lists import (
    Attributes,
    Named,
    is_name,
)
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_walls import Walls
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import words


class Headings(Walls):
    """Reads what headings name into the draft."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        self.topics: list[tuple[int, str]] = []
        self.text = ""
        self.full_names: dict[str, str] = {}
        """Bare names of parts, and what the text calls them."""
        self.titled = False
        """Whether a heading has come."""

    def heading(self, block: Block) -> Iterable[Prose]:
        """A heading below "Components" names a component; any other ends what the one before was about."""
        name = plain(block.text).strip(" :")
        self.topics = []
        if not self.titled:
            for part in title_parts(name):
                self._aside(part, name)
        self.titled = True
        if block.depth <= self.heading_component[0]:
            self.heading_component = (0, "")
        own = section_of(name, Section.NEUTRAL)
        if (
            block.section is Section.COMPONENT
            and own in {Section.NEUTRAL, Section.COMPONENT}
            and is_name(name)
        ):
            self.heading_component = (
                block.depth,
                self._component(Named(name, Attributes(), "", marked=True), block),
            )
        elif block.section is Section.ASSUMPTION and own is Section.NEUTRAL and is_part_heading(name):
            part = self.draft.add(name, plain(block.text), kind=kind_of(name))
            self.heading_component = (block.depth, self.draft.name_of(part) if part else "")
        elif own is Section.NEUTRAL and not self.heading_component[1]:
            self.heading_component = (block.depth, self._named_in(name) or self._doer_in(name))
        return ()

    def _doer_in(self, heading: str) -> str:
        """The part whose work a heading announces: "Server responsibilities"; empty when none."""
        part, _, last = heading.partition(" (")[0].strip().rpartition(" ")
        if not part or not {t.stem for t in tokens(last)} & load_prose_words().duties:
            return ""
        if kind_of(part) is None or not is_name(part):
            return ""
        if part not in self.full_names:
            self.full_names[part] = self._full_name(part) if is_bare_role(part) else part
        return self.draft.name_of(self._aside(self.full_names[part], heading))

    def _full_name(self, part: str) -> str:
        """The one longer name by which the text calls a part: "sync server" for "Server"."""
        words = load_prose_words()
        dull = words.function_words | {w for w, form in words.verbs.items() if form.tense is not Tense.BASE}
        longer = re.compile(rf"\b(([A-Za-z][A-Za-z-]*)\s+{re.escape(part)})s?\b", re.IGNORECASE)
        found = {m[1].lower(): m[1] for m in longer.finditer(self.text) if m[2].lower() not in dull}
        return next(iter(found.values())) if len(found) == 1 else part

    def _named_in(self, heading: str) -> str:
        """The one listed element that a longer heading names: "What the alarm server keeps"."""
        said = words(heading)
        found = [e.name for e in self.draft.elements.values() if e.listed and stand_in(words(e.name), said)]
        return found[0] if len(found) == 1 else ""

    def _component(self, named: Named, block: Block) -> str:
        attributes = named.attributes
        technologies, facts = facts_of(attributes)
        technologies = [*technologies, *made_of(named)]
        person = attributes.kind is None and is_list_of_people(block.heading)
        own = self.draft.add(
            named.name,
            block.quote,
            kind=attributes.kind or (ElementKind.EXTERNAL_ENTITY if person else said_kind(named)),
            listed=True,
            technologies=technologies,
            description=named.description,
            exact=True,
        )
        if not own:
            return ""
        element = self.draft.elements[own]
        element.person = element.person or person
        element.aside = (
            block.inside
            or lists_some(block.heading)
            or (block.section is Section.NEUTRAL and not named.marked)
        )
        for fact, value in facts:
            self._fact(self.draft.name_of(own), fact, value, block.quote)
        for name, value in attributes.values.items():
            if load_prose_words().texts.get(name.lower()) == "zone":
                self.draft.elements[own].zone = value
        return self.draft.name_of(own)

    def _fact(self, about: str, fact: str, value: str, quote: str) -> None:
        if fact == "out_of_scope":
            if value == "yes":
                self.draft.assume(f"{about.replace(' -> ', ' → ')} is out of scope.")
        elif fact.startswith("exposure:"):
            if value == "yes":
                self.draft.add_fact(about, "exposure", fact.removeprefix("exposure:"), quote)
        elif not fact.startswith("data:") or value == "yes":
            self.draft.add_fact(about, fact, value, quote)
