"""Lines that tell of one part each: "- Orders: takes orders from Web", "cache: Redis (sessions)"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.catalog.phrases import tokens
from agent.diagrams.prose_anchors import make_lexicon, recognised
from agent.diagrams.prose_blocks import Block, Kind, Section, plain, section_of, sentences
from agent.diagrams.prose_drafted import opening
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_lists import ARROW, Named, is_name, read_named, split_commas
from agent.diagrams.prose_mentions import Mention, is_weak, kind_of, read_sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import is_plural, key, words

_FEW = 2
"""Cards that stand together at least."""
_MOST = 0.5
"""Of what stands together, at least so much must be cards, and of these so many must name a part."""
_NAME_WORDS = 4
_FIRST = 2
"""Words of a description before the product that it begins with."""
_LABELLED = re.compile(
    r"^[^\s:][^:]{0,40}:\s+\S|^[^\s:(][^:(]{0,40}\([^()]{2,60}\)\s*:\s|^\S[^:]{0,40}?\s[-–—]\s"
)


@dataclass(frozen=True)
class _Card:
    """One line that may tell of one part."""

    block: Block
    name: str
    description: str
    note: str
    product: Mention | None
    """What the description begins with, where that is a product."""


def carded(found: Sequence[Block]) -> Iterator[Block]:
    """The blocks, with every run of lines that tell of one part each as a list of components."""
    run: list[Block] = []
    for block in found:
        if run and not _goes_together(run[-1], block):
            yield from _told(run)
            run = []
        if block.kind in {Kind.ITEM, Kind.TEXT} and block.section is Section.NEUTRAL:
            run.append(block)
        else:
            yield from _listed(block)
    yield from _told(run)


def _listed(block: Block) -> Iterator[Block]:
    """The block, and the stores that an item of a list of components names in its notes."""
    yield block
    card = _card(block) if block.kind is Kind.ITEM and block.section is Section.COMPONENT else None
    if card is not None:
        yield from _stores(card.name, card, block)


def _goes_together(before: Block, block: Block) -> bool:
    same = before.kind is block.kind and before.heading == block.heading and before.depth == block.depth
    return same and block.section is Section.NEUTRAL and (block.kind is Kind.ITEM or block.follows)


def _told(run: Sequence[Block]) -> Iterable[Block]:
    cards = {at: card for at, block in enumerate(run) if (card := _card(block)) is not None}
    if len(cards) < _FEW or len(cards) < _MOST * len(run):
        return [_alone(cards.get(at), block) for at, block in enumerate(run)]
    named = {at for at, card in cards.items() if _is_named(card, _others(run, at))}
    parts = {at for at, card in cards.items() if at in named or _is_part(card)}
    if len(parts) < max(_FEW, _MOST * len(cards)):
        return [_alone(cards.get(at), block) for at, block in enumerate(run)]
    return [
        told
        for at, block in enumerate(run)
        for told in (_parts(cards[at], named=at in named) if at in parts else [block])
    ]


def _alone(card: _Card | None, block: Block) -> Block:
    """The line, as a part where it alone says what one part is."""
    return _as_part(card, named=True) if card is not None and _is_one(card) else block


def _is_one(card: _Card) -> bool:
    """Whether a line alone says of a part what it is: "charity site: WordPress on one host"."""
    product = card.product
    bare = product is not None and card.description.startswith(product.name)
    if bare and product is not None and kind_of(card.name) is product.kind:
        return not is_weak(card.name)
    said = recognised(opening(card.description))
    made = any(not t.is_role for t in said.technologies) and said.kind is ElementKind.PROCESS
    named = kind_of(card.name) is None and card.name[:1].isupper() and not is_plural(card.name)
    return made and named and kind_of(opening(card.description)) is not None


def _card(block: Block) -> _Card | None:
    """The card that a line is; None for one that is a sentence, a flow, or about no part."""
    text = plain(block.text)
    if not _LABELLED.match(text) or ARROW.search(text.partition(":")[0]):
        return None
    named = read_named(block.text)
    if named is None or not named.description or not _may_name(named):
        return None
    product = product_of(named.description)
    vague = is_weak(named.name) and kind_of(named.name) is ElementKind.PROCESS
    if product is None and vague and len(named.description.split()) <= _NAME_WORDS:
        whole = named.description.rstrip(".")
        telling = kind_of(whole) is not None and is_name(whole) and not is_weak(whole)
        return _Card(block, whole, named.name, named.attributes.note, None) if telling else None
    return _Card(block, named.name, named.description, named.attributes.note, product)


def _may_name(named: Named) -> bool:
    """Whether the words before the colon can name a part, and do not announce what is listed behind it."""
    if not is_name(named.name) or len(named.name.split()) > _NAME_WORDS or _speaks(named.name):
        return False
    if key(named.name) in load_prose_words().never:
        return False
    if kind_of(named.name) is None and section_of(named.name, Section.NEUTRAL) is not Section.NEUTRAL:
        return False
    heads = load_prose_words().heads.all(tokens(named.name))
    several = is_plural(named.name) and len(split_commas(named.description)) > 1
    return not (several and any(m.payload.person or m.payload.outside for m in heads))


def _speaks(name: str) -> bool:
    """Whether the words before the colon are a clause, and no name."""
    grammar = load_prose_words().grammar
    said = [t.word for t in tokens(name) if t.is_word]
    if any(w in grammar.be | grammar.pronouns | grammar.modals for w in said):
        return True
    return bool(said) and said[0] in grammar.prepositions | grammar.determiners | grammar.joining


def product_of(description: str) -> Mention | None:
    """The product that a description begins with: "Heroku Postgres, one instance"; None when none."""
    first = opening(description)
    mentions = read_sentence(first, make_lexicon({}, ())).mentions
    found = next((m for m in mentions if m.start < _FIRST), None)
    if found is None or not found.technologies or found.owner or found.person:
        return None
    lead = tokens(first)[: found.start]
    if any(not t.is_word or t.word in load_prose_words().function_words for t in lead):
        return None
    form = load_prose_words().verbs.get(tokens(first)[0].word) if found.start else None
    return None if form is not None and form.tense is Tense.THIRD else found


def _others(run: Sequence[Block], at: int) -> str:
    return " | ".join(plain(b.text) for place, b in enumerate(run) if place != at)


def _is_named(card: _Card, others: str) -> bool:
    """Whether another line speaks of the card by its name."""
    own = words(card.name)
    said = f" {' '.join(words(others))} "
    return bool(own) and f" {' '.join(own)} " in said and (card.name in others or card.name.islower())


def _is_part(card: _Card) -> bool:
    """Whether the card tells of a part: by its name, by its product, or by what it does."""
    return kind_of(card.name) is not None or card.product is not None or acts(card.description)


def acts(description: str) -> bool:
    """Whether a description begins with what somebody does: "takes orders from the shop"."""
    first = [t.word for t in tokens(description) if t.is_word][:1]
    form = load_prose_words().verbs.get(first[0]) if first else None
    return form is not None and form.tense is Tense.THIRD


def _parts(card: _Card, *, named: bool) -> Iterator[Block]:
    """The card as a part, and the stores that its notes name beside what it does: "CRUD, Postgres"."""
    part = _as_part(card, named=named)
    yield part
    yield from _stores(part.text.partition(":")[0].partition(" (")[0], card, part)


def _stores(name: str, card: _Card, part: Block) -> Iterator[Block]:
    """Arrows from a program to the stores that its notes name."""
    if (kind_of(name) or ElementKind.PROCESS) is not ElementKind.PROCESS:
        return
    for note in split_commas(opening_sentence(card.description)):
        product = product_of(note)
        alone = product is not None and product.name == note.strip(" .")
        if product is not None and alone and product.kind is ElementKind.DATA_STORE:
            yield replace(
                part,
                kind=Kind.ARROWS,
                text=f"{name} -> {product.name}",
                section=Section.NEUTRAL,
                line=part.line or part.text,
            )


def opening_sentence(description: str) -> str:
    """The first sentence of a description."""
    return next(iter(sentences(description)), "")


def _as_part(card: _Card, *, named: bool) -> Block:
    """The line as an item of a list of components, called by its product where its label names none."""
    name, description, note = card.name, card.description, card.note
    product = card.product
    if product is not None and not named and _is_label(card, product):
        rest = description[description.find(product.name) + len(product.name) :].strip(" ,;.")
        name, description = product.name, f"{card.name}. {rest}".strip(" .") if rest else card.name
    elif product is not None and not note and kind_of(name) is product.kind:
        note = product.name
    text = f"{name} ({note}): {description}" if note else f"{name}: {description}"
    return replace(
        card.block,
        kind=Kind.ITEM,
        text=text,
        section=Section.COMPONENT,
        inside=True,
        line=card.block.line or card.block.text,
    )


def _is_label(card: _Card, product: Mention) -> bool:
    """Whether the words before the colon only say what the product is for: "email: Postmark"."""
    own = kind_of(card.name)
    if own is None:
        return product.kind is not ElementKind.PROCESS
    trade = {t.stem for t in tokens(card.name) if t.is_word} <= load_prose_words().trades
    if is_weak(card.name) and not trade:
        return own is product.kind is ElementKind.DATA_STORE
    return product.kind is ElementKind.EXTERNAL_ENTITY or (product.kind is not own and trade)
