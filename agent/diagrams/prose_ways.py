"""What lies between two ends of a flow, and through what people act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import recognised
from agent.diagrams.prose_clauses import QUOTES
from agent.diagrams.prose_goods import is_program
from agent.diagrams.prose_mentions import Mention, kind_of
from agent.diagrams.prose_said import Said
from agent.diagrams.prose_verbless import Positions
from agent.domain.system import ElementKind

_MACHINERY = frozenset({Trait.KUBERNETES, Trait.CONTAINER, Trait.VIRTUAL_MACHINE})
"""What parts run on, and nobody works with by saying so."""
_MAX_LABEL = 60
_OUTSIDE = ElementKind.EXTERNAL_ENTITY
_KEPT = frozenset({_OUTSIDE, ElementKind.DATA_STORE})
"""What a program does things in: "creates a ticket in" a product of others, "builds tables in" a store."""
_PASSING = frozenset({Trait.GATEWAY, Trait.LOAD_BALANCER, Trait.REVERSE_PROXY})
"""What hands requests on to another."""


class Ways(Positions):
    """Finds what a sentence says lies between."""

    def _hands_on(self, at: int, limit: int, subjects: Sequence[Mention]) -> Iterator[Said]:
        """People who do something "through" or "in" a part use it, and programs "in" a product of others."""
        if subjects and all(is_program(m) for m in subjects):
            with_ = [m for m in self._after(at, limit, ("with",)) if m.kind is _OUTSIDE and m.technologies]
            inside = [m for m in self._after(at, limit, ("in",)) if m.kind in _KEPT and m.technologies]
            ways = [m for w in ("via", "through") for m in self._after(at, limit, (w,)) if is_program(m)]
            products = inside or with_ or [m for m in ways if m.known or m.end - m.start > 1]
            if products and self.verbs[at].form.base not in self.words.place_bases:
                yield from self._pairs(subjects, products, at, products[0].start)
            return
        people = [m for m in subjects if m.person]
        for word in sorted(self.words.hands_on, key=lambda w: (w in {"in", "on"}, w)) if people else ():
            for mention in self._after(at, limit, (word,)):
                if self._is_tool(mention):
                    yield from self._pairs(people, [mention], at, mention.start)
                    return

    def _is_tool(self, mention: Mention) -> bool:
        """Whether somebody can do a thing with it or in it: a program, and no role that is assumed."""
        kind = mention.kind or (kind_of(mention.name) if mention.known else None)
        role = self.found[mention.end - 1].stem in self.words.tails
        return kind is ElementKind.PROCESS and not mention.weak and not role and not _runs_parts(mention)

    def _means(
        self, at: int, limit: int, subjects: Sequence[Mention], others: Sequence[Mention]
    ) -> Mention | None:
        """What lies between: "analysts query the store with Superset", "the job mails people via Mailgun"."""
        people = all(m.person for m in subjects)
        served = all(m.person for m in others)
        if self.verbs[at].form.base in {"use", "work"}:
            return None  # "use a tablet with our app" says of no order
        if not subjects or any(m.person for m in subjects) is not people:
            return None
        for word in sorted(self.words.by_means if people or served else self.words.by_way):
            for mention in self._after(at, limit, (word,)):
                service = bool(mention.technologies) and (
                    mention.kind is not ElementKind.DATA_STORE
                    or (not served and mention.start > others[-1].end)
                )
                service = service or self._passes(mention, others)
                tool = self._is_tool(mention) if people else service and not mention.person
                if tool and not _runs_parts(mention) and mention not in (*others, *subjects):
                    return mention
        return None

    def _passes(self, mention: Mention, others: Sequence[Mention]) -> bool:
        """Whether a program passes requests on: a gateway, or an API in front of the store that is asked."""
        named = (*mention.technologies, *(t.id for t in recognised(mention.name).technologies))
        passes = bool(load_technologies().traits_of(named) & _PASSING)
        stores = all(m.kind is ElementKind.DATA_STORE for m in others)
        return self._is_tool(mention) and (passes or stores)

    def _further(self, at: int, limit: int, others: Sequence[Mention], *, inward: bool) -> list[Mention]:
        """The other ends of what is moved from here to there: "pushes orders from the lake to the shop"."""
        verb = self.verbs[at].form.verb
        ways = [w for w in verb.to if w] if inward and verb is not None else [("from",)]
        if not inward and verb is not None and ("from",) in verb.to:
            return []
        for way in ways:
            found = [m for m in self._after(at, limit, way) if m not in others and is_certain(m)]
            if found:
                return found
        return []

    def _pairs(
        self, sources: Iterable[Mention], targets: Sequence[Mention], at: int, end: int
    ) -> Iterator[Said]:
        label = self._label(at, end)
        for source in sources:
            for target in targets:
                if source != target:
                    yield Said(source, target, label, at)

    def _label(self, at: int, end: int) -> str:
        """What the verb says moves: the words from the verb up to the other end's preposition."""
        place = end
        dull = self.words.function_words
        while place > at + 1 and (self.found[place - 1].word in dull or self.found[place - 1].stem in QUOTES):
            place -= 1
        text = self.sentence.words(at, at + 1 if self.verbs[at].passive else max(place, at + 1))
        text = text.rstrip("\"'` ")
        return text if len(text) <= _MAX_LABEL else text[:_MAX_LABEL].rsplit(" ", 1)[0] + "…"


def is_certain(mention: Mention) -> bool:
    """Whether it is a part beyond doubt, that data can come from or go to."""
    return not mention.person and not mention.weak and (mention.known or bool(mention.technologies))


def _runs_parts(mention: Mention) -> bool:
    """Whether it is what parts run on: "through Kubernetes"."""
    read = (t.id for t in recognised(mention.name).technologies)
    return bool(load_technologies().traits_of((*mention.technologies, *read)) & _MACHINERY)
