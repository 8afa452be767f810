"""Where a sentence names a part of the system: known names, technologies, role words, proper names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from agent.catalog.phrases import Match, Token, tokens
from agent.diagrams.prose_anchors import (
    Anchor,
    Lexicon,
    find_anchors,
    head_anchors,
    product_anchors,
    recognised,
)
from agent.diagrams.prose_nouns import is_building, is_medium, is_of_others, is_order, is_people, is_tight
from agent.diagrams.prose_verbs import Tagged, tag_verbs
from agent.diagrams.prose_words import Head, load_prose_words
from agent.domain.system import ElementKind

MAX_MODIFIERS = 3
"""Words that are taken to a name from before its last word."""
_STYLES = frozenset({"rest", "graphql", "grpc", "soap", "json"})
"""Words between a product and "API" that change no name: "Django REST API"."""
_SEVERAL = frozenset({"staff", "ops", "helpdesk", "team"})
"""Nouns of several people without an ending."""
_DB = re.compile(r"DB\d?$")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """A name of a part of the system, at tokens `start` to `end` (exclusive)."""

    start: int
    end: int
    name: str
    """As written, without an article."""
    kind: ElementKind | None = None
    """None for a proper name that no table knows."""
    person: bool = False
    weak: bool = False
    """Says too little to be an element unless a flow ends here."""
    known: bool = False
    """A name that a list or a diagram gives."""
    owner: bool = False
    """Named only as the owner of something: "the vault's keys". No flow ends there."""
    code: bool = False
    """Written as code more than once."""
    guess: bool = False
    """A noun of no table that does something: "the turnstile sends …"."""
    definite: bool = False
    """Whether "the" or the like stands before it."""
    technologies: tuple[str, ...] = ()
    """Identifiers of products, not of roles."""

    @property
    def proper(self) -> bool:
        """Whether only its capital letters make it a name."""
        return self.kind is None and not self.known


@dataclass
class Sentence:
    """A sentence cut into tokens, with its verbs and mentions."""

    text: str
    found: tuple[Token, ...]
    verbs: Mapping[int, Tagged] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()

    @cached_property
    def hedges(self) -> tuple[Match[str], ...]:
        """Where the sentence wishes, plans or limits."""
        return tuple(load_prose_words().hedges.all(self.found))

    @cached_property
    def speaks_of_attacks(self) -> bool:
        """Whether it says what could go wrong, and not what is."""
        return bool(load_prose_words().threat_talk.all(self.found))

    @cached_property
    def asks(self) -> bool:
        """Whether it is a question."""
        return bool(self.found) and self.found[-1].stem == "?"

    def words(self, start: int, end: int) -> str:
        """The text of tokens `start` to `end` (exclusive)."""
        if start >= end:
            return ""
        return self.text[self.found[start].start : self.found[end - 1].end]


def read_sentence(text: str, lexicon: Lexicon) -> Sentence:
    """The sentence with its verbs and every mention in it, in order."""
    found = tokens(text)
    anchors = find_anchors(found, lexicon)
    verbs = tag_verbs(found, {i: a.end for a in anchors for i in range(a.start, a.end)})
    mentions = tuple(
        replace(m, code=_is_code(found, m.start, m.end, lexicon))
        for m in _mentions(text, found, _not_verbs(anchors, verbs), verbs, lexicon)
    )
    return Sentence(text, found, verbs, mentions)


def _is_code(found: Sequence[Token], start: int, end: int, lexicon: Lexicon) -> bool:
    return end - start == 1 and found[start].word in lexicon.codes


def _not_verbs(anchors: Sequence[Anchor], verbs: Mapping[int, Tagged]) -> list[Anchor]:
    return [
        a for a in anchors if a.known or a.technologies or not (a.end - a.start == 1 and a.start in verbs)
    ]


def _mentions(
    text: str,
    found: Sequence[Token],
    anchors: Sequence[Anchor],
    verbs: Mapping[int, Tagged],
    lexicon: Lexicon,
) -> Iterable[Mention]:
    groups = _groups(found, anchors)
    starts = {group[0].start for group in groups if group[0].known}
    reach = 0
    for group in groups:
        start = _leftward(found, group[0].start, verbs, reach) if not group[0].known else group[0].start
        if start == 0 and group[0].technologies and is_order(found, group[0].start):
            start = group[0].start
        end = _rightward(found, group[-1].end, group, verbs)
        mention = _mention(text, found, start, end, group, lexicon)
        if mention is None:
            continue
        if end - start == 1 and (is_medium(found, start) or is_building(found, start, end)):
            continue
        otherwise = _ends_otherwise(found, end, mention, verbs)
        owns = found[end - 1].text.lower().endswith(("'s", "’s")) or (end in starts and mention.known)
        if not otherwise or owns:
            yield replace(mention, owner=otherwise or (owns and end < len(found) and found[end].is_word))
            reach = end


def _groups(found: Sequence[Token], anchors: Sequence[Anchor]) -> list[list[Anchor]]:
    """Anchors that stand side by side are one name: "User" + "Service"."""
    groups: list[list[Anchor]] = []
    for anchor in anchors:
        last = groups[-1][-1] if groups else None
        if last and _adjacent(found, last.end, anchor.start) and _joinable(found, last, anchor):
            groups[-1].append(anchor)
        else:
            groups.append([anchor])
    return groups


def _adjacent(found: Sequence[Token], end: int, start: int) -> bool:
    between = found[end:start]
    if not between or (len(between) == 1 and between[0].stem in _STYLES and found[start].stem == "api"):
        return True
    return len(between) <= 1 and all(
        (t.stem in {"-", "_", "."} and found[end - 1].end == t.start and t.end == found[start].start)
        for t in between
    )


def _joinable(found: Sequence[Token], last: Anchor, anchor: Anchor) -> bool:
    """A name that a list gives is whole, and so are several people: "Users lock …" names no "Users lock"."""
    if last.known or anchor.known:
        return False
    token, following = found[last.end - 1], found[anchor.start]
    if last.head and last.head.person and token.stem != token.word and following.text.islower():
        return False
    return not (last.head and last.head.person and anchor.head and anchor.head.person)


def _leftward(found: Sequence[Token], start: int, verbs: Mapping[int, Tagged], reach: int) -> int:
    """Where the name begins: words before its anchor that tell which one it is."""
    words = load_prose_words()
    at, taken = start, 0
    while at > reach and taken < MAX_MODIFIERS:
        before = found[at - 1]
        if not before.is_word:
            if not is_tight(found, at - 1):
                break
            at -= 1
            continue
        if (before.word in words.function_words and not is_tight(found, at)) or at - 1 in verbs:
            break
        if before.word.isdigit():
            break
        if before.word.endswith("ly") and before.word not in words.grammar.timely:
            break
        at -= 1
        taken += 1
    while at < start and not found[at].is_word:
        at += 1
    return at


def _rightward(found: Sequence[Token], end: int, group: Sequence[Anchor], verbs: Mapping[int, Tagged]) -> int:
    """Where the name ends: "cluster" and the like after a product change nothing."""
    if group[-1].known:
        return end
    suffixes = load_prose_words().suffixes
    while end < len(found) and end not in verbs and found[end].is_word and found[end].stem in suffixes:
        end += 1
    return end


def _mention(  # noqa: PLR0911 - one return a kind
    text: str, found: Sequence[Token], start: int, end: int, group: Sequence[Anchor], lexicon: Lexicon
) -> Mention | None:
    name = _POSSESSIVE.sub("", text[found[start].start : found[end - 1].end])
    last = group[-1]
    definite = start > 0 and found[start - 1].word in load_prose_words().articles - {"a", "an"}
    mention = Mention(start, end, name, definite=definite)
    if last.known:
        return replace(
            mention,
            name=last.known,
            known=True,
            kind=lexicon.kinds.get(last.known),
            person=is_people(found, end),
        )
    words = load_prose_words()
    stems = [t.stem for t in found[start:end] if t.is_word]
    product = bool(last.technologies) and last.end - last.start > 1 and stems[-1] == "sql"
    product = product or (last.head is not None and last.head.person and last.end - last.start > 1)
    if " ".join(stems) in words.never or (stems[-1] in words.never and not product) or "to" in stems[1:-1]:
        return None  # as in "service-to-service"
    products = tuple(dict.fromkeys(t for a in group for t in a.technologies))
    head = _person_or_machine(last.head, stems)
    if head and not head.outside and end < len(found) and found[end].word == "who":
        return replace(mention, kind=ElementKind.EXTERNAL_ENTITY, person=True)
    if products and stems[-1] == "store" and products[-1].kind is ElementKind.EXTERNAL_ENTITY:
        return replace(mention, kind=products[-1].kind, technologies=tuple(t.id for t in products))
    if head and head.person and products and definite and found[end - 1].stem == found[end - 1].word:
        return replace(mention, kind=ElementKind.PROCESS, technologies=tuple(t.id for t in products))
    if head and head.person and last.end - last.start > 1:
        return replace(mention, kind=head.kind, person=True)
    if head:
        kind = head.kind if products and stems[-1] not in words.suffixes else _kind(name, head.kind)
        before = {t.stem for t, after in pairwise(found[start:end]) if t.is_word and after.stem != "-"}
        outside = kind is ElementKind.PROCESS and bool(words.outside & before)
        outside = outside or (kind is ElementKind.PROCESS and is_of_others(found, start, end))
        return replace(
            mention,
            kind=ElementKind.EXTERNAL_ENTITY
            if outside
            else (kind if head.person or not _machine(stems) else head.kind),
            person=head.person,
            weak=head.weak and (end - start == 1 or not (products or len(group) > 1)),
            technologies=tuple(t.id for t in products),
        )
    if products:
        kind = _kind(name, products[0].kind)
        if kind is ElementKind.EXTERNAL_ENTITY and words.housed.all(found[max(0, start - 2) : end]):
            kind = ElementKind.PROCESS
        return replace(mention, kind=kind, technologies=tuple(t.id for t in products))
    return replace(mention, kind=ElementKind.DATA_STORE if _DB.search(name) else None)


def _person_or_machine(head: Head | None, stems: Sequence[str]) -> Head | None:
    """A driver is a person and a scanner a device; a placement driver and a licence scanner are programs."""
    outside = head is not None and (head.person or head.outside)
    return Head(ElementKind.PROCESS) if outside and _machine(stems) else head


def _machine(stems: Sequence[str]) -> bool:
    people = load_prose_words().also_machines.get(stems[-1])
    return people is not None and len(stems) > 1 and not people & set(stems[:-1])


@lru_cache(maxsize=16384)
def kind_of(name: str) -> ElementKind | None:
    """What a name alone says that the thing is; None when it says nothing."""
    found = tokens(name)
    anchors = list(head_anchors(found))
    stems = [t.stem for t in found if t.is_word]
    last = anchors[-1] if anchors and anchors[-1].end == len(found) else None
    head = _person_or_machine(last.head, stems) if last else None
    if (
        head
        and not head.weak
        and stems[-1] not in load_prose_words().suffixes
        and (_machine(stems) or _product_name(found))
    ):
        return head.kind
    kind = recognised(name).kind or (head.kind if head else None)
    before = {t.stem for t, after in pairwise(found) if t.is_word and after.stem != "-"}
    outside = kind is ElementKind.PROCESS and bool(load_prose_words().outside & before)
    return ElementKind.EXTERNAL_ENTITY if outside else kind


def is_weak(name: str) -> bool:
    """Whether the last word of a name says too little of a part: "node", "the process"."""
    found = tokens(name)
    heads = [m.payload for m in load_prose_words().heads.all(found) if m.end == len(found)]
    return bool(heads) and all(h.weak for h in heads)


def _product_name(found: Sequence[Token]) -> bool:
    return any(True for _ in product_anchors(found))


def _kind(name: str, fallback: ElementKind) -> ElementKind:
    return recognised(name).kind or fallback


def _is_adjunct(found: Sequence[Token], end: int, mention: Mention, verbs: Mapping[int, Tagged]) -> bool:
    """Whether a bare outsider only tells which things do something: "device shadows hold the settings"."""
    bare = mention.kind is ElementKind.EXTERNAL_ENTITY and mention.end - mention.start == 1
    if not bare or mention.person or mention.known or mention.technologies:
        return False
    noun, own = found[end], found[end - 1]
    plain = noun.word not in load_prose_words().function_words and noun.stem != noun.word
    return plain and own.stem == own.word and end + 1 in verbs


def _ends_otherwise(found: Sequence[Token], end: int, mention: Mention, verbs: Mapping[int, Tagged]) -> bool:
    """Whether the next word makes it something else: "API keys", "customer records"."""
    if end + 1 < len(found) and found[end].stem == "-" and found[end].start == found[end - 1].end:
        return found[end + 1].start == found[end].end
    if end >= len(found) or not found[end].is_word or end in verbs:
        return False
    words = load_prose_words()
    if found[end].stem in words.tails:
        return True
    last = found[end - 1]
    lone_person = mention.person and last.stem == last.word and last.word not in _SEVERAL
    adverb = found[end].word.endswith("ly") and end + 1 in verbs
    if _is_adjunct(found, end, mention, verbs):
        return True
    return lone_person and found[end].word not in words.function_words and not adverb
