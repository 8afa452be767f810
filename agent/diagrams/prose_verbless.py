"""Flows that a sentence states without a verb of moving: what stands behind what, and whom a part is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_clauses import BOTH, ENDS, GAP
from agent.diagrams.prose_mentions import Mention
from agent.diagrams.prose_objects import Objects
from agent.diagrams.prose_said import Said
from agent.diagrams.prose_subjects import Subjects
from agent.domain.system import ElementKind
from agent.naming import is_plural

_GOODS = 2
"""Words before a place to which they go: "logs to"."""


class Positions(Subjects, Objects):
    """Finds the flows that positions, access and purposes state."""

    def positions(self) -> Iterator[Said]:
        """What "the shop sits behind the load balancer" says: requests to the one pass the other."""
        for match in self.words.behind.longest(self.found):
            first = [m for m in self.mentions if m.end <= match.start]
            second = self._object(match.end, len(self.found))
            if not first or not second:
                continue
            if any(t.stem in ENDS for t in self.found[first[-1].end : match.start]):
                continue
            placed = self._placed(first)
            inner, outer = (placed, second[0]) if match.payload else (second[0], placed)
            process = outer.kind is ElementKind.PROCESS and not outer.weak
            if process and inner.kind is not ElementKind.EXTERNAL_ENTITY and inner != outer:
                yield Said(outer, inner, "", match.start)

    def _placed(self, before: Sequence[Mention]) -> Mention:
        """What stands there: "the API" of "the API is Flask on a cluster behind …", and not the cluster."""
        for mention in reversed(before):
            word = self._word_at(mention.start - 1)
            if word not in self.words.place_prepositions and word not in self.grammar.be:
                return mention
        return before[-1]

    def reached(self) -> Iterator[Said]:
        """What "clerks have access to the ledger" says: they call on it."""
        for match in self.words.reaches.longest(self.found):
            near = self.ending.get(self._word_before(match.start) + 1)
            others = self._object(match.end, len(self.found))
            if near is not None and not self._denied(match.start):
                for source in self._whole_subject(near, match.start):
                    yield from (Said(source, other, "", match.start) for other in others if other != source)

    def sent(self, worker: Mention | None) -> Iterator[Said]:
        """What "audit trail to Splunk" says, where no verb says it: the program at hand sends it there."""
        if self.verbs or worker is None or self.listed is not None:
            return
        if any(t.word in self.grammar.be for t in self.found):
            return
        for mention in self.mentions:
            before = self._word_at(mention.start - 1)
            stored = before in {"in", "into"} and mention.kind is ElementKind.DATA_STORE
            if mention.start < _GOODS or not mention.technologies or not (before == "to" or stored):
                continue
            if not any(m.end <= mention.start for m in self.mentions) and mention != worker:
                yield Said(
                    worker, mention, self.sentence.words(0, mention.start - 1), mention.start - 1, unsaid=True
                )

    def betweens(self) -> Iterator[Said]:
        """What "traffic between the shop and the ledger" says: the one talks to the other."""
        for at, token in enumerate(self.found):
            if token.word != "between":
                continue
            ends = self._object(at + 1, len(self.found))
            if len(ends) == BOTH and (at == 0 or self._is_moved(at)):
                source, target = ends
                kinds = all(is_plural(m.name) and is_bare_role(m.name) for m in ends)
                if not kinds and not self._denied(at):
                    yield Said(source, target, "", at)

    def _is_moved(self, at: int) -> bool:
        """Whether the words before "between" are of what moves."""
        before = self.found[max(0, at - GAP) : at]
        return any(m.end >= len(before) - 1 for m in self.words.moved.all(before))

    def served(self) -> Iterator[Said]:
        """What "portal for clerks and auditors" says, where no verb says it: they use it."""
        for mention in self.mentions:
            if mention.kind is not ElementKind.PROCESS or (mention.weak and not mention.known):
                continue
            if self.verbs and not self._is_had(mention):
                continue
            start = next((i for i in range(mention.end, len(self.found)) if not self._says_is(i)), -1)
            if start < 0 or self.found[start].word not in self.words.serving:
                continue
            people = [m for m in self._object(start + 1, len(self.found)) if m.person]
            yield from (Said(person, mention, "", mention.start) for person in people)

    def _says_is(self, at: int) -> bool:
        """Whether the word only joins a part and whom it is for: "is", "used", "made"."""
        return self.found[at].word in self.words.said_for or self.found[at].word in self.grammar.be

    def _is_had(self, mention: Mention) -> bool:
        """Whether the sentence only says that there is such a part, before any verb of its own."""
        before = [t.word for t in self.found[: mention.start]]
        if any(
            at < mention.start for at in self.verbs if self.verbs[at].form.base not in self.words.offering
        ):
            return False
        copula = mention.end < len(self.found) and self.found[mention.end].word in self.grammar.be
        return copula or bool(self.words.having_words & set(before))
