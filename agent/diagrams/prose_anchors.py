"""Places of a sentence that name something by themselves: known names, products, role words, proper names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from agent.catalog.phrases import PhraseBook, Token, tokens
from agent.catalog.technologies import Recognition, Technology, load_technologies
from agent.diagrams.prose_words import Head, load_prose_words
from agent.domain.system import ElementKind

_LONGEST_PRODUCT = 4
"""Words of a product's name that are looked up together."""
_TEAMS = frozenset({"team", "people", "folks", "guys", "crew"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CODE_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]|\d")


@dataclass(frozen=True)
class Lexicon:
    """The names that one text uses, besides those of the tables."""

    known: PhraseBook[str]
    kinds: Mapping[str, ElementKind]
    """What the known names are, where a list says it."""
    proper: frozenset[str] = frozenset()
    """Words in lower case that the text writes with a capital letter inside sentences."""
    ends: PhraseBook[Head] | None = None
    """The last words of known names, by which a text means them: "the station" for "Charging station"."""
    codes: frozenset[str] = frozenset()
    """Words in lower case that the text writes as code, as it does with names of programs."""


def make_lexicon(
    known: Mapping[str, ElementKind | None],
    sentences: Iterable[str],
    codes: Iterable[str] = (),
    spellings: Mapping[str, str] = MappingProxyType({}),
) -> Lexicon:
    """The lexicon of a text: names known beforehand, and words that it capitalises or writes as code.

    Args:
        known: names, with what they are where that is said.
        sentences: the text, for its capital letters.
        codes: words that it writes as code.
        spellings: other spellings of known names, such as their short names.
    """
    phrases = [(" ".join(t.word for t in tokens(s) if t.is_word), name) for s, name in spellings.items()]
    for name in known:
        for spelling in dict.fromkeys((name, _CAMEL.sub(" ", name))):
            words = [t.word for t in tokens(spelling) if t.is_word]
            if words:
                phrases.append((" ".join(words), name))
    kinds = {name: kind for name, kind in known.items() if kind is not None}
    ends = PhraseBook(_ends_of(known), "names")
    return Lexicon(PhraseBook(phrases, "names"), kinds, _capitalised(sentences), ends, frozenset(codes))


def _ends_of(known: Mapping[str, ElementKind | None]) -> Iterable[tuple[str, Head]]:
    """The last words of known names that are no role words anyway."""
    words = load_prose_words()
    dull = words.function_words | words.tails | words.never | words.verbs.keys()
    for name, kind in known.items():
        found = [t for t in tokens(_CAMEL.sub(" ", name)) if t.is_word]
        if len(found) > 1 and found[-1].stem not in dull and found[-1].word not in dull:
            yield found[-1].word, Head(kind or ElementKind.PROCESS, weak=True)


def _capitalised(sentences: Iterable[str]) -> frozenset[str]:
    inside: set[str] = set()
    for sentence in sentences:
        for before, token in zip(found := tokens(sentence), found[1:], strict=False):
            if token.is_word and token.text[0].isupper() and before.is_word:
                inside.add(token.word)
    return frozenset(inside)


@dataclass(frozen=True)
class Anchor:
    """A place that names something by itself, at tokens `start` to `end` (exclusive)."""

    start: int
    end: int
    head: Head | None = None
    technologies: tuple[Technology, ...] = ()
    known: str = ""


def find_anchors(found: Sequence[Token], lexicon: Lexicon) -> list[Anchor]:
    """Places that name something by themselves; none overlaps another."""
    taken = [False] * len(found)
    anchors = []
    for match in lexicon.known.longest(found):
        if not any(taken[match.start : match.end]):
            anchors.append(Anchor(match.start, match.end, known=match.payload))
            taken[match.start : match.end] = [True] * (match.end - match.start)
    for anchor in (*product_anchors(found), *head_anchors(found, lexicon), *name_anchors(found, lexicon)):
        if not any(taken[anchor.start : anchor.end]):
            anchors.append(anchor)
            taken[anchor.start : anchor.end] = [True] * (anchor.end - anchor.start)
    return sorted(anchors, key=lambda a: a.start)


def head_anchors(found: Sequence[Token], lexicon: Lexicon | None = None) -> Iterable[Anchor]:
    """Role words, and after them the last words of known names."""
    ends = lexicon.ends if lexicon and lexicon.ends else PhraseBook[Head]((), "names")
    meant = [m for m in ends.longest(found) if m.payload.kind is not ElementKind.EXTERNAL_ENTITY]
    for match in meant:
        if (
            match.start
            and found[match.start - 1].word == "the"
            and found[match.start].stem == found[match.start].word
        ):
            yield Anchor(match.start, match.end, head=match.payload)
    yield from _teams(found)
    for book in (load_prose_words().heads, ends):
        for match in book.longest(found):
            yield Anchor(match.start, match.end, head=match.payload)


def _teams(found: Sequence[Token]) -> Iterable[Anchor]:
    """People called by what they do together: "network team", "finance people"."""
    words = load_prose_words()
    for at, token in enumerate(found[1:], 1):
        before = found[at - 1]
        near = token.word in _TEAMS and before.is_word and before.end + 1 == token.start
        if near and before.word not in words.function_words and before.word not in words.verbs:
            yield Anchor(at - 1, at + 1, head=Head(ElementKind.EXTERNAL_ENTITY, person=True))


def product_anchors(found: Sequence[Token]) -> Iterable[Anchor]:
    """Products of the technology table; a protocol is none."""
    protocols = _protocols_at(found)
    at = 0
    while at < len(found):
        size = 0 if at in protocols else _product_length(found, at)
        if size:
            yield Anchor(at, at + size, technologies=_products_in(_joined(found, at, at + size)))
        at += max(size, 1)


def name_anchors(found: Sequence[Token], lexicon: Lexicon) -> Iterable[Anchor]:
    """Words that the text treats as proper names."""
    named = [at for at in range(len(found)) if _is_name(found, at, lexicon)]
    protocols = _protocols_at(found) if named else frozenset()
    return (Anchor(at, at + 1) for at in named if at not in protocols)


def _protocols_at(found: Sequence[Token]) -> frozenset[int]:
    """The places of words that name a protocol."""
    matches = load_prose_words().protocols.longest(found)
    return frozenset(i for m in matches for i in range(m.start, m.end))


def _product_length(found: Sequence[Token], at: int) -> int:
    """How many tokens from here are one product's name; 0 when none begins here."""
    if not found[at].is_word or found[at].word in load_prose_words().function_words:
        return 0
    for size in range(_LONGEST_PRODUCT, 0, -1):
        end = at + size
        if end > len(found) or not _unbroken(found, at, end):
            continue
        if size > 1 and not any(_tellable(found[i]) for i in range(at, end)):
            continue
        whole = _products_in(_joined(found, at, end))
        if not whole:
            continue
        shorter = (_products_in(_joined(found, at + 1, end)), _products_in(_joined(found, at, end - 1)))
        if size == 1 and _opens_a_noun(found, at):
            return 0
        if size == 1 or whole[0] not in (*shorter[0], *shorter[1]):
            return size
    return 0


def _opens_a_noun(found: Sequence[Token], at: int) -> bool:
    """Whether an everyday word that names a product, too, only opens another name: "Harbor pilots"."""
    everyday = load_technologies().is_everyday(found[at].word)
    if not everyday or at + 1 == len(found) or not _unbroken(found, at, at + 2):
        return False
    after, verbs = found[at + 1], load_prose_words().verbs
    acts = after.word in verbs or after.stem in verbs
    return not acts and not _products_in(_joined(found, at, at + 2))


def _tellable(token: Token) -> bool:
    return token.text[:1].isupper() or bool(_products_in(token.word))


def _unbroken(found: Sequence[Token], start: int, end: int) -> bool:
    joined = all(t.is_word or t.stem in {"-", "_", ".", "@", "'"} for t in found[start:end])
    last = found[end - 1]
    adverb = end - start > 1 and last.text.endswith("ly") and last.text.islower()
    return joined and last.is_word and not adverb and last.word not in load_prose_words().function_words


def _joined(found: Sequence[Token], start: int, end: int) -> str:
    return " ".join(t.text for t in found[start:end] if t.is_word)


@lru_cache(maxsize=16384)
def _products_in(label: str) -> tuple[Technology, ...]:
    return tuple(t for t in load_technologies().recognise(label) if not t.is_role)


def _is_name(found: Sequence[Token], at: int, lexicon: Lexicon) -> bool:
    """Whether the word is a proper name: capital letters where a sentence has none, or letters like code."""
    token = found[at]
    if token.word in lexicon.codes and token.word not in load_prose_words().verbs:
        return True
    if not token.is_word or not token.text[0].isupper() or token.word in load_prose_words().function_words:
        return False
    if token.stem in load_prose_words().tails:
        return False
    if _CODE_NAME.search(token.text) and not token.text.isupper():
        return True
    if token.text.isupper() or len(token.text) < 3:  # noqa: PLR2004 - "GDPR", "It"
        return False
    starts = at == 0 or not found[at - 1].is_word
    followed = at + 1 < len(found) and found[at + 1].is_word and found[at + 1].text[0].isupper()
    return (not starts) or token.word in lexicon.proper or followed


@lru_cache(maxsize=16384)
def recognised(name: str) -> Recognition:
    """What the technology table says of a name, which one text asks again and again."""
    return load_technologies().read(name)


@lru_cache(maxsize=16384)
def is_bare_role(name: str) -> bool:
    """Whether a name says only what the thing is, not which: "database", "the load balancer"."""
    found = tuple(t for t in tokens(name) if t.is_word and t.word not in load_prose_words().function_words)
    return any(m.start == 0 and m.end == len(found) for m in load_prose_words().heads.all(found))
