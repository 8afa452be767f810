"""Which mentions are parts of the system, told from the sentence around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_stance import planned, stance
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind, Known
from agent.naming import is_plural, key, words

_NEAR_START = 5
"""Words from the start of a sentence in which "has" stands."""
_ARTICLE = 1
_NEAR_ANY = 9
_NEAR_EXAMPLE, _FAR_EXAMPLE = 6, 24
_EXAMPLES = ("e.g", "such as", "for example")
"""Words back to "any"."""
_PUTTING = frozenset({"drop", "schedule", "trigger"})
_NEAR_VERB = 3
"""Words between a verb and what is put somewhere."""
_MAKING = frozenset({"bundling", "building", "linting", "testing", "formatting", "packaging", "styling"})
_GROUND = frozenset({Trait.CONTAINER, Trait.KUBERNETES, Trait.VIRTUAL_MACHINE})
_OURS = frozenset({ElementKind.PROCESS, ElementKind.DATA_STORE})
_OFTEN = 3
"""Times that a long text names a part which counts although no flow ends there."""
_SEVERAL = 2
_OUTSIDE = ElementKind.EXTERNAL_ENTITY
_PREDICATES = frozenset({"is", "are", "as", "like", "was", "be", "becomes", "called"})


def is_vague(mention: Mention) -> bool:
    """Whether the name says of no part which one it is: "the server"."""
    return is_bare_role(mention.name) and set(words(mention.name)) <= load_prose_words().vague


def is_distinct(mention: Mention) -> bool:
    """Whether a mention that no list has is still one part: not "other services", not "the system"."""
    if mention.weak or (mention.proper and not mention.code):
        return False
    if mention.kind is ElementKind.PROCESS and is_vague(mention):
        return False
    return (
        bool(mention.technologies)
        or mention.person
        or mention.code
        or not is_plural(mention.name)
        or (mention.kind is not ElementKind.PROCESS and mention.kind is not None)
    )


def named_often(read: Iterable[Sentence]) -> frozenset[str]:
    """The keys of the names that the text gives at least three times."""
    counted = Counter(key(m.name) for sentence in read for m in sentence.mentions)
    return frozenset(name for name, times in counted.items() if times >= _OFTEN)


def meaning(sentence: Sentence, ends: Mapping[str, str]) -> Sentence:
    """The sentence, with "the server" taken for the "alarm server" that the text means by it.

    Args:
        sentence: cut and tagged.
        ends: last words of names, and the names.
    """
    if not ends:
        return sentence

    def meant(mention: Mention) -> Mention:
        bare = mention.definite and not mention.known and is_bare_role(mention.name)
        own = words(mention.name)
        name = ends.get(own[-1], "") if bare and len(own) == 1 else ""
        return replace(mention, name=name, known=True) if name else mention

    return replace(sentence, mentions=tuple(meant(m) for m in sentence.mentions))


def described(sentence: Sentence, about: str) -> Sentence:
    """The sentence, with the noun that an item begins with taken for what the item names.

    "Back office: an admin app used by the owners" says that the owners use the back office.
    """
    first = next(iter(sentence.mentions), None)
    found, grammar = sentence.found, load_prose_words().grammar
    at = 1 if found and found[0].word in {"a", "an", "the", "our"} else 0
    if first is None or first.start != at or first.known or first.person or first.owner:
        return sentence
    if first.kind is not ElementKind.PROCESS:
        return sentence
    after = found[first.end] if first.end < len(found) else None
    tagged = sentence.verbs.get(first.end)
    told = tagged.passive if tagged else after is not None and after.word in grammar.relative
    if not told:
        return sentence
    own = replace(first, name=about, known=True)
    return replace(sentence, mentions=(own, *sentence.mentions[1:]))


def introduces(sentence: Sentence) -> tuple[Mention, ...]:
    """The part that an item of a list introduces: "A sorting server that …", not "A user can wait"."""
    first = next((m for m in sentence.mentions if not m.owner), None)
    found, grammar = sentence.found, load_prose_words().grammar
    if first is None or first.start != 1 or found[0].word not in {"a", "an", "one"} or first.person:
        return ()
    after = found[first.end].word if first.end < len(found) else ""
    tagged = sentence.verbs.get(first.end)
    if after in grammar.finite | grammar.modals or (tagged and tagged.form.tense is not Tense.GERUND):
        passive = tagged is not None and tagged.passive
        if not passive:
            return ()
    if first.kind is None or first.weak or (first.kind is _OUTSIDE and is_bare_role(first.name)):
        return ()
    on = first.kind is _OUTSIDE and after in load_prose_words().place_prepositions
    return (replace(first, kind=ElementKind.PROCESS) if on else first,)


def parts_of_whole(sentence: Sentence) -> tuple[Mention, ...]:
    """The parts that "the system has three parts: A, B and C" lists."""
    match = next(iter(load_prose_words().wholes.longest(sentence.found)), None)
    if match is None or planned(sentence):
        return _had(sentence)
    listed = [m for m in sentence.mentions if m.start >= match.end and not m.owner and not is_plural(m.name)]
    counts = len(listed) >= _SEVERAL and stance(sentence, match.start, match.end) is Known.YES
    return tuple(m for m in listed if m.kind is not None and not is_vague(m)) if counts else ()


def _had(sentence: Sentence) -> tuple[Mention, ...]:
    """The parts of "a hive has queen agents and drone agents": several, each with a word that tells which."""
    words, found = load_prose_words(), sentence.found
    at = next((i for i, t in enumerate(found[:_NEAR_START]) if t.word in words.having), 0)
    parts = [m for m in sentence.mentions if m.start > at and not m.owner]
    if not at or planned(sentence) or len(parts) < _SEVERAL or parts[0].start > at + 1 + _ARTICLE:
        return ()
    for before, after in pairwise(parts):
        between = {t.word or t.stem for t in found[before.end : after.start]}
        if not between <= words.articles | words.grammar.lists | {","}:
            return ()
    telling = all(m.kind in _OURS and not m.weak and m.end - m.start > 1 for m in parts)
    return tuple(parts) if telling and stance(sentence, at, at + 1) is Known.YES else ()


def is_example(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention only serves as an example: "(e.g. by using git)", "such as Redis"."""
    near = sentence.words(max(0, mention.start - _NEAR_EXAMPLE), mention.start).lower()
    if any(mark in near for mark in (*_EXAMPLES, "like ", "similar to", "instead of")):
        return True
    start = mention.start  # the last of "such as a meter, a relay, a tariff switch or a display"
    while start > 0 and mention.start - start < _FAR_EXAMPLE and start - 1 not in sentence.verbs:
        start -= 1
    return any(mark in sentence.words(start, mention.start).lower() for mark in _EXAMPLES)


def is_any(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention means whatever there is of a kind: "runs any container or batch program"."""
    at = mention.start - 1
    while at >= 0 and mention.start - at <= _NEAR_ANY and at not in sentence.verbs:
        token = sentence.found[at]
        if token.word in {"any", "diverse", "arbitrary"}:
            return True
        if not token.is_word and token.stem not in {",", "-"}:
            return False
        at -= 1
    return False


def is_owned_role(mention: Mention) -> bool:
    """Whether the name is only a role of another's: "the daemon's process"."""
    owner, _, rest = mention.name.replace("’", "'").partition("'s ")
    return bool(rest) and bool(owner) and set(words(rest)) <= load_prose_words().vague


def is_part_of_store(sentence: Sentence, mention: Mention) -> bool:
    """Whether the store that a mention names lies in a product: "a table in RDS", "queue in Redis"."""
    if mention.kind is not ElementKind.DATA_STORE or mention.technologies:
        return False
    whole = next((m for m in sentence.mentions if m.start >= mention.end), None)
    if whole is None or whole.kind is not ElementKind.DATA_STORE or not whole.technologies:
        return False
    between = [t.word for t in sentence.found[mention.end : whole.start] if t.word]
    return between in (["in"], ["on"])


def is_queued(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention is only what somebody puts somewhere: "drops a job on the queue"."""
    before = sentence.found[mention.start - 1].word if mention.start else ""
    if before not in {"a", "an"} or not is_bare_role(mention.name):
        return False
    at = max((v for v in sentence.verbs if v < mention.start), default=-1)
    return (
        at >= max(0, mention.start - _NEAR_VERB)
        and sentence.verbs[at].form.base in load_prose_words().carried | _PUTTING
    )


def is_tool(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention is only what parts are made with: "Vite for bundling"."""
    ahead = [t.word for t in sentence.found[mention.end : mention.end + 2]]
    return ahead[:1] == ["for"] and ahead[-1] in _MAKING


def is_made_or_put(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention is a tool that parts are made with, or only what is put somewhere."""
    return is_tool(sentence, mention) or is_queued(sentence, mention)


def is_keeper(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention only says whose a part is: "the portal belongs to a partner"."""
    if mention.kind is not _OUTSIDE or mention.technologies or not is_bare_role(mention.name):
        return False
    at = max((v for v in sentence.verbs if v < mention.start), default=-1)
    return at >= 0 and sentence.verbs[at].form.base == "belong"


def is_ground(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention is only what a part runs on: "the API is Flask on ECS"."""
    before = sentence.found[mention.start - 1].word if mention.start else ""
    traits = load_technologies().traits_of(mention.technologies)
    another = any(m.end == mention.start - 1 and m.kind is ElementKind.PROCESS for m in sentence.mentions)
    return before == "on" and another and bool(traits & _GROUND) and not mention.known


def is_predicate(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention only says what something is: "the ledger is a database"."""
    at = mention.start - 1
    while at >= 0 and sentence.found[at].word in load_prose_words().articles:
        at -= 1
    return at >= 0 and sentence.found[at].word in _PREDICATES
