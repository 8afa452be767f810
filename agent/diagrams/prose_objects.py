"""What stands at a verb's other end: its object, or what follows the preposition that the verb takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.diagrams.prose_clauses import FAR_NOT, LINKS, QUOTES, Clause
from agent.diagrams.prose_forms import Tense, Words
from agent.diagrams.prose_mentions import Mention
from agent.domain.system import ElementKind

_REACH = 22
"""Words between a verb and the preposition that its other end stands after."""
_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


class Objects(Clause):
    """Finds the other ends of the verbs of one sentence."""

    def _other_ends(self, at: int, limit: int) -> tuple[list[Mention], bool]:
        """The mentions at the verb's other end, and whether data comes from there."""
        verb = self.verbs[at].form.verb
        if verb is None:
            return [], False
        vague: tuple[list[Mention], bool] = ([], False)
        for prepositions, inward in ((verb.source, True), (verb.to, False)):
            for words in sorted(prepositions, key=len, reverse=True):
                found = [] if not words and self.verbs[at].passive else self._after(at, limit, words)
                if found and all(m.weak and not self._told(m) for m in found):
                    vague = vague if vague[0] else (found, inward)
                elif found:
                    return [*found, *self._again(found[-1].end, limit, words)], inward
        return vague

    def _goes_through(self, at: int, other: Mention) -> bool:
        """Whether something is done to the subject through another part: "is administered through"."""
        tagged = self.verbs[at]
        direct = tagged.form.verb is not None and () in tagged.form.verb.to
        return tagged.passive and direct and self._word_at(other.start - 1) in {"through", "via", "of"}

    def _after(self, at: int, limit: int, words: Words) -> list[Mention]:
        """The mentions right after these words, which follow the verb; with no words, its direct object."""
        if not words:
            return self._object(at + 1, limit)
        for place in range(at + 1, min(limit, at + 1 + _REACH)):
            if tuple(t.word for t in self.found[place : place + len(words)]) == words:
                found = self._object(place + len(words), limit)
                if found:
                    return found
        return []

    def _told(self, mention: Mention) -> bool:
        """Whether a name that says little has at least a second word: "the system" has none."""
        return mention.known or mention.guess or mention.end - mention.start > 1

    def _again(self, start: int, limit: int, words: Words) -> Iterator[Mention]:
        """What follows the same preposition once more: "orders to the oven and invoices to the bank"."""
        if not words:
            return
        joined = False
        for place in range(start, min(limit, start + FAR_NOT)):
            token = self.found[place]
            if token.word == "and" or token.stem == ",":
                joined = True
            elif joined and tuple(t.word for t in self.found[place : place + len(words)]) == words:
                found = self._object(place + len(words), limit)
                yield from found
                if found:
                    yield from self._again(found[-1].end, limit, words)
                return
            elif token.word in self.grammar.prepositions or not token.is_word:
                return

    def _object(self, start: int, limit: int) -> list[Mention]:
        """The first mention from here and those listed with it; nothing past a preposition."""
        first = next((m for m in self.mentions if start <= m.start < limit), None)
        if first is None:
            return []
        stop = self.grammar.prepositions | self.grammar.examples | self.grammar.relative | self.grammar.lists
        for at, token in enumerate(self.found[start : first.start], start):
            if token.word == "like" and self.found[at - 1].stem == "-":
                continue
            if token.word in stop or (not token.is_word and token.stem not in QUOTES):
                return []
        whole = self._whole_store(first, limit)
        if whole is not None:
            return [whole]
        return [first, *self._joined(first, limit)]

    def _whole_store(self, part: Mention, limit: int) -> Mention | None:
        """The store that a part of it stands in: "the rules table of its database"."""
        if part.kind is not ElementKind.DATA_STORE or part.known or part.technologies:
            return None
        whole = next((m for m in self.mentions if part.end < m.start < limit), None)
        if whole is None or whole.kind is not ElementKind.DATA_STORE:
            return None
        between = [t.word for t in self.found[part.end : whole.start] if t.word not in self.words.articles]
        inside = between in (["of"], ["in"]) and self.found[part.end - 1].stem in self.words.store_parts
        kept = between in (["in"], ["on"]) and bool(whole.technologies)
        return whole if inside or kept else None

    def _joined(self, first: Mention, limit: int) -> Iterator[Mention]:
        end = first.end
        passed = self.words.articles | {"also"}
        for mention in self.mentions:
            if mention.start <= first.start or mention.start >= limit:
                continue
            between = [t.word or t.stem for t in self.found[end : mention.start] if t.stem not in QUOTES]
            links = [w for w in between if w not in passed]
            if not links or any(w not in LINKS for w in links) or self._acts(mention, links):
                return
            yield mention
            end = mention.end

    def _acts(self, mention: Mention, links: Sequence[str]) -> bool:
        """Whether a clause of its own begins with the mention: "to the hub, the keeper agrees"."""
        tagged = self.verbs.get(mention.end)
        after = self.found[mention.end].word if mention.end < len(self.found) else ""
        return links == [","] and (after in self.grammar.be or (tagged is not None and not tagged.passive))

    def _limit(self, at: int) -> int:
        """Where what belongs to the verb ends: the next verb of a clause of its own, or the clause."""
        depth = 0
        for place in range(at + 1, len(self.found)):
            stem = self.found[place].stem
            depth += _BRACKETS.get(stem, 0)
            if not depth and (self._ends(place) or (place in self.verbs and not self._only_tells(place))):
                return place
        return len(self.found)

    def _only_tells(self, place: int) -> bool:
        """Whether the verb only tells more of a noun: "messages coming from"."""
        gerund = self.verbs[place].form.tense is Tense.GERUND
        return gerund and self.found[place - 1].stem not in {"and", ","}
