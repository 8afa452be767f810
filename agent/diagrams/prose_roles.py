"""Parts that a sentence names and says what they are: "Parkade is our identity provider"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.phrases import Token, tokens
from agent.diagrams.prose_anchors import is_bare_role, recognised
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import is_plural

_LONGEST_NAME = 3
_LONGEST_NOUN = 9
_ONE_OF_MANY = frozenset({"a", "an"})
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Role:
    """A part by its name, with what the text says that it is."""

    name: str
    noun: str
    """Without an article."""
    kind: ElementKind
    only: bool
    """Whether it is "the" or "our" such part, so that the noun means it."""


def read_roles(lines: Iterable[str], title: str = "") -> tuple[Role, ...]:
    """The parts that the lines introduce as "X is our Y", "X acts as a Y" or "we use X as Y", each once.

    Args:
        lines: sentences.
        title: the first heading; what it names may also be a "tool", which says too little of others.

    A name that the technology table knows is left out: that table says better what it is.
    """
    found: dict[str, Role] = {}
    for line in lines:
        if "is " in line or " as " in line:
            for role in _roles(tokens(line), line, title):
                found.setdefault(role.name.lower(), role)
    return tuple(found.values())


def _roles(found: Sequence[Token], line: str, title: str) -> Iterable[Role]:
    words = load_prose_words()
    for match in words.being.longest(found):
        start = 1 if found[0].word in words.articles else 0
        name = found[start : match.start]
        typed = _is_typed_title(name, title)
        if typed or _is_name(name):
            titled = {t.word for t in name} <= {t.word for t in tokens(title)}
            yield from _role(found, (start, match.start), match.end, line, titled=titled)
    for at, token in enumerate(found):
        if token.word not in words.taking:
            continue
        end = at + 1
        while end < len(found) and end - at <= _LONGEST_NAME and found[end].text[:1].isupper():
            end += 1
        if end < len(found) and found[end].word == "as" and _is_name(found[at + 1 : end]):
            yield from _role(found, (at + 1, end), end + 1, line)


def _is_typed_title(name: Sequence[Token], title: str) -> bool:
    """Whether the name is the whole title, as programs are typed in small letters: "finchd"."""
    own = [t.word for t in name]
    said = [t.word for t in tokens(title.partition("(")[0]) if t.is_word]
    one = len(own) == 1 and own == said and len(own[0]) >= _SHORTEST_NAME
    dull = load_prose_words().function_words | load_prose_words().never | load_prose_words().verbs.keys()
    return one and own[0] not in dull and not is_bare_role(own[0]) and not recognised(own[0]).technologies


def _role(
    found: Sequence[Token], name: tuple[int, int], at: int, line: str, *, titled: bool = False
) -> Iterable[Role]:
    words = load_prose_words()
    article = found[at].word if at < len(found) else ""
    start = at + 1 if article in words.articles else at
    end = start
    while end < len(found) and _goes_on(found, end):
        end += 1
    if not start < end <= start + _LONGEST_NOUN or _is_hedged(found):
        return
    if found[end - 1].stem in {"-", "/"}:
        return
    named = line[found[name[0]].start : found[name[1] - 1].end]
    if titled and found[end - 1].stem in words.whole_parts:
        yield Role(named, named, ElementKind.PROCESS, only=False)
        return
    noun = line[found[start].start : found[end - 1].end]
    kind = kind_of(noun)
    dull = found[end - 1].stem in words.tails | words.never or _is_weak(found[start:end])
    if kind is None or kind is kind_of(named) or dull:
        return
    yield Role(named, noun, kind, article not in _ONE_OF_MANY and not is_plural(noun))


def _goes_on(found: Sequence[Token], at: int) -> bool:
    """Whether the noun goes on here: words, and marks that join two of them, as in "rule-based engine"."""
    token = found[at]
    joined = at > 0 and found[at - 1].stem in {"-", "/"} and found[at - 1].end == token.start
    if token.stem in {"-", "/"}:
        return at + 1 < len(found) and found[at - 1].end == token.start and token.end == found[at + 1].start
    return token.is_word and (joined or token.word not in load_prose_words().function_words)


def _is_hedged(found: Sequence[Token]) -> bool:
    words = load_prose_words()
    denied = any(t.word in words.negations for t in found)
    return denied or bool(words.plans.all(found)) or found[-1].stem == "?"


def _is_weak(noun: Sequence[Token]) -> bool:
    """Whether the noun says too little of a part: "the process"."""
    heads = load_prose_words().heads.all(noun)
    ends = [m.payload for m in heads if m.end == len(noun)]
    return not ends or all(h.weak for h in ends)


def _is_name(found: Sequence[Token]) -> bool:
    """Whether the words are a proper name that no table knows: capitals, and no word of the language."""
    words = load_prose_words()
    if not 0 < len(found) <= _LONGEST_NAME or not all(t.is_word and t.text[:1].isupper() for t in found):
        return False
    name = " ".join(t.text for t in found)
    product = any(not t.is_role for t in recognised(name).technologies)
    if len(name) < _SHORTEST_NAME or product or is_bare_role(name):
        return False
    dull = words.function_words | words.never | words.tails | words.wholly | words.verbs.keys()
    return not any(t.word in dull or t.stem in dull for t in found)
