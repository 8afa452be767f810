"""What the tokens around a noun say of it, before anybody knows which part it names."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.phrases import Token, tokens
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_words import load_prose_words

_BUILDINGS = frozenset({"warehouse", "store", "shop", "hub", "station", "depot"})


def is_medium(found: Sequence[Token], at: int) -> bool:
    """Whether the word only says how something is kept: "on disk", "in memory"."""
    words = load_prose_words()
    return at > 0 and found[at].stem in words.media and found[at - 1].word in words.place_prepositions


def is_order(found: Sequence[Token], start: int) -> bool:
    """Whether the word before a program tells somebody to use it: "Run terraform"."""
    verb = load_prose_words().verbs.get(found[0].word)
    return start == 1 and found[1].text.islower() and verb is not None and verb.tense is Tense.BASE


def is_tight(found: Sequence[Token], at: int) -> bool:
    """Whether a mark joins two words into one, as the hyphen in "order-service"."""
    inside = 0 < at < len(found) - 1 and found[at].stem in {"-", "_", "."}
    return inside and found[at - 1].end == found[at].start == found[at + 1].start - 1


def is_people(found: Sequence[Token], end: int) -> bool:
    """Whether the word before this place stands for people."""
    return any(m.end == 1 and m.payload.person for m in load_prose_words().heads.all(found[end - 1 : end]))


def is_of_others(found: Sequence[Token], start: int, end: int) -> bool:
    """Whether the name says that somebody else has it: "Vodafone's platform", "the bank's API"."""
    owner = next((t for t in found[start : end - 1] if t.text.lower().endswith(("'s", "’s"))), None)
    if owner is None:
        return False
    heads = load_prose_words().heads.all(tokens(owner.word))
    if any(m.payload.outside for m in heads):
        return owner.word not in load_prose_words().anybody
    return owner.text[0].isupper() and not any(True for _ in heads) and start > 0


def is_building(found: Sequence[Token], start: int, end: int) -> bool:
    """Whether a bare noun is a house among several and no part: "in each warehouse", "12 stores"."""
    if end - start != 1 or start == 0 or found[start].stem not in _BUILDINGS:
        return False
    before = found[start - 1].word
    return before in {"each", "every"} or (before.isdigit() and found[start].stem != found[start].word)
