"""What “it”, “that” or “more” means: what the messages before were about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.catalog.phrases import tokens
from agent.conversation.asked import Asked, is_courtesy, understand
from agent.conversation.context import Draft
from agent.conversation.speech import Form
from agent.domain.model import ThreatModel
from agent.domain.threat import Threat

_POINTING = frozenset(
    {"it", "its", "that", "this", "them", "those", "these", "he", "she", "him", "his", "her", "they", "their"}
    | {"one", "same", "there", "former", "latter"}
)
_ALL = frozenset({"everything", "all", "whole", "every"})
_POINTED = frozenset(
    {
        Form.WHY,
        Form.LOWER,
        Form.FIX,
        Form.HAPPENS,
        Form.ABOUT,
        Form.OTHER,
        Form.REACH,
        Form.CONTROL,
        Form.DATA,
    }
    | {Form.TOUCHING, Form.OWNER, Form.EFFORT, Form.ATTACKER, Form.EVIDENCE, Form.SUPPOSE, Form.COMPARE}
    | {Form.GUARD, Form.NEED, Form.SURE, Form.PLAIN, Form.REDRAW, Form.BACKLOG}
)
"""Forms of questions that may be about what was spoken of before."""
_ALWAYS = frozenset({Form.WHY, Form.FIX, Form.LOWER, Form.ATTACKER, Form.EVIDENCE, Form.SURE})
_WHOLE = frozenset({Form.BACKLOG, Form.PLAIN, Form.NEED})
"""Those that are about all of the model unless a word points back."""
_FULL = 3
"""Words of its own by which a question after the evidence says itself of what."""
"""Those that want a threat even where no word points to one."""
_LOOSE = frozenset({Form.OTHER, Form.HAPPENS, Form.ABOUT, Form.TOUCHING, Form.DATA, Form.REACH})
_OWN = 2
"""Words of its own by which such a question speaks for itself: “a PIN of six digits, is that bad?”."""
_PERSONS = frozenset({"he", "she", "him", "his", "her", "they", "them", "their"})

Answered = Callable[[Asked, Sequence[Threat]], Draft]
"""What is answered to a question, and to “more” with the threats that are left."""


def followed(
    asked: Asked, model: ThreatModel, earlier: Callable[[], Sequence[str]], answered: Answered
) -> tuple[Asked, Sequence[Threat]]:
    """The question with what it points to, and for “more” the threats that were not told yet.

    Args:
        asked: the question as it stands.
        model: the threat model.
        earlier: what people wrote in the thread before, the latest last; asked only when it matters.
        answered: gives the answer that an earlier question had.
    """
    if asked.form is Form.MORE:
        return _going_on(asked, model, tuple(earlier()), answered)
    if not _points(asked):
        return asked, ()
    return _resolved(asked, model, tuple(earlier()), answered), ()


def _points(asked: Asked) -> bool:
    """Whether it names nothing itself and says a word that points back, or nothing else at all."""
    if asked.form not in _POINTED or asked.threats or asked.parts or asked.identifiers or asked.strides:
        return False
    words = {t.word for t in tokens(asked.text) if t.is_word}
    if words & _ALL or (asked.data and not words & _POINTING):
        return False
    if asked.form in _LOOSE and len(asked.groups) >= _OWN and not words & _PERSONS:
        return False
    if asked.form is Form.EVIDENCE and len(asked.groups) >= _FULL:
        return False
    if asked.form in _WHOLE:
        return bool(words & _POINTING)
    return bool(words & _POINTING) or not asked.groups or asked.form in _ALWAYS


def _resolved(asked: Asked, model: ThreatModel, earlier: Sequence[str], answered: Answered) -> Asked:
    """With the threats or the parts of the latest message that was about any."""
    for at in range(len(earlier) - 1, -1, -1):
        if is_courtesy(earlier[at]):
            continue
        before = understand(earlier[at], model)
        if before.form is Form.FOREIGN:
            continue
        left: Sequence[Threat] = ()
        if before.form is Form.MORE:
            before, left = _going_on(before, model, earlier[:at], answered)
        elif _points(before):
            before = _resolved(before, model, earlier[:at], answered)
        if before.threats:
            return _on(asked, _picked(asked, before.threats))
        if before.parts:
            return replace(asked, elements=before.elements, flows=before.flows, form=_form(asked))
        threats = answered(before, left).threats
        if threats:
            return _on(asked, _picked(asked, threats))
    return asked


def _picked(asked: Asked, threats: Sequence[Threat]) -> Sequence[Threat]:
    """The one that is counted off, else the first of the severity that is named, else the first."""
    for token in tokens(asked.text):
        place = _ORDINALS.get(token.word)
        if place is not None and place < len(threats):
            return threats[place:][:1]
    rated = [t for t in threats if t.effective_severity in asked.severities]
    return (rated or threats)[:1]


_ORDINALS = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "last": -1,
}


def _on(asked: Asked, threats: Sequence[Threat]) -> Asked:
    return replace(asked, threats=tuple(threats), form=_form(asked))


def _form(asked: Asked) -> Form:
    """A question that says nothing but “what about it” is about what it points to."""
    return Form.ABOUT if asked.form in {Form.OTHER, Form.HAPPENS} and not asked.groups else asked.form


def _going_on(
    asked: Asked, model: ThreatModel, earlier: Sequence[str], answered: Answered
) -> tuple[Asked, Sequence[Threat]]:
    """What the latest answer that left something has left, after as many “more” as were said since."""
    times = 0
    for at in range(len(earlier) - 1, -1, -1):
        if is_courtesy(earlier[at]):
            continue
        before = understand(earlier[at], model)
        if before.form is Form.MORE:
            times += 1
            continue
        if _points(before):
            before = _resolved(before, model, earlier[:at], answered)
        left = answered(before, ()).more
        return asked, left[times * PAGE :]
    return asked, model.threats[times * PAGE :]


PAGE = 5
"""Threats that one “more” tells."""
