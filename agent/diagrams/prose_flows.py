"""Flows that a sentence states: "the shop sends orders to the warehouse over HTTPS"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_goods import are_goods, is_program, is_worker, moves_goods, takes_goods, whence
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_said import Reading, Said
from agent.diagrams.prose_ways import Ways, is_certain
from agent.domain.system import ElementKind

_OUTSIDE = ElementKind.EXTERNAL_ENTITY
_HEARING = frozenset({"listen", "subscribe", "consume"})
"""Verbs by which somebody takes what was put where it is known to be."""
_BACKING = frozenset({"back", "power"})
"""What a part has from another on which it stands: "backed by a search index"."""
_ASKED = frozenset({"read", "fetch", "pull", "load", "query", "retrieve"})
"""Verbs by which somebody goes and gets something himself."""
_WAYS = frozenset({"through", "via", "over"})
"""Words before what goods only pass."""


def read_flows(
    sentence: Sentence,
    topic: Mention | None = None,
    listed: Mention | None = None,
    sink: Mention | None = None,
    worker: Mention | None = None,
    giver: tuple[Mention, ...] = (),
) -> Reading:
    """The flows of one sentence.

    Args:
        sentence: cut and tagged.
        topic: who the sentence before spoke of; what "it" means.
        listed: the element that the sentence describes, as in a list of components; who acts in a sentence
            without a subject.
        sink: the store that the sentence before left something in; where "picks them up" takes from.
        worker: the program that has at hand what the text speaks of; who moves it where nobody else does.
        giver: people of whom the sentence before says that they handed something over, and not to whom.
    """
    reader = _FlowReader(sentence, topic, listed, sink, worker)
    reader.giver = giver
    return reader.read()


class _FlowReader(Ways):
    def __init__(
        self,
        sentence: Sentence,
        topic: Mention | None,
        listed: Mention | None,
        sink: Mention | None,
        worker: Mention | None,
    ) -> None:
        super().__init__(sentence, topic, listed)
        self.sink = sink
        self.worker = worker
        self.left: Mention | None = None
        """The store that a clause of this sentence left something in."""
        self.giver: tuple[Mention, ...] = ()
        """People who handed something over, and nothing says to whom."""

    def read(self) -> Reading:
        flows: list[Said] = []
        actors: dict[Mention, None] = {}
        doers: dict[int, tuple[Mention, ...]] = {}
        current: tuple[Mention, ...] = (self.listed,) if self.listed else ()
        for at in sorted(self.verbs):
            doers[at] = self.subjects(at, current)
            current = doers[at] or current
            actors.update(dict.fromkeys(doers[at]))
            said = list(self.flows(at, doers[at]))
            said += self._given(at, said, doers[at])
            flows.extend(said)
            self._works(at, said, doers[at])
        flows.extend(self.positions())
        flows.extend(self.reached())
        flows.extend(self.served())
        flows.extend(self.sent(self.worker))
        flows.extend(self.betweens())
        return Reading(
            tuple(flows), self._next_topic(tuple(actors)), tuple(actors), doers, self.worker, self.giver
        )

    def _given(self, at: int, said: Sequence[Said], doers: Sequence[Mention]) -> Iterator[Said]:
        """What "students upload a thesis. The service scans it" says: that has it from the students."""
        tagged, taken = self.verbs[at], self.giver
        if tagged.passive:
            return
        if doers and not said and all(m.person for m in doers) and tagged.form.base in self.words.carried:
            self.giver = tuple(doers)
        elif doers and all(is_worker(m) for m in doers):
            self.giver = ()
            after = self.found[at + 1].word if at + 1 < len(self.found) else ""
            if taken and after in self.grammar.objects:
                yield from self._pairs(taken, doers, at, at + 1)

    def _works(self, at: int, said: Sequence[Said], doers: Sequence[Mention]) -> None:
        """Notes which program has the goods after the verb: the last one that a flow came to, or who acts."""
        agents = self._after(at, self._limit(at), ("by",)) if self.verbs[at].passive else []
        asks = not self.verbs[at].passive and self.verbs[at].form.base in self.words.asking
        ends = [e for f in said for e in ((f.source,) if asks else (f.target, f.source))]
        self.worker = next((m for m in (*ends, *agents, *doers) if is_worker(m)), self.worker)
        self.left = next((f.target for f in said if f.target.kind is ElementKind.DATA_STORE), self.left)

    def _next_topic(self, actors: Sequence[Mention]) -> Mention | None:
        if actors or self.listed:
            return actors[0] if actors else self.listed
        if self.found and self.found[0].word in self.grammar.backward:
            return self.topic
        first = self.mentions[0] if self.mentions else None
        return first if first and self._place_at(first.start - 1) < 0 else None

    def flows(self, at: int, subjects: Sequence[Mention]) -> Iterator[Said]:
        """The flows that the verb at this place states."""
        if self._denied(at):
            return
        limit = self._limit(at)
        others, inward = self._other_ends(at, limit)
        suffered = self._suffered(at, limit, subjects, others)
        if suffered is None:
            suffered = self._carried(at, subjects, others, inward=inward)
        if suffered is not None:
            yield from suffered
        elif others and not self._says_little(at, subjects, others):
            yield from self._reached_ends(at, limit, subjects, others, inward=inward)
        else:
            yield from self._otherwise(at, limit, subjects, others, inward=inward)

    def _says_little(self, at: int, subjects: Sequence[Mention], others: Sequence[Mention]) -> bool:
        """Whether the other end is a word such as "the system", beside which something else may be named."""
        little = all(m.weak and not self._told(m) for m in others)
        return bool(subjects) and not self.verbs[at].passive and little

    def _otherwise(
        self, at: int, limit: int, subjects: Sequence[Mention], others: Sequence[Mention], *, inward: bool
    ) -> Iterator[Said]:
        """What a verb without a telling object says: through what somebody acts, or what it takes up."""
        through = [] if self.verbs[at].passive else list(self._hands_on(at, limit, subjects))
        if through:
            yield from through
        elif not others and self._takes_up(at):
            left = self.left if self.worker not in subjects else None
            store = left or self.sink
            yield from self._pairs([] if store is None else [store], subjects, at, at + 1)
        elif others:
            yield from self._reached_ends(at, limit, subjects, others, inward=inward)

    def _reached_ends(
        self, at: int, limit: int, subjects: Sequence[Mention], others: Sequence[Mention], *, inward: bool
    ) -> Iterator[Said]:
        """From the subjects to the other ends, or back, by way of what is said to lie between."""
        means = None if self.verbs[at].passive else self._means(at, limit, subjects, others)
        if inward and means is not None:
            if not self._passes(means, others):
                means = None
            else:
                asks = self.verbs[at].form.base in _ASKED
                first, last = (subjects, others) if asks else (others, subjects)
                yield from self._pairs(first, [means], at, others[0].start)
                yield from self._pairs([means], last, at, others[0].start)
                return
        if means is not None:
            yield from self._pairs(subjects, [means], at, min(means.start, others[0].start))
            yield from self._pairs([means], others, at, others[0].start)
            return
        further = [] if self.verbs[at].passive else self._further(at, limit, others, inward=inward)
        inward = inward or self._goes_through(at, others[0])
        ends = (others, subjects) if inward else (subjects, others)
        yield from self._pairs(ends[0], ends[1], at, others[0].start)
        ends = (subjects, further) if inward else (further, subjects)
        yield from self._pairs(ends[0], ends[1], at, others[0].start)

    def _suffered(  # noqa: PLR0911 - one return a case
        self, at: int, limit: int, subjects: Sequence[Mention], others: Sequence[Mention]
    ) -> Iterable[Said] | None:
        """What a passive with "by" says; None when the verb is none."""
        tagged = self.verbs[at]
        agents = self._after(at, limit, ("by",)) if tagged.passive else []
        if not agents:
            return None
        if takes_goods(tagged) and are_goods(subjects):
            return self._handed(agents, at)
        if tagged.form.base in self.words.keeping and _are_outside(agents):
            return ()
        if tagged.form.base in _BACKING or self._told_apart(agents, subjects, at):
            return self._pairs(subjects, agents, at, at + 1)
        if tagged.form.verb is None:
            return None
        ways = [m for m in self._after(at, limit, ("via",)) if is_certain(m) and m not in agents]
        if ways and not others:
            return [*self._pairs(agents, ways, at, limit), *self._pairs(ways, subjects, at, limit)]
        said = list(self._pairs(agents, others or subjects, at, limit))
        if others and self._goes_through(at, others[0]):
            said += self._pairs(others, subjects, at, limit)
        return said

    def _carried(
        self, at: int, subjects: Sequence[Mention], others: Sequence[Mention], *, inward: bool
    ) -> Iterable[Said] | None:
        """Where goods go that the verb's subject is; None when the subject acts."""
        movers = self._movers(at, subjects, others)
        if movers is None:
            return None
        if not others or self._word_at(others[0].start - 1) in _WAYS:
            return ()
        chain = [] if inward else self._one_by_one(others)
        movers = [] if self._comes_in(at) else movers
        ends = (others, movers) if inward else (movers, others[:1] if chain else others)
        said = [*self._pairs(ends[0], ends[1], at, others[0].start)]
        said += [f for a, b in chain for f in self._pairs([a], [b], at, at + 1)]
        return self._unsaid(said)

    def _comes_in(self, at: int) -> bool:
        """Whether what goes somewhere comes from outside: "requests go to the gateway"."""
        place = self._word_before(at)
        return place >= 0 and self.found[place].stem in self.words.incoming

    def _one_by_one(self, others: Sequence[Mention]) -> list[tuple[Mention, Mention]]:
        """The steps of "go to the gateway, then to the proxy"; empty when they go to all at once."""
        steps = list(pairwise(others))
        then = all(any(t.word == "then" for t in self.found[a.end : b.start]) for a, b in steps)
        return steps if then else []

    def _told_apart(self, agents: Sequence[Mention], subjects: Sequence[Mention], at: int) -> bool:
        """Whether people sign in at what the verb names: "clerks are authenticated by the directory"."""
        people = bool(subjects) and all(m.person for m in subjects)
        identifies = self.verbs[at].form.base in self.words.identifying
        return people and identifies and not any(m.person for m in agents)

    def _handed(self, agents: Sequence[Mention], at: int) -> Iterator[Said]:
        """What "is validated by the claims service" says: that has it from the store or who had it before."""
        holder = self.left or self.worker
        if holder is not None and all(is_worker(m) for m in agents):
            yield from self._unsaid(self._pairs([holder], agents, at, at + 1))

    @staticmethod
    def _unsaid(said: Iterable[Said]) -> Iterator[Said]:
        return (replace(f, unsaid=True) for f in said)

    def _movers(
        self, at: int, subjects: Sequence[Mention], others: Sequence[Mention]
    ) -> Sequence[Mention] | None:
        """Who moves the goods that the verb's subject is, or that "we" move; None when the subject acts."""
        tagged, place = self.verbs[at], self._word_before(at)
        word = self.found[place].word if place >= 0 else ""
        by = not subjects and word == "by" and tagged.form.tense is Tense.GERUND
        goods = at > 0 and moves_goods(tagged) and are_goods(subjects)
        stores = any(m.kind is ElementKind.DATA_STORE for m in others)
        ours = word == "we" and not stores and not tagged.passive and tagged.form.base in self.words.carried
        if not by and not goods and not ours:
            return None
        froms = self._after(at, self._limit(at), ("from",)) if tagged.passive else []
        if len(froms) == 1 and is_program(froms[0]):
            return froms
        hook = self._caller(at)
        if hook is not None:
            return (hook,)
        source = whence(self.sentence, self.mentions, at) or self._by_whom(at) or self.worker
        return (source,) if source is not None else ()

    def _caller(self, at: int) -> Mention | None:
        """The outsider of "Stripe for cards, the webhook goes to the till", whose webhook it is."""
        place = self._word_before(at)
        if place < 0 or self.found[place].stem not in self.words.hooks:
            return None
        before = (m for m in reversed(self.mentions) if m.end <= place)
        return next((m for m in before if m.kind is _OUTSIDE and m.technologies), None)

    def _by_whom(self, at: int) -> Mention | None:
        """The last program before the verb that something is done by: "is metered by a sidecar and sent"."""
        before = (m for m in reversed(self.mentions) if m.end <= at)
        return next((m for m in before if is_worker(m) and self._word_at(m.start - 1) == "by"), None)

    def _takes_up(self, at: int) -> bool:
        """Whether something takes what the clause before left in a store: "a worker picks them up"."""
        tagged, after = self.verbs[at], self.found[at + 1 : at + 2]
        if tagged.form.base in _HEARING and not tagged.passive:
            return True
        takes = tagged.form.verb is not None and bool(tagged.form.verb.source) and not tagged.passive
        return takes and any(t.word in self.grammar.objects for t in after)


def _are_outside(agents: Sequence[Mention]) -> bool:
    """Whether these are organisations outside and no people."""
    return all(m.kind is _OUTSIDE and not m.person for m in agents)
