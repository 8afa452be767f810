"""Lists of components, flows and boundaries: what they name is taken over nearly as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.catalog.phrases import singular, tokens
from agent.diagrams.prose_blocks import Block, Kind, Section, plain
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind

MAX_NAME_WORDS = 9
_FEW = 3
"""Parts of a bracket of which any may be a kind; in a longer one, only the first."""
MAX_ARROW_LINE = 1000
"""Characters of a line that is read as a chain of arrows."""
ARROW = re.compile(r"\s*(<-+>|<=+>|↔|⇔|-+>|=+>|→|⇒|➜|➔|⟶|<-+|←)\s*")
_SHARED = re.compile(r"\s+[/+&]\s+")
_LEAD = re.compile(r"^(?:\*\*(?P<bold>.+?)\*\*|__(?P<under>.+?)__|`(?P<code>[^`]+)`)\s*(?P<rest>.*)$")
_PLAIN_LEAD = re.compile(r"^(?P<name>[^:()\[\]—–]{1,80}?)\s*(?=\(|:\s|:$|\s[-–—]\s|$)(?P<rest>.*)$")
_MARK = re.compile(r"^(?:[A-Z]{1,3}\d{1,3}|\d{1,3}[.)]?|[a-z]\))\s*[-–:.)]\s+")
_PAIR = re.compile(r"^['\"]?(?P<key>[\w .-]{1,40}?)['\"]?\s*[=:]\s*['\"]?(?P<value>.*?)['\"]?$", re.DOTALL)
_DASH = re.compile(r"\s+[—–]\s+")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Attributes:
    """What stands in brackets after a name: `(store, isEncrypted=True, stereotypes=a, b)`."""

    kind: ElementKind | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    stereotypes: tuple[str, ...] = ()
    note: str = ""
    """Words that are no attribute."""


@dataclass(frozen=True)
class Named:
    """A list item that names something and says what it is."""

    name: str
    attributes: Attributes
    description: str
    marked: bool
    """Whether the name stands out, in bold or as code."""


@dataclass(frozen=True)
class Hop:
    """One arrow of a chain."""

    source: str
    target: str
    label: str
    attributes: Attributes
    description: str


def strip_mark(text: str) -> str:
    """The text without a number or letter that only counts it: "A1 - ", "3) "."""
    return _MARK.sub("", text)


def read_named(text: str) -> Named | None:
    """The name, attributes and description of an item such as "**Till** (process, zone=shop): takes cash"."""
    text = _MARK.sub("", text)
    match = _LEAD.match(text)
    marked = match is not None
    if match:
        name = plain(match["bold"] or match["under"] or match["code"])
        rest = match["rest"]
    else:
        found = _PLAIN_LEAD.match(plain(text))
        if not found:
            return None
        name, rest = found["name"].strip(), found["rest"]
    if name.endswith((":", ".")):
        name, rest = name.rstrip(":. "), f": {rest}"
    attributes, rest = _leading_attributes(rest)
    description = plain(re.sub(r"^\s*(?::|[-–—])\s*", "", rest))
    if not name or len(name.split()) > MAX_NAME_WORDS or (rest.strip() and rest.strip()[0] not in ":-–—"):
        return None
    return Named(name, attributes, description, marked)


def read_hops(text: str) -> tuple[Hop, ...]:
    """The arrows of a line such as "Till -> Ledger: sales (encrypted=True)"; empty when none."""
    if len(text) > MAX_ARROW_LINE:
        return ()
    parts = ARROW.split(_MARK.sub("", plain(text)))
    if len(parts) < 3:  # noqa: PLR2004 - a name, an arrow, a name
        return ()
    ends, arrows = parts[0::2], parts[1::2]
    last, label, attributes, description = _last_end(ends[-1])
    names = [_end(e) for e in (*ends[:-1], last)]
    hops: list[Hop] = []
    before: tuple[str, str] | None = None
    note = ""
    for place, (name, said) in enumerate(names):
        if not name:
            note = said
            continue
        if len(name.split()) > MAX_NAME_WORDS:
            return ()
        if before:
            final = place == len(names) - 1
            hops += _hops(
                before[0], name, arrows[place - 1], label if final else note, attributes if final else None
            )
            if final and description:
                hops = [*hops[:-1], Hop(**{**vars(hops[-1]), "description": description})] if hops else hops
        before, note = (name, said), ""
    return tuple(hops)


def _hops(source: str, target: str, arrow: str, label: str, attributes: Attributes | None) -> Iterator[Hop]:
    own = attributes or Attributes()
    backwards = arrow.startswith(("<", "←")) and not arrow.endswith(">")
    pairs = [(target, source)] if backwards else [(source, target)]
    if arrow in {"↔", "⇔"} or (arrow.startswith("<") and arrow.endswith(">")):
        pairs.append((target, source))
    for one, other in pairs:
        for left in split_ends(one):
            for right in split_ends(other):
                yield Hop(left, right, label, own, "")


def split_ends(name: str) -> list[str]:
    """Several names that share one end of an arrow: "S3 / Ledger"."""
    parts = [p.strip() for p in _SHARED.split(name)]
    return [p for p in parts if p] if "(" not in name or all(_closed(p) for p in parts) else [name]


def _closed(text: str) -> bool:
    return text.count("(") == text.count(")")


def _end(text: str) -> tuple[str, str]:
    """A name between arrows and the note in brackets after it; an empty name for a note that stands alone."""
    text = text.strip().strip("-*`\"' ")
    if text.startswith("[") and text.endswith("]"):
        return "", text.strip("[] ")
    return text, ""


def _last_end(text: str) -> tuple[str, str, Attributes, str]:
    """The last name of a chain, and the label, the attributes and the description after it."""
    pieces = _DASH.split(text.strip(), maxsplit=1)
    head, description = pieces[0], pieces[1] if len(pieces) > 1 else ""
    at = _outside(head, ": ")
    name, label = (head[:at], head[at + 1 :].strip()) if at >= 0 else (head, "")
    attributes = Attributes()
    holder = label or name
    start = _last_bracket(holder)
    if start >= 0 and _looks_like_attributes(holder[start + 1 : -1]):
        attributes = read_attributes(holder[start + 1 : -1])
        holder = holder[:start].strip()
        name, label = (name, holder) if label else (holder, "")
    return name.strip().rstrip(":"), label.rstrip("."), attributes, description


def _last_bracket(text: str) -> int:
    """Where the bracket that ends the text begins; -1 when none does."""
    if not text.endswith(")"):
        return -1
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if not depth:
            return at
    return -1


def _looks_like_attributes(text: str) -> bool:
    return "=" in text or text.strip().lower() in load_prose_words().kinds


def _outside(text: str, mark: str) -> int:
    """Where the mark first stands outside of brackets; -1 when it does not."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char in _CLOSING) - (char in _CLOSING.values())
        if depth <= 0 and text.startswith(mark, at):
            return at
    return -1


def _leading_attributes(rest: str) -> tuple[Attributes, str]:
    rest = rest.lstrip()
    if not rest.startswith("("):
        return Attributes(), rest
    depth = 0
    for at, char in enumerate(rest):
        depth += (char in _CLOSING) - (char in _CLOSING.values())
        if not depth:
            return read_attributes(rest[1:at]), rest[at + 1 :]
    return Attributes(), rest


def read_attributes(text: str) -> Attributes:
    """The attributes in a bracket: kinds, `key=value` pairs, stereotypes; other words stay a note."""
    kinds = load_prose_words().kinds
    kind: ElementKind | None = None
    values: dict[str, str] = {}
    stereotypes: list[str] = []
    notes: list[str] = []
    parts = split_commas(text)
    for place, part in enumerate(parts):
        match = _PAIR.match(part) if "=" in part else None
        if match and match["key"].strip().lower() == "stereotypes":
            stereotypes.append(match["value"].strip())
        elif match:
            values[match["key"].strip()] = match["value"].strip()
        elif kind is None and part.lower() in kinds and (not place or values or len(parts) <= _FEW):
            kind = kinds[part.lower()]
        elif stereotypes:
            stereotypes.append(part.strip("'\" "))
        else:
            notes.append(part)
    return Attributes(kind, values, tuple(stereotypes), ", ".join(notes))


def split_commas(text: str) -> list[str]:
    """The parts between commas that stand outside of brackets and quotation marks."""
    parts, depth, quoted, start = [], 0, "", 0
    for at, char in enumerate(text):
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in "\"'" and (at == 0 or not text[at - 1].isalnum()):
            quoted = char
        elif char == "," and depth <= 0:
            parts.append(text[start:at].strip())
            start = at + 1
        depth += (char in _CLOSING) - (char in _CLOSING.values())
    parts.append(text[start:].strip())
    return [p for p in parts if p]


_FURTHER = re.compile(r"\w{3}[.!?]\s+[A-Z]")
"""Where one sentence ends and another begins."""


_AROUND = re.compile(
    r"^(?P<name>[^()]{2,60}?)\s*\((?:around|holds|holding|contains|containing)\s+(?P<rest>[^()]+)\)\.?$"
)


def read_around(text: str) -> tuple[str, tuple[str, ...]] | None:
    """A boundary's name and members from "Vault boundary (around Safe, Lock)"; None for another line."""
    match = _AROUND.match(plain(text))
    if match is None:
        return None
    parts = [m for comma in split_commas(match["rest"]) for m in re.split(r"\s+and\s+", comma)]
    return match["name"], tuple(re.sub(r"^(?:and|the)\s+", "", p.strip()) for p in parts)


def read_members(text: str) -> tuple[str, tuple[str, ...]] | None:
    """A boundary's name and members from "Shop floor: till, printer"; None for another line.

    What goes on with a further sentence tells of the boundary, and lists nobody in it.
    """
    line = _DASH.split(plain(text), maxsplit=1)[0]
    at = _outside(line, ": ")
    if at < 0 or _FURTHER.search(line, at):
        return None
    members = [m.strip().rstrip(".") for m in split_commas(line[at + 1 :])]
    members = [
        part for m in members for part in ([m] if " and " not in m or "(" in m else re.split(r"\s+and\s+", m))
    ]
    return line[:at].strip(), tuple(m.removeprefix("and ").strip() for m in members if m)


_COLUMNS = {
    "name": (
        "name",
        "component",
        "element",
        "service",
        "system",
        "asset",
        "part",
        "actor",
        "process",
        "store",
    ),
    "kind": ("type", "kind", "class", "category"),
    "description": (
        "description",
        "purpose",
        "role",
        "responsibility",
        "notes",
        "comment",
        "details",
        "what it does",
    ),
    "targets": ("talk to", "call", "use", "depend", "depend on", "connect to", "downstream", "reach"),
    "source": ("source", "from", "sender", "origin", "producer"),
    "target": ("target", "to", "destination", "receiver", "sink", "consumer"),
    "label": ("label", "data", "content", "flow", "message", "payload", "what"),
    "protocol": ("protocol", "transport", "via", "channel"),
    "zone": ("zone", "boundary", "trust zone", "network", "trust boundary", "location"),
    "technology": ("technology", "tech", "stack", "product", "implementation"),
    "encrypted": ("encrypted", "encryption", "tls"),
    "authenticated": ("authenticated", "authentication", "auth"),
}


def read_row(cells: Mapping[str, str]) -> dict[str, str]:
    """A table row by what its columns are about: "name", "source" …; others are left out."""
    row: dict[str, str] = {}
    for column, cell in cells.items():
        words = {singular(t.word) for t in tokens(column) if t.is_word}
        for field_, names in _COLUMNS.items():
            if field_ not in row and cell and any(set(n.split()) <= words for n in names):
                row[field_] = cell
                break
    return row


def is_name(text: str, *, told: bool = False) -> bool:
    """Whether a short text can be an element's name; with `told`, a list says that it is one."""
    bare = text.strip().lower()
    words = [t for t in tokens(bare) if t.is_word]
    if not words or len(words) > MAX_NAME_WORDS or len(text) > 80:  # noqa: PLR2004 - what fits a shape
        return False
    fits = told or " ".join(t.stem for t in words) not in load_prose_words().not_elements
    return fits and bare[-1:] not in ("?!" if told else ".?!")


def lists_components(found: Sequence[Block]) -> bool:
    """Whether a section of the text lists the components, so that sentences need not name new ones."""
    items = [b for b in found if b.kind is Kind.ITEM and b.section is Section.COMPONENT]
    return len(items) >= 3  # noqa: PLR2004 - two items are an aside
