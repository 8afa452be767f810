"""Lines that announce a list, and lists of data: "The following is stored on the hub:", "Keys: a; b"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.catalog.data_kinds import DataKind, load_data_kinds
from agent.catalog.phrases import tokens
from agent.diagrams.prose_anchors import make_lexicon
from agent.diagrams.prose_blocks import Block, Kind, Section, plain
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_lists import Named, is_name, read_named, split_commas
from agent.diagrams.prose_mentions import kind_of, read_sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Classification, ElementKind

_SEVERAL = 2
_NAME_WORDS = 6
_DEFINED_WORDS = 4
_OPENING_LENGTH = 120
"""Characters of a definition in which what it defines is told."""
_LONGEST_ASSET = 60
"""Characters of an asset's name."""
_PARTS = re.compile(r";|,\s+(?=e\.g|i\.e|for example|such as|including)", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:and\s+|or\s+|e\.g\.?,?\s*|i\.e\.?,?\s*|for example,?\s*|such as\s+|including\s+)+", re.IGNORECASE
)
_EXAMPLES = re.compile(r"\b(?:e\.g\.?|for example|such as|including)(?![a-z])", re.IGNORECASE)


def holder_of(text: str) -> str:
    """The part in which the things of the list that follows this line lie; empty when the line says none.

    "The following data elements are stored on the ticket server:" names "ticket server".
    """
    line = plain(text)
    if not line.endswith(":"):
        return ""
    sentence = read_sentence(line, make_lexicon({}, ()))
    for match in load_prose_words().holds.longest(sentence.found):
        after = [m for m in sentence.mentions if m.start >= match.end]
        before = [m for m in sentence.mentions if m.end <= match.start]
        passive = sentence.found[match.end - 1].word in {"on", "in", "at", "by"}
        for mention in after[:1] if passive else before[-1:]:
            return "" if mention.proper or mention.person else mention.name
    return ""


def announces_parts(text: str) -> bool:
    """Whether a line before a list says that its items are parts: "The components of the desk:"."""
    line = plain(text)
    if not line.endswith(":"):
        return False
    found = tokens(line)
    start = 1 if found[0].word in load_prose_words().articles else 0
    return any(m.start <= start + 1 for m in load_prose_words().announcing.longest(found))


def is_part_heading(name: str) -> bool:
    """Whether a heading is the name of a part: "Ticket server", but not "Storing tickets"."""
    return is_name(name) and kind_of(name) is not None and len(name.split()) <= _NAME_WORDS


def is_list_of_people(heading: str) -> bool:
    """Whether what is listed under a heading are people: "Users", "Personas"."""
    found = [t.stem for t in tokens(heading) if t.is_word]
    return bool(found) and found[-1] in load_prose_words().peoples


def lists_some(heading: str) -> bool:
    """Whether a heading lists parts of one sort, beside which there are others: "Clients"."""
    return " ".join(t.stem for t in tokens(heading) if t.is_word) in load_prose_words().several


def defined_kind(named: Named) -> ElementKind | None:
    """What an item says that its name is, by defining it: "Sorter: system that …", "Clerk: a person who …".

    None when the words after the name are no definition, or define no part.
    """
    opening = named.description[:_OPENING_LENGTH]
    if not named.name[:1].isupper() or len(named.name.split()) > _DEFINED_WORDS:
        return None
    sentence = read_sentence(opening[:1].lower() + opening[1:], make_lexicon({}, ()))
    first = sentence.mentions[0] if sentence.mentions else None
    if first is None or first.owner or first.proper or first.start > 1:
        return None
    after = sentence.found[first.end].word if first.end < len(sentence.found) else ""
    article = first.start == 0 or sentence.found[0].word in load_prose_words().articles
    return first.kind if article and after in load_prose_words().grammar.relative | {"where"} else None


def is_plain_entry(block: Block) -> bool:
    """Whether a paragraph of a list of components begins with a name: "Crane planner: decides which …"."""
    if block.kind is not Kind.TEXT or block.section is not Section.COMPONENT:
        return False
    named = read_named(block.text)
    if named is None or not named.description or len(named.name.split()) > _NAME_WORDS:
        return False
    return named.name[:1].isupper() and is_name(named.name) and not is_about_data(named.name)


def is_about_data(name: str) -> bool:
    """Whether what stands behind a name and a colon are assets: "Assets to protect: keys, logs"."""
    first = [t.stem for t in tokens(name) if t.is_word][:1]
    return first == ["asset"]


def read_assets(text: str, draft: Draft) -> None:
    """The assets that an item of a list of data names, part by part; each part that is a kind of data is one.

    "**Loyalty cards**: number and owner" is one asset of that name; "Assets of the crew: login details; keys"
    and "Device data, e.g. root key, unit key" are one for each part.
    """
    named = read_named(text)
    line = plain(text)
    if named is not None and named.description and not _lists(named.name, named.description):
        kind = _worst(named.name) or _worst(named.description)
        if kind is not None:
            draft.add_asset(named.name, kind.tag, kind.classification, line)
        return
    for part in _parts(named.description if named is not None and named.description else line):
        kind = _worst(part)
        if kind is not None:
            draft.add_asset(_title(part), kind.tag, kind.classification, line)


def _lists(name: str, description: str) -> bool:
    """Whether the words after the colon are the assets, and those before only say whose they are."""
    return len(description.split(";")) >= _SEVERAL or is_about_data(name)


def _parts(text: str) -> Iterator[str]:
    for piece in _PARTS.split(text):
        commas = _EXAMPLES.search(text) or text.count(",") >= _SEVERAL
        several = split_commas(_OPENING.sub("", piece.strip())) if commas else [piece]
        for part in several:
            bare = _OPENING.sub("", part.strip()).strip(" .")
            if bare:
                yield bare


def _worst(text: str) -> DataKind | None:
    """The most confidential kind of data that the words name."""
    kinds = load_data_kinds().of_store(text)
    order = list(Classification)
    return max(kinds, key=lambda kind: order.index(kind.classification), default=None)


def _title(part: str) -> str:
    bare = part.partition(" (")[0].strip()
    short = bare if len(bare) <= _LONGEST_ASSET else bare[:_LONGEST_ASSET].rsplit(" ", 1)[0]
    return short[:1].upper() + short[1:]
