"""Chains of arrows as people type them in a hurry: "SPA -> API -> Postgres, files in S3, logs => Loki"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agent.diagrams.prose_blocks import Block, Kind, Section, plain, sentences
from agent.diagrams.prose_lists import ARROW, MAX_ARROW_LINE, is_name, split_commas
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_words import load_prose_words, protocol_of
from agent.domain.system import ElementKind

_WITHIN = re.compile(r"\s*\((?P<label>[^()]{0,60}?)\s*(?P<arrow>-+>|=+>|→|⇒)\s*(?P<end>[^()<>]{2,60})\)")
"""An arrow in brackets after a name: "Stripe (webhooks => API)"."""
_BEFORE = re.compile(r"^(?P<name>[^:<>→⇒↔]{1,24}?):\s+(?=\S)")
"""What a chain is about, before its first name: "Uploads: browser -> bucket"."""
_SAME = re.compile(r"^(?:the\s+|our\s+)?same\s+", re.IGNORECASE)
_PURPOSE = re.compile(r"^(?P<name>\S.*?)\s+(?P<label>for\s+\S.*)$")
_ASIDE = re.compile(
    r"^(?P<label>[\w'/ -]{2,40}?)\s+(?:via|through|using|with|in|into|on|by|to)\s+(?P<name>\S.{1,40})$"
)
"""What goes where, beside a chain: "files in S3", "auth via Auth0"."""
_TOLD = re.compile(r":\s|\s[—–-]\s")
"""What a label or a description begins with."""
_LONGEST = 4
"""Words of one more name after a comma: "API -> Postgres, Redis"."""
_UNREAD = frozenset({Section.SILENT, Section.ASSUMPTION})


def untangled(found: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with every line that joins several chains, or a chain and prose, cut into these."""
    for block in found:
        lined = block.kind in {Kind.TEXT, Kind.ITEM, Kind.ARROWS} and block.section not in _UNREAD
        short = len(block.text) <= MAX_ARROW_LINE and len(sentences(block.text)) == 1
        if lined and short and ARROW.search(block.text):
            yield from _untangled(block)
        else:
            yield block


def _untangled(block: Block) -> Iterator[Block]:
    text, inner = _taken_out(plain(block.text).rstrip("."))
    parts = _parts(text)
    if not inner and len(parts) == 1 and ARROW.sub("->", parts[0]) == ARROW.sub("->", text):
        yield block
        return
    kind = Kind.ITEM if block.kind is Kind.ITEM else Kind.TEXT
    if inner and len(parts) == 1:
        parts = split_commas(_BEFORE.sub("", text))
    for part in (*parts, *inner):
        if ARROW.search(part):
            yield replace(block, kind=Kind.ARROWS, text=part, line=block.text)
        elif inner and (named := _PURPOSE.match(part)) and kind_of(named["name"]) is not None:
            text = f"{named['name']}: {named['label']}"
            yield replace(block, kind=Kind.ITEM, section=Section.COMPONENT, text=text, line=block.text)
        elif not any(part == chain.partition(" ->")[0] for chain in inner):
            yield replace(block, kind=kind, text=part)


def _taken_out(text: str) -> tuple[str, list[str]]:
    """The text without arrows in brackets, and those as chains of their own."""
    chains = []
    for match in _WITHIN.finditer(text):
        name = re.split(r"[,:;(]|->|=>|→", text[: match.start()])[-1].strip()
        if is_name(name) and kind_of(name) is not None:
            note = f" [{match['label'].strip()}] ->" if match["label"].strip() else ""
            chains.append(f"{name} ->{note} {match['end'].strip()}")
    return (_WITHIN.sub("", text), chains) if chains else (text, [])


def _parts(text: str) -> list[str]:
    """The chains and the prose of a line, in its order."""
    found: list[str] = []
    for piece in _pieces(text):
        before = found[-1] if found else ""
        if ARROW.search(piece):
            found.append(_smoothed(piece))
        elif ARROW.search(before) and _is_one_more(piece):
            source = ARROW.split(before)[-3].strip()
            found.append(f"{source} -> {piece}")
        elif chain := _aside(piece, found):
            found.append(chain)
        else:
            found.append(piece)
    return found


def _aside(piece: str, found: Sequence[str]) -> str:
    """The flow that a few words beside a chain tell of its last program: "files in S3"; or empty."""
    match = _ASIDE.match(piece)
    chains = [c for c in found if ARROW.search(c)]
    if match is None or not chains or match["label"].split()[-1].lower() in load_prose_words().verbs:
        return ""
    kind = kind_of(match["name"])
    if kind is None or not is_name(match["name"]):
        return ""
    ends = [e.split(":")[0].strip() for c in chains for e in ARROW.split(c)[0::2]]
    ours = [e for e in ends if kind_of(e) is ElementKind.PROCESS]
    return f"{ours[-1]} -> {match['name']}: {match['label']}" if ours else ""


def _pieces(text: str) -> list[str]:
    """What stands between commas; a chain with a label or a description has its commas to itself."""
    commas = split_commas(text)
    chains = [p for p in commas if ARROW.search(p)]
    if len(commas) == 1 or not chains or not ARROW.search(commas[0]):
        return [text]
    told = any(_TOLD.search(_BEFORE.sub("", p)) for p in chains)
    ends = [e.strip() for p in chains for e in ARROW.split(_BEFORE.sub("", p))[0::2]]
    return [text] if told or not all(is_name(e) for e in ends if e) else commas


def _is_one_more(piece: str) -> bool:
    """Whether a piece without an arrow is one more end of the chain before: "API -> Postgres, Redis"."""
    spoken = load_prose_words().function_words & {w.lower() for w in piece.split()}
    told = kind_of(piece) is not None and kind_of(piece.rsplit(maxsplit=1)[-1]) is not None
    return told and not spoken and len(piece.split()) <= _LONGEST and is_name(piece)


def _smoothed(chain: str) -> str:
    """The chain with what is said of it, and what is done on its way, as labels."""
    about = _BEFORE.match(chain)
    rest = chain[about.end() :] if about else chain
    pieces = ARROW.split(rest)
    ends, arrows = [_SAME.sub("", e) for e in pieces[0::2]], pieces[1::2]
    if _TOLD.search(rest) or not all(is_name(e) for e in ends):
        return chain
    last = _PURPOSE.match(ends[-1])
    if last and kind_of(last["name"]) is not None:
        ends[-1] = f"{last['name']}: {last['label']}"
    for at in range(1, len(ends) - 1):
        if _is_done(ends[at]) and kind_of(ends[at - 1]) and kind_of(ends[at + 1].partition(":")[0]):
            ends[at] = f"[{ends[at]}]"
    named = about is not None and kind_of(about["name"]) is None and kind_of(ends[0]) is not None
    if about and not named:
        return chain
    text = ends[0]
    for arrow, end in zip(arrows, ends[1:], strict=True):
        text += f" {arrow} {end}"
    return text


def _is_done(end: str) -> bool:
    """Whether an end names nothing but what is done: "presigned PUT", "uploads"."""
    words = load_prose_words()
    if end.lower() in words.never or protocol_of(end) is not None:
        return kind_of(end) is None
    spoken = [w for w in end.split() if w in words.grammar.methods or w.lower() in words.verbs]
    return bool(spoken) and kind_of(end) is None
