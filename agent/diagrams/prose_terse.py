"""Terse texts: notes without articles, with short names for parts that are named in full elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from agent.catalog.phrases import tokens
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_flows import read_flows
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import is_plural, words

_ENOUGH = 12
"""Words from which on a text shows whether it has articles."""
_RARE = 0.025
"""Articles for each word below which a text is written without them."""
_ARTICLES = frozenset({"the", "a", "an"})
_CODE = re.compile(r"(?<![\w-])[a-z][a-z0-9]+(?:[-_][a-z][a-z0-9]+)+(?![\w-])")
_PARTS_OF = re.compile(r"[-_]")
_LEADING = frozenset(
    {
        "self",
        "real",
        "long",
        "third",
        "end",
        "pre",
        "post",
        "non",
        "multi",
        "high",
        "low",
        "full",
        "cross",
        "semi",
    }
    | {"sub", "anti", "co", "re", "well", "back", "front", "opt", "time", "server", "client", "peer", "point"}
)
"""First words of compounds that are no names: "third-party"."""
_INITIALS = 3
"""Words of a name at least whose first letters are its short name."""


def is_terse(texts: Iterable[str]) -> bool:
    """Whether a text is written without articles, so that "api" means "the api"."""
    said = [t.word for text in texts for t in tokens(text) if t.is_word]
    return len(said) >= _ENOUGH and sum(w in _ARTICLES for w in said) < _RARE * len(said)


def definite(sentence: Sentence) -> Sentence:
    """The sentence of a terse text, with bare roles as if "the" stood before them."""

    def meant(mention: Mention) -> Mention:
        bare = not mention.person and not is_plural(mention.name) and is_bare_role(mention.name)
        before = sentence.found[mention.start - 1].word if mention.start else ""
        return replace(mention, definite=True) if bare and before not in {"a", "an"} else mention

    return replace(sentence, mentions=tuple(meant(m) for m in sentence.mentions))


def initials(names: Iterable[str], texts: Sequence[str]) -> dict[str, str]:
    """The short names of these that the text uses: "HES" for "head end system"."""
    said = {t.text for text in texts for t in tokens(text) if t.text.isupper()}
    found: dict[str, str] = {}
    for name in names:
        own = [t.text for t in tokens(name) if t.is_word]
        short = "".join(w[0] for w in own).upper()
        if len(own) >= _INITIALS and short in said:
            found[short] = name
    return found


def codes(texts: Sequence[str]) -> dict[str, str]:
    """Names written like those of programs that a text gives again and again: "recon-sftp"."""
    counted = Counter(m.group() for text in texts for m in _CODE.finditer(text))
    words = load_prose_words()
    return {
        name: name
        for name, times in counted.items()
        if times > 1 and _PARTS_OF.split(name)[0] not in _LEADING | words.function_words | words.verbs.keys()
    }


def met(read: Iterable[Sentence]) -> dict[str, str]:
    """Nouns of no table that send something or take it somewhere, with the name that each one means.

    "ingest" of "ingest validates and puts it on the queue" means "ingest endpoint" where the text has that.
    """
    read = list(read)
    mentions = [m for s in read for m in s.mentions]
    found: dict[str, str] = {}
    for sentence in read:
        for flow in read_flows(sentence).flows:
            for one, other in ((flow.source, flow.target), (flow.target, flow.source)):
                if one.guess and not one.definite and (other.kind is not None or other.known):
                    found.setdefault(one.name, _longer(one, mentions))
    return found


def _longer(noun: Mention, mentions: Sequence[Mention]) -> str:
    own = words(noun.name)
    fits = {m.name for m in mentions if not m.guess and words(m.name)[: len(own)] == own and _is_ours(m)}
    return fits.pop() if len(fits) == 1 else noun.name


def _is_ours(mention: Mention) -> bool:
    return mention.kind in {ElementKind.PROCESS, ElementKind.DATA_STORE}


def people_of(read: Iterable[Sentence]) -> dict[str, Mention]:
    """What last words such as "agent" mean in a text that speaks of people by them: "support agents"."""
    people: dict[str, Mention] = {}
    programs: dict[str, Mention] = {}
    shared = load_prose_words().also_machines
    for sentence in read:
        for mention in sentence.mentions:
            last = words(mention.name)[-1:]
            if not last or last[0] not in shared or len(words(mention.name)) == 1:
                continue
            if mention.person:
                people.setdefault(last[0], mention)
            else:
                programs.setdefault(last[0], mention)
    only = {last: mention for last, mention in people.items() if last not in programs}
    return only | {last: mention for last, mention in programs.items() if last not in people}


def as_people(sentence: Sentence, people: Mapping[str, Mention]) -> Sentence:
    """The sentence, with "agents" taken for the "support agents" that the text means by it."""
    if not people:
        return sentence

    def meant(mention: Mention) -> Mention:
        own = words(mention.name)
        full = people.get(own[0]) if len(own) == 1 and not mention.known else None
        if full is None:
            return mention
        if not full.person and (is_plural(mention.name) or mention.kind is not ElementKind.EXTERNAL_ENTITY):
            return mention
        return replace(full, start=mention.start, end=mention.end, owner=mention.owner)

    return replace(sentence, mentions=tuple(meant(m) for m in sentence.mentions))
