"""Labels as words: how a name in a diagram is cut before it is looked up in the technology table."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<word>[^\W_]+)"
    r"|(?P<soft>\n)"
    r"|(?P<hard>[()\[\]{}<>,;:|/\\&+\"*=!?…–—→•]|(?<=\s)-+(?=\s)|\.(?=\s))"
)
_JOINED = (
    (re.compile(r"\bci\s?/\s?cd\b", re.IGNORECASE), "cicd"),
    (re.compile(r"\bpub\s?/\s?sub\b", re.IGNORECASE), "pubsub"),
    (re.compile(r"\bs/4\s?hana\b", re.IGNORECASE), "s4hana"),
    (re.compile(r"\bz/os\b", re.IGNORECASE), "zos"),
    (re.compile(r"\bas/400\b", re.IGNORECASE), "as400"),
    (re.compile(r"(?<![\w.])\.net\b", re.IGNORECASE), "dotnet"),
    (re.compile(r"\bgs://", re.IGNORECASE), "gcs:"),
    (re.compile(r"\bweights\s?&\s?biases\b", re.IGNORECASE), "wandb"),
    (re.compile(r"['’]s\b"), ""),
)
"""Names with marks in them, which otherwise part phrases or are lost; and the possessive."""
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+|[^\W\da-zA-Z_]+")
_PLAIN = re.compile(r"[^\W_]+")
_OPENING = re.compile(r"(?:^|[,=])[\W_]*([^\W_]+)")
_ICON_NOISE = re.compile(
    r"^(?:fa|fas|far|fab|mdi|arch|res|icon|bi|ic|logo)[-_]|\.(?:svg|png|jpg)$", re.IGNORECASE
)
_PREFIXES = {
    "aws": "aws", "aws2": "aws", "aws3": "aws", "aws3d": "aws", "aws4": "aws", "azure": "azure",
    "azure2": "azure", "mscae": "azure", "gcp": "gcp", "gcp2": "gcp", "kubernetes": "kubernetes",
    "kubernetes2": "kubernetes",
}  # fmt: skip
"""The shape libraries that name a provider."""
_LINKS = frozenset(
    {"for", "of", "from", "with", "via", "in", "on", "at", "to", "by", "using", "and", "or", "per", "over"}
    | {"through", "into", "behind", "as", "inside", "within"}
)
_TRAILERS = frozenset(
    {"cluster", "instance", "node", "nodes", "replicas", "primary", "secondary", "master", "slave", "group"}
    | {
        "prod",
        "production",
        "staging",
        "dev",
        "test",
        "dr",
        "eu",
        "us",
        "east",
        "west",
        "new",
        "old",
        "legacy",
    }
    | {"pool", "fleet", "farm", "layer", "tier", "generic", "icon"}
)
"""Words after which the noun before them still names the thing: "database cluster" is a database."""
_GLUED = ("database", "service", "server", "gateway", "bucket", "worker", "queue", "cache", "topic", "proxy",
          "api", "db")  # fmt: skip
"""Ends of words that people write together with what they belong to: "mysqldb", "orderservice"."""
_TAILS = frozenset({"api", "apis", "sdk", "cloud", "account", "platform", "saas", "server"})
"""Words that often follow a product's name and say no more than it does."""
_OPENERS = _LINKS - {"and", "or", "of", "per", "over", "as", "in", "for"}
"""Links after which a product's name stands alone: "card payments via Paddle"."""
_Raw = tuple[str, int, bool, bool, bool]
"""A word, its phrase, whether it is linked, whether it has a capital, whether a line ends after it."""
_SHORTEST_STEM = 3
_KEEP_S = ("ss", "us", "is")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a label."""

    text: str
    """Lower case."""
    phrase: int
    """Which phrase it stands in, counted from 0; punctuation parts phrases."""
    linked: bool
    """Whether it stands after "of", "for", "with" and the like: "cache" in "proxy for the cache"."""
    ends: bool
    """Whether it ends its phrase, bare numbers and words such as "cluster" aside."""
    capital: bool = False
    """Whether it is written with a capital letter."""


def singular(word: str) -> str:
    """The word without a plural s; the word itself when it has none."""
    if len(word) <= _SHORTEST_STEM or not word.endswith("s") or word.endswith(_KEEP_S):
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def phrase_of(alias: str) -> tuple[str, ...]:
    """An alias of the table as the lower-case words that it is looked for by."""
    if alias.isalnum():
        return (alias.lower(),)
    if "/" in alias or "'" in alias or "&" in alias or alias[:1] == ".":
        alias = _join(alias)
    return tuple(_PLAIN.findall(alias.lower()))


def opening_words(each: str) -> tuple[set[str], set[str]]:
    """Of names with commas and "=" between them: the words that one begins with, and all words."""
    joined = _join(each).lower() if any(mark in each for mark in "/'&") else each.lower()
    return set(_OPENING.findall(joined)), set(_PLAIN.findall(joined))


def words_of(label: str, known: Container[str]) -> tuple[Word, ...]:
    """The label's words. A word that is not `known` is parted at its capitals, its digits or a glued end."""
    label = _join(label)
    raw: list[_Raw] = []
    phrase, linked = 0, False
    for match in _TOKEN.finditer(label):
        word = match["word"]
        if word is None:
            if raw and match["soft"]:
                raw[-1] = (*raw[-1][:4], True)
            elif raw:
                phrase, linked = raw[-1][1] + 1, False
            continue
        parts = _parts(word, known)
        raw.extend((part, phrase, linked, word != word.lower(), False) for part in parts)
        linked = linked or parts[-1] in _LINKS
    return _with_ends(raw)


def fills_its_phrase(words: Sequence[Word], at: int, size: int) -> bool:
    """Whether these words are all that their phrase names, "prod", "API", numbers and links aside.

    "Neon" does in "Orders DB (Neon)", "prod-neon-01" and "Orders on Neon", and not in "Neon sign shop".
    """
    start = at
    while start and words[start - 1].phrase == words[at].phrase and _is_trailer(words[start - 1].text):
        start -= 1
    before = words[start - 1] if start else None
    if before is not None and before.phrase == words[at].phrase:
        opened = before.text in _OPENERS or before.ends
    else:
        opened = True
    end = at + size - 1
    while not words[end].ends and words[end + 1].text in _TAILS:
        end += 1
    return opened and words[end].ends


def icon_label(icon: str) -> tuple[str, str]:
    """An icon's name as a label, with the provider's name in front and without.

    "mxgraph.aws4.api_gateway" gives ("aws api gateway", "api gateway").
    """
    path = [part for part in re.split(r"[/.:\s]+", re.sub(_ICON_NOISE, "", icon.strip())) if part]
    if not path:
        return ("", "")
    last = _ICON_NOISE.sub("", path[-1])
    plain = " ".join(re.split(r"[-_]+", last))
    provider = next((_PREFIXES[p.lower()] for p in path[:-1] if p.lower() in _PREFIXES), "")
    return (f"{provider} {plain}".strip(), plain)


def _join(text: str) -> str:
    for pattern, joined in _JOINED:
        text = pattern.sub(joined, text)
    return text


def _parts(word: str, known: Container[str]) -> Sequence[str]:
    lower = word.lower()
    if lower in known or singular(lower) in known:
        return (lower,)
    stem = lower.rstrip("0123456789")
    if stem in known and stem != lower:
        return (stem, lower[len(stem) :])
    camel = _CAMEL.findall(word)
    if len(camel) > 1:
        return [p for part in camel for p in _parts(part, known)]
    for end in _GLUED:
        stem = lower.removesuffix(end)
        if stem != lower and len(stem) >= _SHORTEST_STEM:
            return (stem, end)
    return (lower,)


def _with_ends(raw: Sequence[_Raw]) -> tuple[Word, ...]:
    """Marks, from the last word back, which words end their phrase."""
    words: list[Word] = []
    following: Word | None = None
    for text, phrase, linked, capital, soft in reversed(raw):
        ends = (
            following is None
            or following.phrase != phrase
            or soft
            or following.text in _LINKS
            or (following.ends and _is_trailer(following.text))
        )
        following = Word(text=text, phrase=phrase, linked=linked, ends=ends, capital=capital)
        words.append(following)
    return tuple(reversed(words))


def _is_trailer(word: str) -> bool:
    return word.isdigit() or len(word) == 1 or word in _TRAILERS
