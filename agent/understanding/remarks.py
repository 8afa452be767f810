"""What texts say, sentence by sentence, with the elements that each sentence speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_blocks import Block, Kind, Section, blocks, plain, sentences
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Known, Remark, SystemFragment
from agent.naming import core, words
from agent.understanding.canvas import Canvas
from agent.understanding.guard import speaks_to_a_model

MAX_REMARKS = 150
"""Sentences that are kept of all texts together; a description of a few pages has fewer."""
_LONGEST = 300
"""Characters of a sentence that are kept."""
_SHORTEST = 3
"""Words that make a sentence."""


def remarks(canvas: Canvas, said: Sequence[SystemFragment]) -> tuple[Remark, ...]:
    """The sentences of the texts that state something, at most 150.

    Left out: plans, questions, talk of what could go wrong, and what is addressed to a language model.
    """
    names = _Names(canvas)
    found: dict[tuple[str, str], Remark] = {}
    for fragment in said:
        stated = _stated(fragment)
        for remark in _of_text(canvas, fragment, names, stated):
            found.setdefault((remark.source, remark.quote), remark)
            if len(found) >= MAX_REMARKS:
                return tuple(found.values())
    return tuple(found.values())


def _stated(fragment: SystemFragment) -> dict[str, tuple[str, ...]]:
    """The controls that each sentence states to be there, by its words."""
    found: dict[str, dict[str, None]] = {}
    for fact in fragment.facts:
        if fact.fact.startswith("control:") and fact.value == Known.YES:
            name = fact.fact.removeprefix("control:")
            found.setdefault(_words_of(fact.evidence.quote), {})[name] = None
    return {words_: tuple(names) for words_, names in found.items()}


def _words_of(sentence: str) -> str:
    """The words alone, so that marks of a list or of a table make no difference."""
    return " ".join(words(plain(sentence)))


def _of_text(
    canvas: Canvas, fragment: SystemFragment, names: _Names, stated: Mapping[str, tuple[str, ...]]
) -> Iterator[Remark]:
    for block in blocks(fragment.text):
        if block.kind is Kind.HEADING or block.section in {Section.SILENT, Section.ASSUMPTION}:
            continue
        topic = names.whole(block.heading)
        before: tuple[str, ...] = ()
        for sentence in sentences(plain(_text(block))):
            own = names.within(sentence)
            if not own and _goes_on(sentence):
                own = before
            before = own or before
            own = _subject(canvas, own)
            topic = topic or (own[:1] if block.kind is Kind.ITEM else ())
            if _states(sentence):
                yield Remark(
                    quote=sentence[:_LONGEST],
                    source=fragment.source,
                    about=tuple(dict.fromkeys((*topic, *own))),
                    controls=stated.get(_words_of(sentence), ()),
                )


def _subject(canvas: Canvas, named: tuple[str, ...]) -> tuple[str, ...]:
    """Of all that a sentence names: those outside, and the first of ours, which it is mostly about."""
    inside = next((i for i in named if not canvas.is_outside(i)), "")
    return tuple(i for i in named if i == inside or canvas.is_outside(i))


def _text(block: Block) -> str:
    return ". ".join(v for v in block.cells.values() if v) if block.cells else block.text


def _goes_on(sentence: str) -> bool:
    """Whether the sentence speaks of what the one before did: "It is kept …", "Restarts are …"."""
    first = tokens(sentence[:40])[:1]
    return bool(first) and first[0].word in load_prose_words().grammar.backward | _POSSESSIVE


_POSSESSIVE = frozenset({"its", "their"})


def _states(sentence: str) -> bool:
    found = tokens(sentence)
    if sum(t.is_word for t in found) < _SHORTEST or found[-1].stem == "?":
        return False
    table = load_prose_words()
    if table.threat_talk.all(found) or table.plans.all(found):
        return False
    return not speaks_to_a_model(sentence)


class _Names:
    """The elements' names, looked for in sentences."""

    def __init__(self, canvas: Canvas) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._whole: dict[tuple[str, ...], str] = {}
        self._short: dict[tuple[str, ...], list[str]] = {}
        for id_, element in canvas.elements.items():
            for short in dict.fromkeys(_shorts(element.name)):
                self._short.setdefault(short, []).append(id_)
            for name in dict.fromkeys(_forms(element.name)):
                self._by_first.setdefault(name[0], []).append((name, id_))
                self._whole.setdefault(name, id_)

    def whole(self, heading: str) -> tuple[str, ...]:
        """The element of this very name."""
        own = self._whole.get(words(heading))
        return (own,) if own else ()

    def within(self, sentence: str) -> tuple[str, ...]:
        """The elements that the sentence names, by their names or for short, in its order."""
        found = words(sentence)
        ids: dict[str, None] = {}
        taken = 0
        for at, word in enumerate(found):
            for name, id_ in self._by_first.get(word, ()):
                if found[at : at + len(name)] == name:
                    ids[id_] = None
                    taken = max(taken, at + len(name))
            if at >= taken and _begins(found, at):
                ids |= dict.fromkeys(self._shortened(found[at : at + _LONGEST_SHORT]))
        return tuple(ids)

    def _shortened(self, found: tuple[str, ...]) -> tuple[str, ...]:
        """The element that is called by a part of its name there, one that no other has."""
        names = (found[:n] for n in range(1, len(found) + 1))
        owners = (self._short.get(name, []) for name in names)
        return next((tuple(o) for o in owners if len(o) == 1), ())


def _begins(found: tuple[str, ...], at: int) -> bool:
    """Whether a thing may be named from there: "the gateway", "new gateways", not "payment gateway"."""
    return at == 0 or found[at - 1] in load_prose_words().function_words


def _shorts(name: str) -> Iterable[tuple[str, ...]]:
    """How a text calls the thing for short: "gateway" for "Edge gateway", "Kafka" for "Kafka brokers".

    The last word, unless it is one that many things end in; the last words ("scoring service" for "Fraud
    scoring service"); what an agent does ("the planner"); and the product that stands in front.
    """
    whole = words(name.partition("(")[0])
    if len(whole) < _TWO:
        return
    table = load_prose_words()
    if len(whole[-1]) >= _SHORTEST_HEAD and whole[-1] not in table.tails | _VAGUE_HEADS:
        yield whole[-1:]
    yield from (whole[n:] for n in range(1, len(whole) - 1))
    if len(whole) == _TWO and whole[-1] == "agent" and whole[0].endswith(("er", "or")):
        yield whole[:1]
    products = _products(name)
    front = tuple(takewhile(products.__contains__, whole))
    if front and set(core(name)) - products:
        yield front


_TWO = 2
_LONGEST_SHORT = 3
"""Words of a product's name by which a thing is called."""
_SHORTEST_HEAD = 4
"""Letters of a last word by which a thing is called."""
_VAGUE_HEADS = frozenset(
    {"service", "server", "system", "component", "module", "application", "cluster", "database", "data"}
    | {"process", "user", "client", "team", "provider", "platform", "network", "device", "function", "model"}
    | {"portal", "website", "site", "store", "storage", "bank", "party", "job", "tool"}
)


def _products(name: str) -> frozenset[str]:
    """The words of the products that the name holds."""
    return frozenset(
        w
        for t in load_technologies().recognise(name)
        if not t.is_role
        for alias in (t.name, t.id)
        for w in words(alias)
    )


def _forms(name: str) -> Iterable[tuple[str, ...]]:
    """The name, and the name without the product that it is made with: "engine" of "Engine (Mirth)"."""
    whole = words(name)
    if not whole:
        return
    yield whole
    products = _products(name)
    rest = tuple(w for w in whole if w not in products)
    if rest and rest != whole and (len(rest) > 1 or not is_bare_role(rest[0])):
        yield rest
