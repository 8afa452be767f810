"""Facts that a sentence states: controls that are there or missing, data, exposure; and about what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.controls import Holder, Statement, load_controls
from agent.catalog.data_kinds import DataKind, load_data_kinds
from agent.catalog.phrases import Match
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import ControlName, Trait
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_flows import Reading, Said
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_stance import stance
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Classification, Known
from agent.naming import is_plural

_AT = frozenset("on for at in inside within of to into behind around from across".split())
_SKIPPED = frozenset({"the", "a", "an", "our", "all", "every", "each", "its", "their", "this", "any", "both"})
_BY_NAME = frozenset(
    {
        ControlName.WAF,
        ControlName.SECRETS_MANAGEMENT,
        ControlName.NETWORK_RESTRICTION,
        ControlName.AUDIT_LOG,
        ControlName.MONITORING,
        ControlName.DEAD_LETTER,
    }
)
"""Controls that a product's name states: who has "AWS WAF" has a WAF."""
_HOLDING = frozenset("store hold contain keep have save include process handle persist".split())
_ASSET_WORDS = 3
_FILLERS = 4
"""Words between a control and the preposition after it."""


@dataclass(frozen=True)
class Context:
    """What a sentence stands under."""

    quote: str
    """The sentence as written."""
    about: str = ""
    """The element, or the flow "A -> B", that a list item describes."""


def read_held(sentence: Sentence, reading: Reading, context: Context, draft: Draft) -> None:
    """Adds where data lies, when the sentence says it: for lists of data, whose items are named already."""
    for match in load_data_kinds().of_text(sentence.found):
        for about in _data_about(sentence, reading, context, draft, match):
            if about:
                draft.add_fact(about, f"data:{match.payload.tag}", "yes", context.quote)


def read_facts(sentence: Sentence, reading: Reading, context: Context, draft: Draft) -> None:
    """Adds the controls, exposures and data that the sentence states to the draft."""
    for match in load_controls().book.longest(sentence.found):
        _statement(sentence, reading, context, draft, match)
    _identity(sentence, context, draft)
    _data(sentence, reading, context, draft)


def _statement(
    sentence: Sentence, reading: Reading, context: Context, draft: Draft, match: Match[Statement]
) -> None:
    covering = _covering(sentence, match)
    if covering and not _says_by_name(match, covering):
        return
    statement = match.payload
    if statement.control is None and statement.exposure is None:
        return
    said = stance(sentence, match.start, match.end)
    if match.denied:
        said = Known.NO if said is Known.YES else Known.UNKNOWN
    if said is Known.UNKNOWN or _is_goods(sentence, match):
        return
    if statement.exposure is not None:
        about = _about(sentence, reading, context, draft, match, on_flow=False)
        if about and said is Known.YES:
            draft.add_fact(about, "exposure", statement.exposure.value, context.quote)
        return
    control = statement.control
    if control is None:
        return
    present = (said is Known.YES) == statement.present
    about = _about(sentence, reading, context, draft, match, on_flow=control.kept is not Holder.ELEMENT)
    if about is None:
        return
    value = Known.YES.value if present else Known.NO.value
    facts = [f"control:{control.name}", control.sets, *(control.implies if present else ())]
    for fact in dict.fromkeys(f for f in facts if f):
        draft.add_fact(about, fact, value, context.quote)


def _is_goods(sentence: Sentence, match: Match[Statement]) -> bool:
    """Whether a proof of identity is what is handed out or kept: "issues a JWT", "stores API keys"."""
    control = match.payload.control
    if control is None or control.name is not ControlName.AUTHENTICATION or match.start in sentence.verbs:
        return False
    governing = sentence.verbs.get(_governing(sentence, match.start))
    return governing is not None and governing.form.base in load_prose_words().goods_verbs


def _covering(sentence: Sentence, match: Match[Statement]) -> Mention | None:
    """The mention whose name is longer than the phrase and holds it: "Login Function" states no login."""
    for mention in sentence.mentions:
        if mention.start <= match.start and match.end <= mention.end:
            longer = mention.end - mention.start > match.end - match.start
            return mention if longer or mention.known else None
    return None


def _says_by_name(match: Match[Statement], covering: Mention) -> bool:
    control = match.payload.control
    if control is None:
        return True
    return control.name in _BY_NAME and not covering.known


def _about(
    sentence: Sentence,
    reading: Reading,
    context: Context,
    draft: Draft,
    match: Match[Statement],
    *,
    on_flow: bool,
) -> str | None:
    """What the statement is about: a name, "A -> B", or the whole system; None when that is not clear."""
    around = _between(sentence, draft) if on_flow else None
    if around:
        return around
    governing = _governing(sentence, match.start)
    flow = next((f for f in reversed(reading.flows) if f.verb == governing), None) if governing >= 0 else None
    if flow and on_flow:
        if flow.source.person and _identifies(flow.target):
            return _name(draft, flow.source, context)
        return f"{_name(draft, flow.source, context)} -> {_name(draft, flow.target, context)}"
    if flow and governing < match.start:
        return _name(draft, flow.source, context)
    after = _nameable(draft, [m for m in (_object_after(sentence, match.end),) if m])
    if after:
        return _name(draft, after[0], context)
    place = _place(sentence)
    if place:
        return place
    doers = _nameable(draft, reading.doers.get(match.start, ()))
    if doers and not sentence.verbs[match.start].passive:
        return _name(draft, doers[0], context)
    nameable = _nameable(draft, sentence.mentions)
    inside = [m for m in nameable if match.start <= m.start and m.end <= match.end and not _same(m, match)]
    if inside:
        return _name(draft, inside[0], context)
    if flow:
        return _name(draft, flow.target, context)
    return _subject(sentence, reading, context, draft, match, governing)


def _identifies(mention: Mention) -> bool:
    """Whether who talks to this is told apart by it: an identity provider."""
    return Trait.IDENTITY_PROVIDER in load_technologies().traits_of(mention.technologies)


def _subject(
    sentence: Sentence,
    reading: Reading,
    context: Context,
    draft: Draft,
    match: Match[Statement],
    governing: int,
) -> str | None:
    doers = _nameable(draft, reading.doers.get(governing, ()))
    if doers and not _same(doers[0], match):
        return _name(draft, doers[0], context)
    before = [m for m in _nameable(draft, sentence.mentions) if m.end <= match.start and not _same(m, match)]
    if before and not _parted(sentence, before[-1].end, match.start):
        return _name(draft, before[-1], context)
    if context.about:
        return context.about
    if reading.subject and not sentence.mentions:
        return _name(draft, reading.subject, context)
    others = [
        m
        for m in _nameable(draft, sentence.mentions)
        if not (m.start < match.end and match.start < m.end) and not _agent(sentence, m)
    ]
    if match.payload.exposure is not None:
        whole = [m for m in sentence.mentions if m.start <= match.start and match.end <= m.end]
        return _name(draft, whole[0], context) if whole else None
    universal = any(t.word in load_prose_words().universal for t in sentence.found)
    return "" if not others or universal else None


def _same(mention: Mention, match: Match[Statement]) -> bool:
    """Whether the mention is the control itself: "AWS WAF"."""
    return mention.start <= match.start and match.end <= mention.end


def _parted(sentence: Sentence, start: int, end: int) -> bool:
    return any(
        t.stem in {";", ":", ".", "—", "–"} or t.word in {"but", "while"} for t in sentence.found[start:end]
    )


def _name(draft: Draft, mention: Mention, context: Context | None = None) -> str:
    """The element's own name; what the item describes when the mention is no element's name."""
    own = draft.means(mention)
    if own:
        return draft.name_of(own)
    if context and context.about and not mention.known:
        return context.about
    return mention.name


def _nameable(draft: Draft, mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions that can be what a statement is about: not "the process", unless an element is called so."""
    return [
        m
        for m in mentions
        if m.known
        or draft.means(m)
        or not (m.weak or m.proper or draft.closed)
        or (draft.closed and is_plural(m.name) and not (m.weak or m.proper))
    ]


def _between(sentence: Sentence, draft: Draft) -> str:
    """ "A -> B" for "between A and B"; the one name for "between the services"."""
    place = next((i for i, t in enumerate(sentence.found) if t.word == "between"), -1)
    if place < 0:
        return ""
    ends = [m for m in sentence.mentions if m.start > place][:2]
    if not ends or ends[0].start - place > 3:  # noqa: PLR2004 - "between all of the"
        return ""
    if len(ends) == 2 and any(t.word == "and" for t in sentence.found[ends[0].end : ends[1].start]):  # noqa: PLR2004
        return f"{_name(draft, ends[0])} -> {_name(draft, ends[1])}"
    return ends[0].name


def _governing(sentence: Sentence, start: int) -> int:
    """The verb that the phrase belongs to: the last one before it in its clause, or the one it begins with."""
    for at in range(start, -1, -1):
        if at in sentence.verbs:
            return at
        if at < start and (
            sentence.found[at].stem in {";", ":", "."} or sentence.found[at].word in {"but", "while"}
        ):
            return -1
    return -1


def _object_after(sentence: Sentence, end: int) -> Mention | None:
    """The mention that follows the phrase: "a WAF in front of the shop", "TLS ends at the gateway"."""
    at = _past_bracket(sentence, end)
    direct = at
    fillers = load_prose_words().fillers
    for _ in range(_FILLERS):
        if at < len(sentence.found) and (sentence.found[at].word in fillers or _still(sentence, at)):
            at += 1
    words = [t.word for t in sentence.found[at : at + 3]]
    if words == ["in", "front", "of"]:
        at += 3
    elif words[:1] and (words[0] in _AT or (words[0] == "by" and at > direct)):
        at += 1
    elif at > direct:
        return None
    while at < len(sentence.found) and sentence.found[at].word in _SKIPPED:
        at += 1
    return next((m for m in sentence.mentions if m.start == at), None)


def _still(sentence: Sentence, at: int) -> bool:
    """Whether a verb stands here that moves no data: "is enforced", "terminates"."""
    tagged = sentence.verbs.get(at)
    return tagged is not None and (tagged.form.verb is None or tagged.passive)


def _agent(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention only does what is said: "scanned by the gatekeeper"."""
    at = mention.start - 1
    while at >= 0 and sentence.found[at].word in _SKIPPED:
        at -= 1
    return at >= 0 and sentence.found[at].word == "by"


def _past_bracket(sentence: Sentence, end: int) -> int:
    """The place after an aside in brackets that begins here."""
    if end < len(sentence.found) and sentence.found[end].stem == "(":
        closing = next((i for i in range(end, len(sentence.found)) if sentence.found[i].stem == ")"), end - 1)
        return closing + 1
    return end


def _place(sentence: Sentence) -> str:
    """The place that a statement is about: "inside the cluster", "service to service"; empty when none is."""
    table = load_prose_words()
    if table.inner.all(sentence.found):
        return "services"
    for match in table.places.longest(sentence.found):
        start = match.start
        while start > 0 and sentence.found[start - 1].word in _SKIPPED:
            start -= 1
        if start > 0 and sentence.found[start - 1].word in {"inside", "within"}:
            return sentence.words(match.start, match.end)
    return ""


def _identity(sentence: Sentence, context: Context, draft: Draft) -> None:
    """ "Cognito for customers": who comes through an identity provider is authenticated."""
    table = load_technologies()
    for mention in sentence.mentions:
        if Trait.IDENTITY_PROVIDER not in table.traits_of(mention.technologies):
            continue
        after = mention.end
        if after < len(sentence.found) and sentence.found[after].word == "for":
            person = _object_after(sentence, after)
            if person and person.person and stance(sentence, mention.start, mention.end) is Known.YES:
                about = _name(draft, person, context)
                draft.add_fact(about, f"control:{ControlName.AUTHENTICATION}", "yes", context.quote)
                draft.add_fact(about, "authenticated", "yes", context.quote)


def _data(sentence: Sentence, reading: Reading, context: Context, draft: Draft) -> None:
    """Data that the sentence names, with an asset for each kind."""
    seen: set[str] = set()
    for match in load_data_kinds().of_text(sentence.found):
        if any(m.start <= match.start and match.end <= m.end for m in sentence.mentions):
            continue
        if match.payload.tag in seen or _no_data(sentence, match) or _has_verb(sentence, match):
            continue
        seen.add(match.payload.tag)
        kind = match.payload
        draft.add_asset(_asset_name(sentence, match), kind.tag, kind.classification, context.quote)
        for about in _data_about(sentence, reading, context, draft, match):
            draft.add_fact(about, f"data:{kind.tag}", "yes", context.quote)


def _has_verb(sentence: Sentence, match: Match[DataKind]) -> bool:
    """Whether a verb stands inside: "customers order" is no customer's order."""
    return any(at in sentence.verbs for at in range(match.start, match.end))


def _no_data(sentence: Sentence, match: Match[DataKind]) -> bool:
    """Whether the words name no data here: "credential theft", "trade-offs", "no passwords"."""
    words = load_prose_words()
    after = sentence.found[match.end] if match.end < len(sentence.found) else None
    if after and (
        after.stem in words.about_data
        or (after.stem == "-" and after.start == sentence.found[match.end - 1].end)
    ):
        return True
    near = sentence.found[max(0, match.start - 4) : match.start]
    return any(t.word in words.negations for t in near) or bool(words.threat_talk.all(sentence.found))


def _data_about(
    sentence: Sentence, reading: Reading, context: Context, draft: Draft, match: Match[DataKind]
) -> Sequence[str]:
    """Where the data is: on the flow that the sentence states, in what holds it, or not said."""
    flows = [f for f in reading.flows if _carries(sentence, f, match)]
    if flows:
        return [f"{_name(draft, f.source, context)} -> {_name(draft, f.target, context)}" for f in flows]
    governing = _governing(sentence, match.start)
    if governing < 0:
        governing = next((at for at in sorted(sentence.verbs) if at >= match.end), -1)
    tagged = sentence.verbs.get(governing)
    doers = reading.doers.get(governing, ())
    if tagged and tagged.passive:
        holders = [m for m in sentence.mentions if m.start > governing and _preposed(sentence, m)]
        return [_name(draft, m, context) for m in holders[:1]] or [context.about]
    if doers and (tagged is None or tagged.form.verb is None or tagged.form.base in _HOLDING):
        return [_name(draft, m, context) for m in doers]
    return [context.about]


def _carries(sentence: Sentence, flow: Said, match: Match[DataKind]) -> bool:
    nearest = _governing(sentence, match.start)
    return flow.verb == nearest


def _preposed(sentence: Sentence, mention: Mention) -> bool:
    at = mention.start - 1
    while at >= 0 and sentence.found[at].word in _SKIPPED:
        at -= 1
    return at >= 0 and sentence.found[at].word in {"in", "into", "on", "to", "at"}


def _asset_name(sentence: Sentence, match: Match[DataKind]) -> str:
    """The noun phrase that names the data: "Patient notes" in "patient notes are health data"."""
    words = load_prose_words()
    start = match.start
    while start > 0 and match.start - start < _ASSET_WORDS:
        before = sentence.found[start - 1]
        if not before.is_word or before.word in words.function_words or start - 1 in sentence.verbs:
            break
        start -= 1
    text = sentence.words(start, match.end)
    return text[:1].upper() + text[1:]


def read_asset(name: str, description: str, quote: str, draft: Draft) -> None:
    """An item of a list of data: "**Loyalty cards**: number and owner"."""
    table = load_data_kinds()
    kinds = table.of_store(name) or table.of_store(description)
    if kinds:
        worst = max(kinds, key=lambda kind: list(Classification).index(kind.classification))
        draft.add_asset(name, worst.tag, worst.classification, quote)
