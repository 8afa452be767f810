"""Boundaries that lists and paragraphs draw: "Shop floor: till, printer", "The scale zone: …"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.diagrams.prose_blocks import Block, Kind, Section, plain, sentences
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_drafted import zone_key
from agent.diagrams.prose_items import (
    Prose,
    names_element,
    zone_title,
)
from agent.diagrams.prose_listings import Zone, members_of, zone_of
from agent.diagrams.prose_lists import (
    is_name,
    read_around,
    read_members,
)
from agent.diagrams.prose_mentions import is_weak, kind_of


class Walls:
    """Reads boundaries into the draft; they name parts that stand anywhere in the text."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.heading_component: tuple[int, str] = (0, "")
        """The element that the heading names which the text stands under, and the level of that heading."""
        self.walls: list[tuple[str, Sequence[str], str]] = []
        """Zones with the names of their members, and the line that says so."""

    @staticmethod
    def _zone_of(block: Block) -> Zone | None:
        telling = block.section in {Section.NEUTRAL, Section.COMPONENT, Section.BOUNDARY}
        return zone_of(block.text) if telling and block.kind is Kind.TEXT else None

    def zone(self, zone: Zone, block: Block) -> Iterable[Prose]:
        """A zone holds the parts that its line lists, or the part that it is named after."""
        members = members_of(zone.rest)
        if members:
            self.walls.append((zone.name, members, plain(block.text)))
            return [Prose(zone.rest, block.section)]
        if kind_of(zone.part) is None or is_weak(zone.part) or not is_name(zone.part):
            return [Prose(block.text, block.section, self.heading_component[1])]
        own = self._aside(zone.part, plain(block.text))
        self.draft.add_boundary(zone.name, [own])
        name, (defined, *others) = self.draft.name_of(own), sentences(zone.rest)
        return [
            Prose(defined, block.section, name, names=False),
            *([Prose(" ".join(others), block.section, name)] if others else []),
        ]

    def _aside(self, name: str, quote: str) -> str:
        """The key of a part that some line names and that leaves others to be named by sentences."""
        own = self.draft.add(name, quote, kind=kind_of(name), listed=True, exact=True)
        if own:
            self.draft.elements[own].aside = True
        return own

    def _named(self, name: str, quote: str) -> str:
        return self.draft.add(name, quote, kind=kind_of(name))

    def boundary(self, block: Block) -> Iterable[Prose]:
        """A line such as "Shop floor: till, printer" is a boundary when its members are elements."""
        read = read_around(block.text) or read_members(block.text)
        if read is None:
            return [Prose(block.text, block.section)]
        name, members = read
        keys = [self.draft.find(m) if not self.draft.is_known(m) else self.draft.add(m, "") for m in members]
        if sum(1 for k in keys if k) * 2 < len(members):
            keys = [self.draft.add(m, block.quote, listed=True) for m in members if names_element(m)]
        if keys:
            self.draft.add_boundary(name, keys)
        return []

    def _walls(self, late: Iterable[Block]) -> list[Prose]:
        """Boundaries, which name parts that stand anywhere in the text."""
        rest = [piece for block in late for piece in self.boundary(block)]
        for name, members, quote in self.walls:
            self.draft.add_boundary(name, [self.draft.find(m) or self._named(m, quote) for m in members])
        self.zones()
        return rest

    def zones(self) -> None:
        """Zones that elements state become boundaries where no list has drawn them."""
        for own, element in self.draft.elements.items():
            if not element.zone:
                continue
            drawn = self.draft.boundaries.get(zone_key(element.zone))
            if drawn is None or own not in drawn.members:
                self.draft.add_boundary(drawn.name if drawn else zone_title(element.zone), [own])
