"""The structured part of a description: lists, tables and arrow lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.diagrams.prose_anchors import is_bare_role, make_lexicon
from agent.diagrams.prose_attributes import facts_of, flow_of
from agent.diagrams.prose_blocks import Block, Kind, Section, plain, section_of, sentences
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_drafted import zone_key
from agent.diagrams.prose_items import (
    OWN_PART,
    PART_WORDS,
    Prose,
    bare,
    cells,
    is_action,
    is_asset_line,
    is_entry,
    is_group,
    made_of,
    names_element,
    places_only,
    said_kind,
    stand_in,
    zone_title,
)
from agent.diagrams.prose_leads import (
    announces_parts,
    defined_kind,
    holder_of,
    is_list_of_people,
    is_part_heading,
    is_plain_entry,
    lists_some,
    read_assets,
)
from agent.diagrams.prose_listings import Zone, members_of, title_parts, zone_of
from agent.diagrams.prose_lists import (
    Attributes,
    Hop,
    Named,
    is_name,
    read_around,
    read_hops,
    read_members,
    read_named,
    read_row,
    split_commas,
    strip_mark,
)
from agent.diagrams.prose_mentions import is_weak, kind_of, read_sentence
from agent.diagrams.prose_words import Tense, load_prose_words
from agent.domain.system import ElementKind
from agent.naming import key, words

_TELLING = frozenset(Section) - {Section.SILENT}


class StructureReader:
    """Reads the blocks that are structured into the draft and gives back the others."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.heading_component: tuple[int, str] = (0, "")
        self.topics: list[tuple[int, str]] = []
        self.holder = ""
        self.walls: list[tuple[str, Sequence[str], str]] = []
        """Zones with the names of their members, and the line that says so."""
        self.text = ""
        self.full_names: dict[str, str] = {}
        """Bare names of parts, and what the text calls them."""
        self.titled = False
        """Whether a heading has come."""
        self.announced = False
        """Whether the line before said that the items after it are parts."""

    def read(self, found: Sequence[Block]) -> list[Prose]:
        """Takes over every list, table and arrow line; what is left is prose, in the order of the text."""
        self.text = " | ".join(plain(b.text) for b in found)
        rest: list[Prose] = []
        late: list[Block] = []
        for block in map(self._announced, found):
            self._lead(block)
            zone = self._zone_of(block)
            if self.holder and block.kind is Kind.ITEM:
                rest.append(Prose(strip_mark(block.text), block.section, self.holder, names=False, held=True))
            elif block.kind is Kind.HEADING:
                rest.extend(self.heading(block))
            elif block.kind is Kind.ROW:
                rest.extend(self.row(block))
            elif block.kind is Kind.ITEM and block.section is Section.BOUNDARY and not read_hops(block.text):
                late.append(block)
            elif block.kind in {Kind.ITEM, Kind.ARROWS} or read_hops(block.text):
                rest.extend(self.item(block))
            elif is_entry(block) or is_plain_entry(block):
                rest.extend(self.item(replace(block, section=Section.COMPONENT)))
            elif block.kind is Kind.TEXT and is_asset_line(block):
                read_assets(block.text, self.draft)
            else:
                about = self.heading_component[1]
                rest.extend(self.zone(zone, block) if zone else [Prose(block.text, block.section, about)])
        return [*rest, *self._walls(late)]

    def _walls(self, late: Iterable[Block]) -> list[Prose]:
        """Boundaries, which name parts that stand anywhere in the text."""
        rest = [piece for block in late for piece in self.boundary(block)]
        for name, members, quote in self.walls:
            self.draft.add_boundary(name, [self.draft.find(m) or self._named(m, quote) for m in members])
        self.zones()
        return rest

    def _announced(self, block: Block) -> Block:
        """The block; an item after "The components of the desk are:" is one of a list of components."""
        if block.kind is not Kind.ITEM:
            self.announced = block.kind is Kind.TEXT and announces_parts(block.text)
            return block
        neutral = block.section is Section.NEUTRAL
        return replace(block, section=Section.COMPONENT) if self.announced and neutral else block

    def _lead(self, block: Block) -> None:
        """What a line such as "The following is stored on the hub:" says of the items after it."""
        if block.kind is Kind.ITEM:
            return
        name = holder_of(block.text) if block.kind is Kind.TEXT and block.section in _TELLING else ""
        own = self.draft.add(name, plain(block.text), kind=kind_of(name)) if name else ""
        self.holder = self.draft.name_of(own) if own else ""

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

    def item(self, block: Block) -> Iterable[Prose]:  # noqa: PLR0911 - one return a kind of item
        """One list item or arrow line."""
        if block.section in {Section.SILENT, Section.ASSUMPTION}:
            return [Prose(block.text, block.section)]
        hops = read_hops(block.text)
        if hops and all(
            is_name(end, told=self.draft.is_known(end)) for h in hops for end in (h.source, h.target)
        ):
            return list(self.hops(hops, block))
        named = read_named(block.text)
        if block.section is Section.DATA and (named is None or named.attributes.kind is None):
            read_assets(block.text, self.draft)
            return [Prose(block.text, block.section, names=False)]
        if named is None:
            return [self._prose(block)]
        if block.section is Section.STACK and named.description:
            return list(self.stack(named, block))
        if is_group(named, block):
            return list(self.group(named, block))
        if self._is_component(named, block):
            name = self._component(named, block)
            return [Prose(s, block.section, name, names=False) for s in self._described(named, block)]
        if named.marked and not named.description:
            self._topic(block, named.name)
            return []
        return [self._prose(block)]

    def _prose(self, block: Block) -> Prose:
        self.topics = [(depth, name) for depth, name in self.topics if depth < block.depth]
        about = self.topics[-1][1] if self.topics else self.heading_component[1]
        listed = block.kind is Kind.ITEM and not block.ordered
        return Prose(strip_mark(block.text), block.section, about, block.ordered, item=listed)

    def _topic(self, block: Block, name: str) -> None:
        """An item of one bold name is what the items below it speak of, when that is an element."""
        self.topics = [(depth, other) for depth, other in self.topics if depth < block.depth]
        own = self.draft.find(name)
        self.topics.append((block.depth, self.draft.name_of(own) if own else ""))

    def _described(self, named: Named, block: Block) -> list[str]:
        notes = [named.attributes.note] if named.attributes.note else []
        lead = plain(block.text)
        at = lead.find(named.description) if named.description else -1
        return [*notes, *sentences(lead[at:] if at >= 0 else named.description)]

    def _is_component(self, named: Named, block: Block) -> bool:
        """Whether the item names an element, by its section, a stated kind, or a name that says so."""
        if (
            not is_name(named.name, told=named.attributes.kind is not None)
            or key(named.name) in load_prose_words().never
        ):
            return False
        if named.attributes.kind is not None:
            return True
        if block.section is Section.COMPONENT:
            return named.marked or len(named.name.split()) <= PART_WORDS
        if not named.description or block.section in {Section.FLOW, Section.BOUNDARY}:
            return False
        defined = block.section is Section.NEUTRAL and defined_kind(named) is not None
        telling = load_technologies().read(named.name).kind is not None and " with " not in named.name
        return defined or (named.marked and telling)

    def group(self, named: Named, block: Block) -> Iterable[Prose]:
        """The parts become elements and the name a boundary around them."""
        keys = []
        for part in split_commas(named.description.rstrip(".")):
            name = bare(part)
            if not names_element(name):
                continue
            own = self.draft.add(name, plain(block.text), kind=kind_of(name), listed=True)
            keys.append(own)
            note = part[len(name) :].strip(" ()")
            if note and own:
                yield Prose(note, block.section, self.draft.name_of(own), names=False)
        self.draft.add_boundary(named.name, keys)

    def _component(self, named: Named, block: Block) -> str:
        attributes = named.attributes
        technologies, facts = facts_of(attributes)
        technologies = [*technologies, *made_of(named)]
        person = attributes.kind is None and is_list_of_people(block.heading)
        own = self.draft.add(
            named.name,
            plain(block.text),
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
            self._fact(self.draft.name_of(own), fact, value, plain(block.text))
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

    def hops(self, hops: Iterable[Hop], block: Block) -> Iterable[Prose]:
        """The flows of an arrow line; what stands beside them is prose about them."""
        for hop in hops:
            if is_action(hop.target):
                yield Prose(hop.target, block.section, hop.source, names=False)
                continue
            source, note = self._end(hop.source, block)
            target, other = self._end(hop.target, block)
            if not source or not target:
                continue
            about = f"{self.draft.name_of(source)} -> {self.draft.name_of(target)}"
            self.draft.add_flow(flow_of(source, target, hop, block))
            technologies, facts = facts_of(hop.attributes)
            del technologies
            for fact, value in facts:
                if fact not in {"encrypted", "authenticated"}:
                    self._fact(about, fact, value, plain(block.text))
            for text, named in (
                (note, self.draft.name_of(source)),
                (other, self.draft.name_of(target)),
                (hop.label, about),
                (hop.description, about),
            ):
                if text:
                    yield Prose(text, block.section, named, names=False)

    def _end(self, name: str, block: Block) -> tuple[str, str]:
        """The key of an end of an arrow, and the note in brackets that its name carries."""
        if self.draft.is_known(name):
            return self.draft.add(name, plain(block.text), listed=True), ""
        bare, _, note = name.partition(" (")
        if note and is_name(bare):
            return self.draft.add(bare, plain(block.text), listed=True), note.rstrip(") ")
        return self.draft.add(name, plain(block.text), listed=True), ""

    def stack(self, named: Named, block: Block) -> Iterable[Prose]:
        """Products such as "Database: PostgreSQL, Redis" are parts, or what the named part is made of."""
        table = load_technologies()
        mentions = read_sentence(named.description, make_lexicon({}, ())).mentions
        products = [m for m in mentions if m.technologies]
        parts = [m for m in products if table.traits_of(m.technologies) & OWN_PART]
        for part in parts:
            self.draft.add(
                part.name, plain(block.text), kind=part.kind, listed=True, technologies=part.technologies
            )
        made_of = [t for m in products if m not in parts for t in m.technologies]
        own = table.read(named.name)
        if own.kind is not None and made_of and is_name(named.name) and not places_only(made_of):
            self.draft.add(named.name, plain(block.text), kind=own.kind, listed=True, technologies=made_of)
        return [Prose(block.text, block.section, names=False)]

    def boundary(self, block: Block) -> Iterable[Prose]:
        """A line such as "Shop floor: till, printer" is a boundary when its members are elements."""
        read = read_around(block.text) or read_members(block.text)
        if read is None:
            return [Prose(block.text, block.section)]
        name, members = read
        keys = [self.draft.find(m) if not self.draft.is_known(m) else self.draft.add(m, "") for m in members]
        if sum(1 for k in keys if k) * 2 < len(members):
            keys = [self.draft.add(m, plain(block.text), listed=True) for m in members if names_element(m)]
        if keys:
            self.draft.add_boundary(name, keys)
        return []

    def row(self, block: Block) -> Iterable[Prose]:
        """A row of a table of components or of flows."""
        row = read_row(block.cells)
        if block.section in {Section.SILENT, Section.ASSUMPTION}:
            return [Prose(block.text, block.section)]
        if row.get("source") and row.get("target"):
            values = cells(row, "encrypted", "authenticated", "protocol")
            hop = Hop(
                row["source"],
                row["target"],
                row.get("label", ""),
                Attributes(values=values),
                row.get("description", ""),
            )
            return list(self.hops([hop], block))
        kind = load_prose_words().kinds.get(row.get("kind", "").lower())
        listing = kind is not None or block.section is Section.COMPONENT
        if row.get("name") and listing and is_name(row["name"]):
            values = cells(row, "zone", "technology")
            named = Named(row["name"], Attributes(kind, values), row.get("description", ""), marked=True)
            name = self._component(named, block)
            return [Prose(s, block.section, name, names=False) for s in sentences(named.description)]
        return []

    def zones(self) -> None:
        """Zones that elements state become boundaries where no list has drawn them."""
        for own, element in self.draft.elements.items():
            if not element.zone:
                continue
            drawn = self.draft.boundaries.get(zone_key(element.zone))
            if drawn is None or own not in drawn.members:
                self.draft.add_boundary(drawn.name if drawn else zone_title(element.zone), [own])
