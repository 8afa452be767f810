"""Chains of arrows inside of sentences: "the rule sends events to a worker -> bucket. It keeps the rest"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from agent.diagrams.prose_anchors import make_lexicon
from agent.diagrams.prose_blocks import Block, Kind, Section, plain, sentences
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_lists import ARROW, MAX_ARROW_LINE
from agent.diagrams.prose_mentions import kind_of, read_sentence
from agent.diagrams.prose_words import load_prose_words, protocol_of

_OWN = re.compile(r"^(?:the|our|a|an|their|its|my)\s+", re.IGNORECASE)
_FROM = re.compile(
    r"^(?:the\s+|a\s+)?(?:webhook|callback|request|call|event|message|traffic|upload|file)s?\s+from\s+(?P<name>\S.*)$",
    re.IGNORECASE,
)
"""What comes from whom, before an arrow: "webhook from the bank -> ledger"."""
_WAY = re.compile(r"\s+(?:over|via)\s+(?P<way>[\w/.-]+)(?=\s*$)")
_NOTE = re.compile(r"\s*\([^()]*\)")
_BRACKET = re.compile(r"\s*\((?P<chain>[^()]*(?:->|→|=>)[^()]*)\)")
_CLAUSE = 4
"""Words of an end of an arrow from which on it may be a clause."""
_UNREAD = frozenset({Section.SILENT, Section.ASSUMPTION})
_TOLD = ": "


def parted(found: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with chains of arrows parted from the sentences and the clauses that they stand in."""
    for block in found:
        lined = block.kind in {Kind.TEXT, Kind.ITEM, Kind.ARROWS} and block.section not in _UNREAD
        if not lined or len(block.text) > MAX_ARROW_LINE or not ARROW.search(block.text):
            yield block
            continue
        for piece in (p for b in _unbracketed(block) for p in _pieces(b)):
            yield from _cleared(piece) if ARROW.search(piece.text) else [piece]


def _unbracketed(block: Block) -> list[Block]:
    """A sentence with a chain in brackets as both: "phones call (edge -> app)" is "phones call edge"."""
    text = plain(block.text)
    match = _BRACKET.search(text)
    if match is None or ARROW.search(text[: match.start()] + text[match.end() :]):
        return [block]
    before = text[: match.start()].rstrip()
    last = before.rsplit(maxsplit=1)[-1].lower() if before else ""
    words = load_prose_words()
    first = (
        ARROW.split(match["chain"])[0].strip() if last in words.verbs or last in words.function_words else ""
    )
    told = f"{before} {first}{text[match.end() :]}".strip()
    if kind_of(before) is not None and not first:
        return [block]
    line = block.line or block.text
    return [
        replace(block, text=told, line=line),
        replace(block, text=match["chain"], line=line, kind=Kind.ARROWS),
    ]


def _pieces(block: Block) -> list[Block]:
    """The sentences of a block, unless what follows an arrow is told in several."""
    said = sentences(block.text)
    first = next((s for s in said if ARROW.search(s)), "")
    if len(said) == 1 or block.kind is not Kind.TEXT or _TOLD in first:
        return [block]
    return [replace(block, text=s.rstrip("."), follows=block.follows or at > 0) for at, s in enumerate(said)]


def _cleared(block: Block) -> Iterator[Block]:
    """The chain with names at its ends, and every clause that stood there as text before it."""
    text = plain(block.text)
    pieces = ARROW.split(text)
    ends, arrows = pieces[0::2], [m.group() for m in ARROW.finditer(text)]
    told: list[str] = []
    for at, end in enumerate(ends):
        name = _name(end, last=at == len(ends) - 1)
        if name != end and len(end.split()) >= _CLAUSE and at == 0 and not _FROM.match(end):
            told.append(end)
        ends[at] = name
    if all(a == b for a, b in zip(ends, pieces[0::2], strict=True)):
        yield block
        return
    for clause in told:
        yield replace(block, text=clause, kind=Kind.TEXT)
    chain = ends[0] + "".join(f"{arrow}{end}" for arrow, end in zip(arrows, ends[1:], strict=True))
    yield replace(block, text=chain, line=block.line or block.text, follows=block.follows or bool(told))


def _name(end: str, *, last: bool) -> str:  # noqa: PLR0911 - one return a case
    """The name that the end of an arrow means: the last part of a clause, or what is behind its verb."""
    end = _over(end)
    coming = _FROM.match(end.strip())
    if coming:
        return _OWN.sub("", coming["name"])
    bare = _OWN.sub("", end)
    if len(end.split()) < _CLAUSE or _TOLD in end:
        return bare
    end = _NOTE.sub("", end)
    sentence = read_sentence(end, make_lexicon({}, ()))
    verbs = [at for at, t in sentence.verbs.items() if t.form.tense is not Tense.GERUND]
    mentions = [m for m in sentence.mentions if not m.owner]
    behind = [m for m in mentions if verbs and m.start > verbs[0]]
    if not behind or (sentence.verbs[verbs[0]].form.tense is Tense.THIRD and verbs[0] == 0):
        return bare
    if verbs[0] == 0:
        return behind[0].name
    first = next((m for m in mentions if m.end <= verbs[0]), None)
    moves = any((verb := sentence.verbs[at].form.verb) is not None and verb.to for at in verbs)
    if last or (not moves and first is None):
        return bare
    if first is not None and first.person:
        return behind[-1].name
    goes = moves and not _stays(sentence.verbs[verbs[0]].form.base)
    return behind[-1].name if goes or first is None else first.name


def _over(end: str) -> str:
    """The end without the way that leads to it: "scooter over LTE"."""
    match = _WAY.search(end)
    if match is None or not match.start():
        return end
    way = match["way"].strip()
    passes = protocol_of(way) is not None or way.lower() in load_prose_words().never
    return end[: match.start()] + end[match.end() :] if passes else end


def _stays(base: str) -> bool:
    """Whether a verb says where somebody is, so that the next step starts from him."""
    return base in load_prose_words().place_bases
