"""The structured part of a description: lists, tables and arrow lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.catalog.technologies import load_technologies
from agent.diagrams.prose_anchors import make_lexicon
from agent.diagrams.prose_attributes import facts_of, flow_of
from agent.diagrams.prose_blocks import Block, Kind, Section, plain, sentences
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_headings import Headings
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
    names_element,
    places_only,
)
from agent.diagrams.prose_leads import (
    announces_parts,
    defined_kind,
    holder_of,
    is_plain_entry,
    read_assets,
)
from agent.diagrams.prose_lists import (
    Attributes,
    Hop,
    Named,
    is_name,
    read_hops,
    read_named,
    read_row,
    split_commas,
    strip_mark,
)
from agent.diagrams.prose_mentions import kind_of, read_sentence
from agent.diagrams.prose_words import load_prose_words
from agent.naming import key

_NOBODY = frozenset({"none", "n/a", "na", "nothing", "nobody", "nil"})
"""What a cell says that names no part."""
_SHORT = 2000
"""Characters of a text that nobody divides into a drawing and its explanation."""
_TELLING = frozenset(Section) - {Section.SILENT}


class StructureReader(Headings):
    """Reads the blocks that are structured into the draft and gives back the others."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        self.holder = ""
        self.announced = False
        """Whether the line before said that the items after it are parts."""
        self.short = False
        """Whether the text is a short one, whose sentences name parts beside its arrows."""

    def read(self, found: Sequence[Block]) -> list[Prose]:
        """Takes over every list, table and arrow line; what is left is prose, in the order of the text."""
        self.text = " | ".join(plain(b.text) for b in found)
        self.short = len(self.text) <= _SHORT
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
                told = Prose(block.text, block.section, about, follows=block.follows)
                rest.extend(self.zone(zone, block) if zone else [told])
        return [*rest, *self._walls(late)]

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
            own = self.draft.add(name, block.quote, kind=kind_of(name), listed=True)
            keys.append(own)
            note = part[len(name) :].strip(" ()")
            if note and own:
                yield Prose(note, block.section, self.draft.name_of(own), names=False)
        self.draft.add_boundary(named.name, keys)

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
                    self._fact(about, fact, value, block.quote)
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
        note = ""
        if not self.draft.is_known(name):
            bare, _, rest = name.partition(" (")
            name, note = (bare, rest.rstrip(") ")) if rest and is_name(bare) else (name, "")
        new = len(self.draft.elements)
        own = self.draft.add(name, block.quote, listed=True)
        if own and len(self.draft.elements) > new and self.short and block.section is Section.NEUTRAL:
            self.draft.elements[own].aside = True
        return own, note

    def stack(self, named: Named, block: Block) -> Iterable[Prose]:
        """Products such as "Database: PostgreSQL, Redis" are parts, or what the named part is made of."""
        table = load_technologies()
        mentions = read_sentence(named.description, make_lexicon({}, ())).mentions
        products = [m for m in mentions if m.technologies]
        parts = [m for m in products if table.traits_of(m.technologies) & OWN_PART]
        for part in parts:
            self.draft.add(
                part.name, block.quote, kind=part.kind, listed=True, technologies=part.technologies
            )
        made_of = [t for m in products if m not in parts for t in m.technologies]
        own = table.read(named.name)
        if own.kind is not None and made_of and is_name(named.name) and not places_only(made_of):
            self.draft.add(named.name, block.quote, kind=own.kind, listed=True, technologies=made_of)
        return [Prose(block.text, block.section, names=False)]

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
        listing = kind is not None or block.section is Section.COMPONENT or "targets" in row
        listing = listing or "technology" in row
        if row.get("name") and listing and is_name(row["name"]):
            values = cells(row, "zone", "technology")
            named = Named(row["name"], Attributes(kind, values), row.get("description", ""), marked=True)
            name = self._component(named, block)
            self._targets(row, block)
            if self.short and block.section is Section.NEUTRAL and self.draft.find(name):
                self.draft.elements[self.draft.find(name)].aside = True
            return [Prose(s, block.section, name, names=False) for s in sentences(named.description)]
        return []

    def _targets(self, row: dict[str, str], block: Block) -> None:
        """The flows of a row that says whom its part talks to: "ledger, archive (S3)"."""
        for part in split_commas(row.get("targets", "").replace(";", ",")):
            target = bare(part)
            if is_name(target) and target.lower() not in _NOBODY:
                hop = Hop(row["name"], part, "", Attributes(), "")
                for _ in self.hops([hop], block):
                    pass
