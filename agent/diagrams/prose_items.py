"""What one item or heading of a list is: a part, a group, an action, or prose still to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role, make_lexicon, recognised
from agent.diagrams.prose_blocks import Block, Section
from agent.diagrams.prose_drafted import opening
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_leads import defined_kind, is_about_data
from agent.diagrams.prose_lists import Named, is_name, read_named, split_commas
from agent.diagrams.prose_mentions import is_weak, kind_of, read_sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import words

_GROUP = 3
"""Parts that an item must list to be a group."""
PART_WORDS = 6
"""Words of a part's name in a list."""
_SOMEBODY = 3
"""Words of a description in which it says that it describes people."""
_DOING = 60
"""Characters of a description in which it says what the part does."""
_PLATFORM = frozenset({Trait.CONTAINER, Trait.KUBERNETES, Trait.VIRTUAL_MACHINE})
OWN_PART = frozenset(
    {
        Trait.DATABASE,
        Trait.CACHE,
        Trait.QUEUE,
        Trait.STREAM,
        Trait.PUBSUB,
        Trait.OBJECT_STORAGE,
        Trait.SEARCH_INDEX,
        Trait.LOAD_BALANCER,
        Trait.GATEWAY,
        Trait.CDN,
        Trait.THIRD_PARTY,
        Trait.PAYMENT,
        Trait.IDENTITY_PROVIDER,
        Trait.LOG_STORE,
        Trait.MONITORING,
        Trait.SECRETS_MANAGER,
        Trait.LLM,
        Trait.VECTOR_STORE,
    }
)
"""What a technology is when it is a part of its own and not what another part is written in."""


@dataclass(frozen=True)
class Prose:
    """A piece of text that is still to be read as sentences."""

    text: str
    section: Section
    about: str = ""
    """The element, or the flow "A -> B", that it describes."""
    ordered: bool = False
    names: bool = True
    """Whether it may name new elements."""
    held: bool = False
    """Whether it only names data that lies in what it is about."""
    item: bool = False
    """Whether it is an item of a list without names."""
    follows: bool = False
    """Whether it goes on with the paragraph of the piece before."""


def said_kind(named: Named) -> ElementKind | None:
    """What an item says that it is when its name does not: the first words of its description."""
    own = kind_of(named.name)
    first = [t.word for t in tokens(opening(named.description)) if t.is_word][:_SOMEBODY]
    if load_prose_words().somebody & set(first):
        return ElementKind.EXTERNAL_ENTITY
    if (own is None or (is_weak(named.name) and own is ElementKind.DATA_STORE)) and _works(named):
        return ElementKind.PROCESS
    if not named.description or (own is not None and not is_bare_role(named.name)):
        return own
    if own is not None and is_action(named.description):
        return own
    defined = defined_kind(named)
    if own is None and defined is not None:
        return defined
    return load_technologies().read(opening(named.description)).kind or own


def _works(named: Named) -> bool:
    """Whether a description says what the part does: "consumes from Kafka", "read-only, backed by Solr"."""
    found = [t for t in tokens(named.description[:_DOING]) if t.is_word]
    form = load_prose_words().verbs.get(found[0].word) if found else None
    acts = form is not None and form.tense is Tense.THIRD and found[0].text == found[0].word
    return acts or "backed by" in " ".join(t.word for t in found)


def made_of(named: Named) -> tuple[str, ...]:
    """The products in the brackets behind a name that are of its kind: "Ticket storage (PostgreSQL)"."""
    note, kind = named.attributes.note, kind_of(named.name)
    if not note or kind is None or any(not t.is_role for t in recognised(named.name).technologies):
        return ()
    mentions = read_sentence(note, make_lexicon({}, ())).mentions
    made = [m for m in mentions if m.technologies and m.kind is kind]
    return made[0].technologies if len(made) == 1 else ()


def is_group(named: Named, block: Block) -> bool:
    """Whether the item lists parts under a name: "Edge layer: CDN, firewall, gateway"."""
    last = words(named.name)[-1:]
    if block.section is not Section.COMPONENT or not last or last[0] not in load_prose_words().groups:
        return False
    parts = split_commas(named.description)
    return len(parts) >= _GROUP and all(len(bare(p).split()) <= PART_WORDS for p in parts)


def cells(row: dict[str, str], *names: str) -> dict[str, str]:
    """The named cells of a row, as far as it has them."""
    return {name: row[name] for name in names if name in row}


def zone_title(zone: str) -> str:
    """A zone's name as people write it."""
    name = zone.removeprefix("tz-").replace("-", " ").replace("_", " ").strip()
    return name[:1].upper() + name[1:] if name else zone


def is_action(text: str) -> bool:
    """Whether the end of an arrow says what is done there and names nothing: "Stores the key in the safe"."""
    first, *others = text.lower().split()
    form = load_prose_words().verbs.get(first)
    return form is not None and form.tense is Tense.THIRD and len(others) > 1


def is_entry(block: Block) -> bool:
    """Whether a paragraph begins with the bold name of a part: "**Backup job.** Streams …"."""
    if block.section not in {Section.NEUTRAL, Section.COMPONENT} or not block.text.startswith("**"):
        return False
    named = read_named(block.text)
    return named is not None and bool(named.description) and kind_of(named.name) is not None


def bare(part: str) -> str:
    """A part of a list without the note in brackets behind it."""
    return part.partition(" (")[0].strip()


def is_asset_line(block: Block) -> bool:
    """Whether a paragraph names assets behind a colon."""
    named = read_named(block.text) if block.section is not Section.SILENT else None
    return named is not None and bool(named.description) and is_about_data(named.name)


def stand_in(name: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the words of a name stand in those of a heading that says more."""
    size = len(name)
    longer = size < len(said)
    return longer and any(tuple(said[at : at + size]) == tuple(name) for at in range(len(said) - size + 1))


def names_element(name: str) -> bool:
    """Whether a name says by itself that it is a part."""
    return is_name(name) and load_technologies().read(name).kind is not None


def places_only(technologies: Iterable[str]) -> bool:
    """Whether these only say where something runs."""
    return load_technologies().traits_of(technologies) <= _PLATFORM
