"""Reads a description: elements, flows, boundaries, facts and assumptions that prose or a list names.

Rules only: Markdown structure, a table of words (`prose.yaml`), the technology table and the phrases of the
catalog. What prose names is marked as assumed, with the sentence as evidence. Better too little than made
up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.diagrams.prose_blocks import Block, Kind, blocks, plain
from agent.diagrams.prose_cards import carded
from agent.diagrams.prose_chains import untangled
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_listings import unfolded
from agent.diagrams.prose_quotes import verbatim
from agent.diagrams.prose_sentences import SentenceReader
from agent.diagrams.prose_steps import parted
from agent.diagrams.prose_structure import StructureReader
from agent.diagrams.prose_terms import read_terms
from agent.domain.system import SystemFragment

MAX_CHARACTERS = 200_000
"""What is read of one text; the rest is named in a warning."""


def read_prose(text: str, source: str = "description", known: Sequence[str] = ()) -> SystemFragment:
    """What a text says of a system.

    Args:
        text: plain text or Markdown.
        source: what evidence names as its source.
        known: names of elements that diagrams draw, so that the text's mentions of them are heard as such.

    Returns:
        A fragment whose elements and flows are all `assumed`, whose evidence quotes the sentence, and whose
        `text` is the text itself. An empty text gives an empty fragment. Never raises for any text.
    """
    draft = Draft(source, known)
    read = text[:MAX_CHARACTERS]
    if len(text) > MAX_CHARACTERS:
        draft.warnings.append(f"{source}: I read the first {MAX_CHARACTERS:,} characters of {len(text):,}.")
    written = tuple(blocks(read))
    found = list(unfolded(untangled(parted(carded(written)))))
    rest = StructureReader(draft).read(found)
    title = next((plain(b.text) for b in found[:1] if b.kind is Kind.HEADING), "")
    terms = read_terms((plain(b.text) for b in found), title)
    flowing = not any(b.kind is Kind.HEADING for b in found)
    reader = SentenceReader(draft, known, short=_is_short(found), flowing=flowing, terms=terms, title=title)
    reader.read(rest)
    return verbatim(draft.fragment(text), written)


def _is_short(found: Iterable[Block]) -> bool:
    """Whether the text is a description of a few paragraphs, whose every named part counts."""
    return sum(len(b.text) for b in found) <= 4000  # noqa: PLR2004 - some six hundred words
