"""Parts that sentences name although no flow ends there."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_counted import Counted
from agent.diagrams.prose_goods import are_goods
from agent.diagrams.prose_lines import Line
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_parts import (
    introduces,
    is_any,
    is_example,
    is_ground,
    is_keeper,
    is_made_or_put,
    is_owned_role,
    is_part_of_store,
    is_predicate,
    is_vague,
    parts_of_whole,
)
from agent.diagrams.prose_places import Placed
from agent.diagrams.prose_said import Reading
from agent.diagrams.prose_stance import stance
from agent.diagrams.prose_trades import traded
from agent.domain.system import Known
from agent.naming import key


class Alone(Counted):
    """Takes over parts that stand alone."""

    often: frozenset[str] = frozenset()
    """The keys of the names that the text gives again and again."""
    frameworks: frozenset[str] = frozenset()
    """Names of libraries that parts are built with."""

    def _introduced(self, line: Line) -> None:
        """The part that the sentence introduces by saying what it is."""
        for name in self.names.introduced(line.text):
            term = self.names.terms.get(name)
            if term is not None:
                known = load_technologies().read(term.full).technologies
                self.draft.add(
                    name,
                    line.quote,
                    kind=term.kind,
                    technologies=(t.id for t in known),
                    description=term.full if term.full != name else "",
                    exact=True,
                )

    def _parts(self, sentence: Sentence, reading: Reading, places: Sequence[Placed], line: Line) -> None:
        """Parts that the sentence names although no flow ends there."""
        if self.listed:
            self._beside(sentence, reading, line)
            return
        for mention in parts_of_whole(sentence):
            if not self.draft.several(mention):
                self.draft.add(
                    mention.name,
                    line.quote,
                    kind=mention.kind,
                    technologies=mention.technologies,
                    exact=True,
                )
        for mention in traded(sentence) if self.short else ():
            self._element(mention, line)
        taken = {i for p in places for i in range(*p.place)}
        for mention in introduces(sentence) if line.prose.item else ():
            self._element(mention, line)
        for mention in sentence.mentions:
            if mention.name in self.frameworks or self._named(mention):
                continue
            typed = f"`{mention.name.lower()}" in line.quote.lower()
            if typed or taken & set(range(mention.start, mention.end)):
                continue
            if self._stands_alone(sentence, mention, reading):
                self._element(mention, line)

    def _beside(self, sentence: Sentence, reading: Reading, line: Line) -> None:
        """Stores and services of others that a short text names beside its list of components."""
        for mention in sentence.mentions:
            if self._named(mention) or not self._is_beside(mention):
                continue
            if self._stands_alone(sentence, mention, reading):
                self._element(mention, line)

    def _stands_alone(self, sentence: Sentence, mention: Mention, reading: Reading) -> bool:
        if (
            mention.kind is None
            or mention.weak
            or (is_vague(mention) and bool(self.draft.elements))
            or mention.owner
            or are_goods([mention])
            or stance(sentence, mention.start, mention.end) is not Known.YES
        ):
            return False
        if mention.person:
            return self.short and mention in reading.actors
        if is_any(sentence, mention) or is_owned_role(mention) or is_part_of_store(sentence, mention):
            return False
        if (
            is_predicate(sentence, mention)
            or is_keeper(sentence, mention)
            or (mention.definite and self.draft.has_such(mention))
        ):
            return False
        traits = load_technologies().traits_of(mention.technologies)
        if (
            Trait.WAF in traits
            or Trait.VPN in traits
            or is_ground(sentence, mention)
            or is_made_or_put(sentence, mention)
        ):
            return False
        last = sentence.found[mention.end - 1]
        product = bool(mention.technologies) and last.text[:1].isupper()
        plural = last.stem != last.word and not product
        counts = self.short or bool(mention.technologies) or self._is_told(mention)
        return not plural and counts and not is_example(sentence, mention)

    def _is_told(self, mention: Mention) -> bool:
        """Whether a long text speaks of the part again and again, by a name of its own."""
        return key(mention.name) in self.often and not is_bare_role(mention.name)
