"""Lists inside of lines: "Components: a; b (…)", a title's brackets, chains of arrows, zones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.catalog.phrases import tokens
from agent.diagrams.prose_blocks import Block, Kind, Section, plain, section_of, sentences
from agent.diagrams.prose_lists import is_name, read_hops, split_commas
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.naming import is_plural

_LABEL = re.compile(r"^(?P<label>[A-Z][A-Za-z -]{2,40}):\s+(?P<rest>\S.*)$")
_ZONE = re.compile(
    r"^(?:The\s+|the\s+)?(?P<part>[A-Za-z][\w -]{1,50}?)\s+(?P<noun>[a-z]+):\s+(?P<rest>\S.*)$"
)
_BRACKET = re.compile(r"\(([^()]{3,200})\)\s*$")
_WHO = re.compile(r"\s+(?:who|which|that)\s+")
_AND = re.compile(r"^(?:and|or)\s+", re.IGNORECASE)
_PEOPLE = "Users"
"""The heading of a list of people."""
_MARKS = (":", ";", "->", "→", "=>")
"""What a line has at least that lists something inside."""
_UNREAD = frozenset({Section.SILENT, Section.ASSUMPTION})
_SORTS = frozenset({"system", "source", "integration", "dependency", "vendor", "database", "datastore"})
"""Last words of labels that list parts of one sort: "Source systems: a, b"."""
_LABEL_WORDS = 3
_NAME_WORDS = 6
"""Words of one name in such a list."""
_SEVERAL = 2
_MOST = 0.6
"""Of the names of a list, at least so many must say what they are."""


@dataclass(frozen=True)
class Zone:
    """A paragraph "The scale zone: …"."""

    name: str
    part: str
    """What the zone is named after: "scale"."""
    rest: str


def unfolded(found: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with lists that stand inside of a line as items, and chains of arrows as lines."""
    for block in found:
        marked = any(mark in block.text for mark in _MARKS)
        if marked and block.kind is Kind.TEXT and block.section not in _UNREAD:
            yield from _unfolded(block)
        else:
            yield block


def _unfolded(block: Block) -> Iterator[Block]:
    if _has_chain(block):
        for sentence in sentences(block.text):
            chain = bool(read_hops(sentence.rstrip(".")))
            yield replace(block, text=sentence.rstrip(".") if chain else sentence)
        return
    pending: list[str] = []
    for sentence, label, entries in _listing(block):
        if not entries:
            pending.append(sentence)
            continue
        if pending:
            yield replace(block, text=" ".join(pending))
            pending = []
        for entry in entries:
            heading = _PEOPLE if _are_people(entries) else label or block.heading
            yield replace(
                block, kind=Kind.ITEM, text=entry, section=Section.COMPONENT, heading=heading, inside=True
            )
    if pending:
        yield replace(block, text=" ".join(pending))


def _has_chain(block: Block) -> bool:
    """Whether some sentence of the paragraph is a chain of arrows, and not the whole."""
    if not any(mark in block.text for mark in ("->", "→", "=>")) or read_hops(block.text.rstrip(".")):
        return False
    return any(read_hops(s.rstrip(".")) for s in sentences(block.text))


def _listing(block: Block) -> Iterator[tuple[str, str, list[str]]]:
    """The sentences of a paragraph; for those that list parts behind a label, that and the entries."""
    whole = _whole_list(block)
    if whole:
        yield block.text, "", whole
        return
    for sentence in _stretches(block.text):
        match = _LABEL.match(plain(sentence)) if ":" in sentence else None
        told = match is not None and _announces(match["label"])
        yield sentence, match["label"] if match else "", _entries(match["rest"]) if match and told else []


def _stretches(text: str) -> list[str]:
    """The sentences of a text, where a semicolon ends none."""
    stretches: list[str] = []
    reached = 0
    for piece in sentences(text):
        at = text.find(piece, reached)
        parted = at > 0 and text[reached:at].strip().endswith(";")
        reached = at + len(piece) if at >= 0 else reached
        if stretches and (parted or stretches[-1].endswith(";")):
            stretches[-1] += f" {piece}" if stretches[-1].endswith(";") else f"; {piece}"
        else:
            stretches.append(piece)
    return stretches


def _whole_list(block: Block) -> list[str]:
    """The entries of a paragraph below "Actors" or "Components" that is one list with semicolons."""
    if ";" not in block.text or section_of(block.heading, Section.NEUTRAL) is not Section.COMPONENT:
        return []
    if _LABEL.match(plain(block.text)):
        return []
    return _entries(plain(block.text))


def _announces(label: str) -> bool:
    """Whether a label in front of a line says that parts follow: "Components", "Users"."""
    found = [t for t in tokens(label) if t.is_word]
    if not found or len(found) > _LABEL_WORDS or not is_plural(label):
        return False
    several = found[-1].stem in _SORTS
    return several or section_of(label, Section.NEUTRAL) is Section.COMPONENT


def _entries(text: str) -> list[str]:
    """The names of a list with their notes, as items of a list; none when the words are no such list."""
    body = text.strip().rstrip(".")
    parts = _split(body, ";")
    parts = [p for part in parts for p in _several(part)] if len(parts) >= _SEVERAL else split_commas(body)
    talk = load_prose_words().threat_talk
    entries = [_entry(_AND.sub("", p.strip())) for p in parts if not any(talk.all(tokens(p)))]
    bare = [_bare(e) for e in entries]
    if len(entries) < _SEVERAL or any(len(b.split()) > _NAME_WORDS or not is_name(b) for b in bare):
        return []
    return entries if any(kind_of(b) is not None for b in bare) else []


def _several(part: str) -> list[str]:
    """The names of "app, portal (React)" between two semicolons; the part itself when it is one name."""
    names = split_commas(part)
    short = all(len(_bare(n).split()) <= _NAME_WORDS and kind_of(_bare(n)) is not None for n in names)
    return names if short else [part]


def _bare(entry: str) -> str:
    return entry.partition(":")[0].partition(" (")[0]


def _are_people(entries: Sequence[str]) -> bool:
    """Whether most of these are people, so that the others are too."""
    heads = load_prose_words().heads
    people = sum(1 for e in entries if any(m.payload.person for m in heads.all(tokens(_bare(e)))))
    return people > len(entries) / _SEVERAL


def _entry(part: str) -> str:
    """One entry as an item: "clerk who files deeds" is "clerk: files deeds"."""
    name, *rest = _WHO.split(part, maxsplit=1)
    return f"{name}: {rest[0]}" if rest and "(" not in name else part


def _split(text: str, mark: str) -> list[str]:
    """The parts between such marks outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if char == mark and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [p for p in (p.strip() for p in parts) if p]


def title_parts(title: str) -> list[str]:
    """The parts that a title lists in brackets: "Depot (scales, bay gateway, portal)"; else none."""
    match = _BRACKET.search(title)
    parts = [_AND.sub("", p) for p in split_commas(match.group(1))] if match else []
    if len(parts) < _SEVERAL or any(len(p.split()) > _NAME_WORDS or not is_name(p) for p in parts):
        return []
    telling = [p for p in parts if kind_of(p) is not None]
    return telling if len(telling) > _MOST * len(parts) else []


def zone_of(text: str) -> Zone | None:
    """The zone that a paragraph tells of: "The scale zone: the place where scales stand"."""
    line = plain(text)
    match = _ZONE.match(line)
    if match is None or match["noun"] not in load_prose_words().zone_nouns:
        return None
    if len(match["part"].split()) > _NAME_WORDS:
        return None
    name = f"{match['part']} {match['noun']}"
    return Zone(name[:1].upper() + name[1:], match["part"], match["rest"])


def members_of(rest: str) -> Sequence[str]:
    """The names that begin what is said of a zone: "the till, the safe and the lock. Nobody …"."""
    first = sentences(rest)[0].rstrip(".") if rest else ""
    parts = [p for comma in split_commas(first) for p in re.split(r"\s+and\s+", comma)]
    bare = [re.sub(r"^(?:and\s+)?(?:the|a|an|our|all|its|their)\s+", "", p.strip()) for p in parts]
    if len(bare) < _SEVERAL or any(len(b.split()) > _NAME_WORDS - 2 or kind_of(b) is None for b in bare):
        return ()
    return bare
