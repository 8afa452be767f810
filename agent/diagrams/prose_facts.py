"""Facts that a sentence states: controls that are there or missing, data, exposure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.controls import Holder, Statement, load_controls
from agent.catalog.data_kinds import DataKind, load_data_kinds
from agent.catalog.phrases import Match
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import ControlName, DataTag, Trait
from agent.diagrams.prose_about import About, Context, Place, preposed
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_said import Reading
from agent.diagrams.prose_stance import stance
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Known

_BY_NAME = frozenset(
    {
        ControlName.WAF,
        ControlName.SECRETS_MANAGEMENT,
        ControlName.NETWORK_RESTRICTION,
        ControlName.AUDIT_LOG,
        ControlName.MONITORING,
        ControlName.DEAD_LETTER,
        ControlName.BACKUP,
    }
)
"""Controls that a product's name states: who has "AWS WAF" has a WAF."""
_INTO = frozenset({"in", "into", "on", "to", "at"})
_ASSET_WORDS = 3
_KEYS = frozenset({DataTag.TOKENS, DataTag.SECRETS, DataTag.CREDENTIALS})
"""What one word says no more of than its kind: "with a secret", "a password"."""
_ONE = frozenset({"a", "an", "each", "every", "one", "per", "another", "their", "his", "her"})
"""Words before one of many: who issues "a refund" has refunds."""
_LOGS = frozenset({Trait.LOG_STORE, Trait.MONITORING})
_MATERIAL = frozenset({"key", "certificate", "cert", "seed"})
_NEAR_NO = 4
"""Words before data in which a negation denies it."""


class FactReader:
    """Reads what one sentence states into the draft."""

    def __init__(self, sentence: Sentence, reading: Reading, context: Context, draft: Draft) -> None:
        self.sentence = sentence
        self.reading = reading
        self.context = context
        self.draft = draft
        self.about = About(sentence, reading, context, draft)

    def read(self) -> None:
        """Controls, exposures, identity and data."""
        for match in load_controls().book.longest(self.sentence.found):
            self._statement(match)
        self._identity()
        self._data()

    def read_held(self) -> None:
        """Only where data lies, when the sentence says it: for lists whose items are named already."""
        for match in load_data_kinds().of_text(self.sentence.found):
            for about in self._data_about(match):
                if about:
                    self.draft.add_fact(about, f"data:{match.payload.tag}", "yes", self.context.quote)

    def read_listed(self) -> None:
        """Data that an item of a list names, which lies in what the list is about."""
        seen: set[str] = set()
        for match in load_data_kinds().of_text(self.sentence.found):
            kind = match.payload
            if kind.tag not in seen:
                seen.add(kind.tag)
                self.draft.add_asset(
                    self._asset_name(match), kind.tag, kind.classification, self.context.quote
                )
                self.draft.add_fact(self.context.about, f"data:{kind.tag}", "yes", self.context.quote)

    def _statement(self, match: Match[Statement]) -> None:
        statement = match.payload
        if statement.exposure is None and not self._counts(match):
            return
        said = self._said(match)
        if said is Known.UNKNOWN or self._is_goods(match) or self._is_logging(match):
            return
        place = Place(match.start, match.end)
        if statement.exposure is not None:
            for about in self.about.exposed(place) if said is Known.YES else ():
                if about:
                    self.draft.add_fact(about, "exposure", statement.exposure.value, self.context.quote)
        elif statement.control is not None:
            self._control(match, place, present=(said is Known.YES) == statement.present)

    def _control(self, match: Match[Statement], place: Place, *, present: bool) -> None:
        control = match.payload.control
        if control is None:
            return
        value = Known.YES.value if present else Known.NO.value
        facts = [f"control:{control.name}", control.sets, *(control.implies if present else ())]
        for about in self.about.of(place, on_flow=control.kept is not Holder.ELEMENT, reach=control.reach):
            for fact in dict.fromkeys(f for f in facts if f):
                self.draft.add_fact(about, fact, value, self.context.quote)

    def _said(self, match: Match[Statement]) -> Known:
        said = stance(self.sentence, match.start, match.end)
        if not match.denied:
            return said
        return Known.NO if said is Known.YES else Known.UNKNOWN

    def _is_goods(self, match: Match[Statement]) -> bool:
        """Whether a proof of identity is what is handed out or kept: "issues a JWT", "stores API keys"."""
        control = match.payload.control
        verbs = self.sentence.verbs
        if control is None or match.start in verbs:
            return False
        if control.name is not ControlName.AUTHENTICATION and not self._is_material(match):
            return False
        governing = verbs.get(self.about.governing(match.start))
        return governing is not None and governing.form.base in load_prose_words().goods_verbs

    def _is_logging(self, match: Match[Statement]) -> bool:
        """Whether "logging in" is no sign-in: "central logging in Splunk"."""
        found = self.sentence.found[match.start : match.end + 1]
        if [t.word for t in found[:2]] != ["logging", "in"]:
            return False
        place = match.start + 2
        named = next((m for m in self.sentence.mentions if m.start == place), None)
        return named is not None and bool(load_technologies().traits_of(named.technologies) & _LOGS)

    def _is_material(self, match: Match[Statement]) -> bool:
        """Whether only the key of a protection is named: "stores the TLS private key"."""
        after = [t.stem for t in self.sentence.found[match.end : match.end + 2]]
        return bool(set(after) & _MATERIAL)

    def _counts(self, match: Match[Statement]) -> bool:
        """Whether a control that stands inside a longer name is stated by it."""
        covering = self._covering(match)
        control = match.payload.control
        if covering is None or control is None:
            return control is not None
        if control.name is ControlName.AUTHENTICATION and self._is_way_in(covering):
            return True
        return control.name in _BY_NAME and not covering.known

    def _is_way_in(self, mention: Mention) -> bool:
        """Whether a product is named by what people do: "sign in with Google"."""
        found = self.sentence.found[mention.start : mention.start + 2]
        return [t.word for t in found] in (["sign", "in"], ["log", "in"])

    def _covering(self, match: Match[Statement]) -> Mention | None:
        """The mention whose name is longer than the phrase and holds it: "Login Function" states no login."""
        for mention in self.sentence.mentions:
            if mention.start <= match.start and match.end <= mention.end:
                longer = mention.end - mention.start > match.end - match.start
                return mention if longer or mention.known else None
        return None

    def _identity(self) -> None:
        """Who comes through an identity provider is authenticated: "Cognito for customers"."""
        table = load_technologies()
        found = self.sentence.found
        for mention in self.sentence.mentions:
            if Trait.IDENTITY_PROVIDER not in table.traits_of(mention.technologies):
                continue
            if mention.end >= len(found) or found[mention.end].word != "for":
                continue
            people = [m for m in self.sentence.mentions if (m.person or m.known) and m.start > mention.end]
            served = preposed(self.about, people[:1], frozenset({"for"}))
            if served and stance(self.sentence, mention.start, mention.end) is Known.YES:
                about = self.about.name(served[0])
                for fact in (f"control:{ControlName.AUTHENTICATION}", "authenticated"):
                    self.draft.add_fact(about, fact, "yes", self.context.quote)

    def _data(self) -> None:
        """Data that the sentence names, with an asset for each kind."""
        seen: set[str] = set()
        for match in load_data_kinds().of_text(self.sentence.found):
            kind = match.payload
            if kind.tag in seen or not self._is_data(match):
                continue
            seen.add(kind.tag)
            self.draft.add_asset(self._asset_name(match), kind.tag, kind.classification, self.context.quote)
            for about in self._data_about(match):
                self.draft.add_fact(about, f"data:{kind.tag}", "yes", self.context.quote)

    def _is_data(self, match: Match[DataKind]) -> bool:
        """Whether the words name data here: not in "credential theft", "trade-offs", "no passwords"."""
        words, found = load_prose_words(), self.sentence.found
        if any(m.start <= match.start and match.end <= m.end for m in self.sentence.mentions):
            return False
        if any(at in self.sentence.verbs for at in range(match.start, match.end)):
            return False
        after = found[match.end] if match.end < len(found) else None
        glued = after is not None and after.stem == "-" and after.start == found[match.end - 1].end
        if glued or (after is not None and after.stem in words.about_data):
            return False
        near = found[max(0, match.start - _NEAR_NO) : match.start]
        return not any(t.word in words.negations for t in near) and not self.sentence.speaks_of_attacks

    def _data_about(self, match: Match[DataKind]) -> Sequence[str]:
        """Where the data is: on the flow that the sentence states, in what holds it, or not said."""
        governing = self.about.governing(match.start)
        flows = [f for f in self.reading.flows if f.verb == governing]
        if flows:
            return [f"{self.about.name(f.source)} -> {self.about.name(f.target)}" for f in flows]
        if governing < 0:
            governing = next((at for at in sorted(self.sentence.verbs) if at >= match.end), -1)
        tagged = self.sentence.verbs.get(governing)
        if tagged and tagged.passive:
            later = [m for m in self.sentence.mentions if m.start > governing]
            return [self.about.name(m) for m in preposed(self.about, later, _INTO)[:1]] or [
                self.context.about
            ]
        doers = self.reading.doers.get(governing, ())
        holding = load_prose_words().holding_verbs
        if doers and (tagged is None or tagged.form.verb is None or tagged.form.base in holding):
            return [self.about.name(m) for m in doers]
        held = self.about.holder(match.start) if tagged and tagged.form.base in holding else ""
        return [held or self.context.about]

    def _asset_name(self, match: Match[DataKind]) -> str:
        """The noun phrase that names the data: "Loyalty card numbers"."""
        words = load_prose_words()
        if match.payload.tag is DataTag.PUBLIC:
            return match.payload.name
        defined = self._defined(match.start)
        if defined:
            return defined
        start = match.start
        while start > 0 and match.start - start < _ASSET_WORDS:
            before = self.sentence.found[start - 1]
            if not before.is_word or before.word in words.function_words or start - 1 in self.sentence.verbs:
                break
            start -= 1
        if 0 < start < match.start and self.sentence.found[start - 1].text == "-":
            start += 1  # what is left of a compound: "lived" of "short-lived access token"
        if match.payload.tag in _KEYS and match.end - start == 1:
            return match.payload.name
        end = match.end
        while end > start + 1 and self.sentence.found[end - 1].word in words.function_words:
            end -= 1  # "a scan of their passport" is a scan
        found = self.sentence.found
        if end < len(found) and found[end].word in words.data_tails and end not in self.sentence.verbs:
            end += 1  # "conversation history"
        text = self.sentence.words(start, end)
        last = found[end - 1]
        one = last.stem == last.word and last.stem in words.countable
        if one or (start > 0 and found[start - 1].word in _ONE):
            text = _plural(text)
        return text[:1].upper() + text[1:]

    def _defined(self, start: int) -> str:
        """What "… are health data" speaks of: the words before "are", when they are only a name."""
        words, found = load_prose_words(), self.sentence.found
        at = start - 1
        while at > 0 and found[at].word in {"considered", "classified", "as", "also", "all"}:
            at -= 1
        if at < 1 or found[at].word not in words.grammar.be:
            return ""
        begin = 1 if found[0].word in words.articles else 0
        subject = found[begin:at]
        if (
            not subject
            or len(subject) > _ASSET_WORDS
            or any(not t.is_word or t.word in words.function_words for t in subject)
        ):
            return ""
        text = self.sentence.words(begin, at)
        return text[:1].upper() + text[1:]


def _plural(name: str) -> str:
    """The name of many such things: "Refunds", "Delivery addresses"."""
    if name.endswith("s") and not name.endswith("ss"):
        return name
    if name.endswith(("x", "z", "ch", "sh", "ss")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"
