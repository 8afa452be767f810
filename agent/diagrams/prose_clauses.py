"""One clause of a sentence: where its subject and its verb stand, and whether the verb is denied."""

from __future__ import annotations

from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_words import load_prose_words

GAP = 3
"""Words of no table that may stand between a subject and its verb."""
_NEAR_NOT = 3
FAR_NOT = 7
"""Words before a verb in which "not", and in which "prevents", denies it."""
_NOT = frozenset({"not", "never", "cannot"})
_SHORTEST_ADVERB = 5
"""Letters of a word in -ly that is an adverb: not "fly" or "only"."""
ENDS = frozenset({";", ":", ".", "?", "!", "—", "–"})
QUOTES = frozenset({'"', "'", "`", "*", "-"})
LINKS = frozenset({",", "and", "or", "/", "+", "&"})
BOTH = 2


class Clause:
    """Finds the words around a place.

    Args:
        sentence: cut and tagged.
        topic: who the sentence before spoke of; what "it" means.
        listed: the element that the sentence describes; who acts in a sentence without a subject.
    """

    def __init__(self, sentence: Sentence, topic: Mention | None, listed: Mention | None) -> None:
        self.sentence = sentence
        self.found = sentence.found
        self.verbs = sentence.verbs
        self.topic = topic
        self.listed = listed
        self.words = load_prose_words()
        self.grammar = self.words.grammar
        self.mentions = tuple(m for m in sentence.mentions if not m.owner)
        self.ending = {m.end: m for m in self.mentions}
        self.between_of_names = self.words.function_words - self.grammar.prepositions

    def _place_at(self, at: int) -> int:
        """This place, or the first before it that holds no article."""
        while at >= 0 and self.found[at].word in self.words.articles:
            at -= 1
        return at

    def _word_at(self, at: int) -> str:
        at = self._place_at(at)
        return self.found[at].word if at >= 0 else ""

    def _word_before(self, at: int) -> int:
        """The place before the verb, auxiliaries and asides passed over; -1 where a clause starts."""
        at -= 1
        while at >= 0:
            token = self.found[at]
            if token.stem == ")":
                at = next((i for i in range(at, -1, -1) if self.found[i].stem == "("), 0) - 1
            elif self._is_auxiliary(at) or token.stem in QUOTES:
                at -= 1
            else:
                return -1 if self._ends(at) else at
        return -1

    def _ends(self, at: int) -> bool:
        """Whether a mark ends the clause here: not the dot in "order.returned"."""
        found = self.found
        if found[at].stem not in ENDS:
            return False
        inside = 0 < at < len(found) - 1 and found[at].stem == "."
        return not (inside and found[at - 1].end == found[at].start == found[at + 1].start - 1)

    def _is_auxiliary(self, at: int) -> bool:
        word = self.found[at].word
        adverb = word.endswith("ly") and len(word) >= _SHORTEST_ADVERB
        return bool(word) and (word in self.grammar.before_verbs or adverb)

    def _denied(self, at: int) -> bool:
        """Whether the verb is denied: "does not call", "never stores"."""
        near = [t.word for t in self.found[max(0, at - _NEAR_NOT) : at]]
        far = (t.word for t in self.found[max(0, at - FAR_NOT) : at])
        return any(w in _NOT or w.endswith("n't") for w in near) or any(w in self.words.denials for w in far)
