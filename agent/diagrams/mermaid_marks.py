"""The marks of Mermaid flowcharts: brackets that give shapes, arrows with their texts, labels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.diagrams.labels import mermaid_entities
from agent.diagrams.sketch import Shape

_BRACKETS: tuple[tuple[str, tuple[str, ...], Shape], ...] = (
    ("(((", (")))",), Shape.ROUND),
    ("((", ("))",), Shape.ROUND),
    ("([", ("])",), Shape.TERMINAL),
    ("(-", ("-)",), Shape.ROUND),
    ("[[", ("]]",), Shape.PLAIN),
    ("[(", (")]",), Shape.STORE),
    ("[/", ("/]", "\\]"), Shape.PLAIN),
    ("[\\", ("\\]", "/]"), Shape.PLAIN),
    ("[|", ("|]",), Shape.PLAIN),
    ("{{", ("}}",), Shape.PLAIN),
    ("(", (")",), Shape.ROUND),
    ("[", ("]",), Shape.PLAIN),
    ("{", ("}",), Shape.PLAIN),
    (">", ("]",), Shape.PLAIN),
)
_STORES = (
    "cyl cylinder db database das h-cyl horizontal-cylinder lin-cyl lined-cylinder disk bow-rect stored-data "
    "bow-tie-rectangle win-pane window-pane internal-storage datastore data-store"
)
_ROUNDS = "rounded event circle circ dbl-circ double-circle ellipse"
_NAMED = {
    **dict.fromkeys(_STORES.split(), Shape.STORE),
    **dict.fromkeys(_ROUNDS.split(), Shape.ROUND),
}

_LINK = re.compile(
    r"(?:(?P<edge>[\w-]+)@)?(?P<tail>[xo<])?"
    r"(?:--+(?P<solid>[-xo>])|==+(?P<thick>[=xo>])|-\.+-(?P<dotted>[xo>])?|(?P<hidden>~~~+))"
)
_TEXT_LINK = re.compile(r"(?:(?P<edge>[\w-]+)@)?(?P<tail>[xo<])?(?P<start>--|==|-\.)(?![-=.])")
_TEXT_ENDS = {
    "--": re.compile(r"--+(?P<head>[-xo>])"),
    "==": re.compile(r"==+(?P<head>[=xo>])"),
    "-.": re.compile(r"\.+-(?P<head>[xo>])?"),
}
_SPACE = re.compile(r"[^\S\n]*")
_ANY_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r"\s*\"(?P<text>[^\"]{0,4000})\"\s*")
_PIPED = re.compile(r"\|(?P<text>\s*\"[^\"]{0,4000}\"\s*|[^|\n]{0,4000})\|")
_EITHER = {"]": re.compile(r"[\[\]]"), ")": re.compile(r"[()]"), "}": re.compile(r"[{}]")}
_ICON = re.compile(r"\b(?P<icon>(?:fa[bsrlkt]?|mdi|logos|aws|azure|gcp):[\w-]+)")
_MARKDOWN = re.compile(r"\A`(?P<text>.*)`\Z", re.DOTALL)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_HEADS = frozenset({"x", "o", ">"})
_LONGEST_TEXT = 2_000
"""Characters in which a bracket, a quote or an arrow's text must end."""


@dataclass(frozen=True)
class Label:
    """A text without Mermaid's own markup."""

    text: str
    icons: tuple[str, ...] = ()
    """Icons named in it: "fa:fa-user"."""


@dataclass(frozen=True)
class Bracket:
    """A shape with its text."""

    label: Label
    shape: Shape
    end: int


@dataclass(frozen=True)
class Arrow:
    """A link between nodes."""

    label: str
    tail: bool
    """Whether it points at where it starts."""
    head: bool
    end: int
    id: str = ""
    hidden: bool = False


def shape_named(name: str) -> Shape:
    """What a shape given by name (`@{ shape: cyl }`) says about the kind."""
    return _NAMED.get(name, Shape.PLAIN)


def read_label(text: str) -> Label:
    """The text of a label, without quotes, Markdown marks and icons; entities as HTML writes them."""
    text = unquoted(text.strip())
    markdown = _MARKDOWN.match(text)
    if markdown:
        text = _EMPHASIS.sub("", markdown["text"])
    icons = tuple(m["icon"] for m in _ICON.finditer(text))
    return Label(mermaid_entities(_ICON.sub("", text) if icons else text).strip(), icons)


def unquoted(text: str) -> str:
    """The text without the quotes around it."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text


def read_bracket(text: str, at: int) -> Bracket | None:
    """The shape that opens at `at` after any spaces; None when none does, ValueError when it never ends."""
    spaces = _SPACE.match(text, at)
    opened = spaces.end() if spaces else at
    if text[opened : opened + 1] not in {"[", "(", "{"} and (opened > at or text[at : at + 1] != ">"):
        return None
    for opener, closers, shape in _BRACKETS:
        if text.startswith(opener, opened):
            found = _bracketed(text, opened + len(opener), opener, closers)
            if found is not None:
                return Bracket(read_label(found[1]), shape, found[0])
    if text[opened] == ">":
        return None
    raise ValueError("a bracket that does not end")


def _bracketed(text: str, start: int, opener: str, closers: tuple[str, ...]) -> tuple[int, str] | None:
    """Where the bracket ends and the text in it; None when it does not end as this shape does."""
    quoted = _QUOTED.match(text, start)
    if quoted:
        closer = next((c for c in closers if text.startswith(c, quoted.end())), None)
        if closer:
            return quoted.end() + len(closer), quoted["text"]
    limit = min(len(text), start + _LONGEST_TEXT)
    if len(opener) == 1:
        end = _balanced(text, start, limit, opener, closers[0])
    else:
        end = _nearest(text, start, limit, closers)
    if end is None:
        return None
    held = text[start : end[0]]
    if "\n" in held and ("[" in held or "--" in held or "subgraph" in held):
        return None
    return end[0] + len(end[1]), held


def _nearest(text: str, start: int, limit: int, closers: tuple[str, ...]) -> tuple[int, str] | None:
    found = [(at, c) for c in closers if (at := text.find(c, start, limit)) >= 0]
    nearest = min(found, default=None)
    if nearest is None or any(c in text[start : nearest[0]] for c in "[]"):
        return None
    return nearest


def _balanced(text: str, start: int, limit: int, opener: str, closer: str) -> tuple[int, str] | None:
    depth = 1
    for match in _EITHER[closer].finditer(text, start, limit):
        if match[0] == closer:
            depth -= 1
        elif match[0] == opener:
            depth += 1
        if depth == 0:
            return match.start(), closer
    return None


def read_arrow(text: str, at: int) -> Arrow | None:
    """The arrow that starts at `at`, spaces and line breaks before it aside; None when none does."""
    start = _past_space(text, at)
    broken = "\n" in text[at:start]
    for pattern, read in ((_LINK, _plain_arrow), (_TEXT_LINK, _text_arrow)):
        match = pattern.match(text, start)
        if match and not (broken and match["tail"] in {"x", "o"}):
            arrow = read(text, match)
            if arrow is not None:
                return arrow
    return None


def _plain_arrow(text: str, match: re.Match[str]) -> Arrow:
    end = _past_space(text, match.end())
    label = ""
    if piped := _PIPED.match(text, end):
        label, end = read_label(piped["text"]).text, _past_space(text, piped.end())
    head = match["solid"] or match["thick"] or match["dotted"] or ""
    return Arrow(label, bool(match["tail"]), head in _HEADS, end, match["edge"] or "", bool(match["hidden"]))


def _text_arrow(text: str, match: re.Match[str]) -> Arrow | None:
    quoted = _QUOTED.match(text, match.end())
    start = quoted.end() if quoted else match.end()
    end = _TEXT_ENDS[match["start"]].search(text, start, min(len(text), start + _LONGEST_TEXT))
    if end is None or "\n" in text[start : end.start()]:
        return None
    label = read_label(quoted["text"] if quoted else text[match.end() : end.start()])
    return Arrow(
        label.text,
        bool(match["tail"]),
        (end["head"] or "") in _HEADS,
        _past_space(text, end.end()),
        match["edge"] or "",
    )


def _past_space(text: str, at: int) -> int:
    match = _ANY_SPACE.match(text, at)
    return match.end() if match else at
