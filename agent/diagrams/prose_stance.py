"""Whether a clause states, denies or only wishes for what a phrase in it says."""

from __future__ import annotations

from agent.catalog.phrases import Token
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_mentions import Sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Known

_BACK = 12
_AHEAD = 8
"""Words before and after a phrase that can turn its meaning."""
_TAIL = 3
_REACH_OF_NO = 5
"""Words that "no" reaches over."""
_BREAKS = frozenset({";", ":", ".", "?", "!", "—", "–", "(", ")"})
_MODALS = frozenset({"should", "might", "could", "would"})
"""Words that no phrase has: one inside a phrase stands in its gap, as in "keys *should* be kept offline"."""
_RELATIVES = frozenset({"that", "which", "who"})
"""What begins a clause about the noun before it: "backups go to tapes *that* are not encrypted"."""
_NO = frozenset({"no", "none", "neither", "nor"})
_ANSWERS = {"no": Known.NO, "none": Known.NO, "missing": Known.NO, "yes": Known.YES, "off": Known.NO}


def stance(sentence: Sentence, start: int, end: int) -> Known:
    """YES when the clause states the phrase at these tokens, NO when it denies it, else UNKNOWN."""
    words = load_prose_words()
    if sentence.asks or sentence.speaks_of_attacks or _others_do_not(sentence, end):
        return Known.UNKNOWN
    left = _left_edge(sentence, start)
    right = _right_edge(sentence, end)
    if any(t.word in _MODALS for t in sentence.found[start:end]):
        return Known.UNKNOWN
    hedged = (m for m in sentence.hedges if left <= m.start < right)
    if any(not (start <= m.start < end) and not _noun(sentence, m.start) for m in hedged):
        return Known.UNKNOWN
    answer = _answer(sentence.found, end)
    if answer is not Known.UNKNOWN:
        return answer
    before = _denied_before(sentence, left, start)
    denials = [at for at in range(end, right) if sentence.found[at].word in words.negations_after]
    after = bool(denials)
    of_another = after and any(t.word in _RELATIVES for t in sentence.found[end + 1 : denials[0]])
    if before is Known.UNKNOWN or (before is Known.NO and after) or of_another:
        return Known.UNKNOWN
    return Known.NO if after else before


def _others_do_not(sentence: Sentence, end: int) -> bool:
    """Whether the sentence ends by saying that some do not: "new ones have it, the old ones do not"."""
    tail = [t.word for t in sentence.found[max(end, len(sentence.found) - _TAIL) :] if t.is_word]
    return tail[-2:] in [["do", "not"], ["does", "not"], ["is", "not"], ["are", "not"]] or tail[-1:] in [
        ["don't"],
        ["doesn't"],
        ["isn't"],
        ["aren't"],
    ]


def planned(sentence: Sentence) -> bool:
    """Whether the sentence speaks of what is to come, or asks."""
    plans = load_prose_words().plans.all(sentence.found)
    told = (_goes_somewhere(sentence, m.end) or _only_after(sentence, m.start) for m in plans)
    return sentence.asks or not all(told)


def _only_after(sentence: Sentence, start: int) -> bool:
    """Whether "later" only says in which order things happen: "the app uploads them later"."""
    if sentence.found[start].word != "later" or sentence.found[0].word == "later":
        return False
    spoken = {t.word for t in sentence.found}
    third = any(t.form.tense is Tense.THIRD and not t.passive for t in sentence.verbs.values())
    return third and not spoken & (_MODALS | {"we", "will", "may", "shall", "want", "or"})


def _goes_somewhere(sentence: Sentence, end: int) -> bool:
    """Whether the "going to" that ends here says where something goes: "reports are going to the store"."""
    found = sentence.found
    if end < 2 or [t.word for t in found[end - 2 : end]] != ["going", "to"]:  # noqa: PLR2004 - both words
        return False
    place = end
    while place < len(found) and found[place].word in load_prose_words().articles:
        place += 1
    return any(m.start == place for m in sentence.mentions) and place not in sentence.verbs


def _noun(sentence: Sentence, at: int) -> bool:
    """Whether a word such as "support" stands as a noun here: in "support agents"."""
    return sentence.found[at].stem in {"support", "goal", "plan"} and at not in sentence.verbs


def _left_edge(sentence: Sentence, start: int) -> int:
    """Where the clause of the phrase begins, seen from the phrase.

    A list is crossed ("no TLS or MFA") as long as no clause of its own starts between it and the phrase.
    """
    words = load_prose_words().grammar
    own = start in sentence.verbs and sentence.verbs[start].form.tense is not Tense.GERUND
    at = start - 1
    while at >= max(0, start - _BACK):
        token = sentence.found[at]
        if token.stem in _BREAKS or token.word in words.turns:
            return at + 1
        if (token.word in words.lists or token.stem == ",") and own:
            return at + 1
        own = own or token.word in words.finite or _finite(sentence, at)
        at -= 1
    return max(0, at + 1)


def _finite(sentence: Sentence, at: int) -> bool:
    tagged = sentence.verbs.get(at)
    return tagged is not None and tagged.form.tense in {Tense.THIRD, Tense.BASE, Tense.PAST}


def _right_edge(sentence: Sentence, end: int) -> int:
    words = load_prose_words().grammar
    for at in range(end, min(len(sentence.found), end + _AHEAD)):
        token = sentence.found[at]
        if token.stem in _BREAKS or token.stem == "," or token.word in words.turns | words.lists:
            return at
    return min(len(sentence.found), end + _AHEAD)


def _answer(found: tuple[Token, ...], end: int) -> Known:
    """What "MFA: no" and "TLS - yes" say."""
    if end + 1 < len(found) and found[end].stem in {":", "-", "–", "—", "=", "("}:
        return _ANSWERS.get(found[end + 1].word, Known.UNKNOWN)
    return Known.UNKNOWN


def _denied_before(sentence: Sentence, left: int, start: int) -> Known:
    """NO when one negation before the phrase reaches it, UNKNOWN when that is not clear, else YES."""
    words = load_prose_words()
    places = [
        at
        for at in range(left, start)
        if _negates(sentence.found[at], words.negations) and not _only(sentence.found, at)
    ]
    if not places:
        return Known.YES
    if len(places) > 1:
        return Known.UNKNOWN
    at = places[0]
    if at == 0 and sentence.found[at].word == "without":
        return Known.UNKNOWN
    between = range(at + 1, start)
    if sentence.found[at].word in _NO:
        clear = len(between) <= _REACH_OF_NO and not any(_finite(sentence, i) for i in between)
        return Known.NO if clear else Known.UNKNOWN
    verbs = sum(1 for i in between if _finite(sentence, i))
    return Known.NO if verbs <= 1 else Known.UNKNOWN


def _negates(token: Token, negations: frozenset[str]) -> bool:
    return token.word in negations or token.word.endswith("n't")


def _only(found: tuple[Token, ...], at: int) -> bool:
    """Whether it is "not only", which denies nothing."""
    return found[at].word == "not" and at + 1 < len(found) and found[at + 1].word in {"only", "just"}
