"""The answers to the questions of one message, as one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.conversation import turns
from agent.conversation.asked import Asked, understand
from agent.conversation.context import ROOM, Draft, joined
from agent.conversation.following import Answered, followed
from agent.conversation.reply import ReplyKind
from agent.conversation.speech import Form, load_speech
from agent.conversation.splitting import MOST, Part, taken_apart
from agent.domain.model import ThreatModel

_SHORT = 4
"""Words of a stretch that only names what the next one asks about."""
_DOES = frozenset({Form.CHANGE, Form.DECIDE, Form.ADD})
"""Forms of what is proposed, and so said by itself."""
_PLACED = frozenset(
    {Form.REACH, Form.DATA, Form.CONTROL, Form.FIX, Form.TOUCHING, Form.GUARD, Form.OTHER, Form.HAPPENS}
)
"""Forms that want a part: “who can read and who can write the queue?” names it once."""
_BARE = frozenset({Form.ABOUT, Form.OTHER, Form.LIST, Form.TOUCHING})
"""Forms that do not say what is asked of a threat."""
_OF_ONE = frozenset({Form.WHY, Form.FIX})
"""Forms that, behind an answer that is about no threat, have nothing to be about."""
_TOO_MANY = f"I have answered the first {MOST} of your questions; ask the others again."
_SAID_TOO = (
    "Your message also states something that would change the model: send that sentence by itself, and I"
    " propose it for a Confirm."
)
_ELSE = (
    "Another part of your message I cannot answer: nothing in this threat model or the knowledge base fits"
    " its words."
)

Earlier = Callable[[], Sequence[str]]


def stated(message: str, model: ThreatModel) -> str:
    """Of a statement with a question that only points to it, the statement: “we have MFA, does that help?”.

    The message itself when it states nothing, or asks something of its own.
    """
    parts = taken_apart(message)
    says = [p.text for p in parts if not p.asks and understand(p.text, model).form is Form.CHANGE]
    asks = [understand(f"{p.text.rstrip('?')}?", model) for p in parts if p.asks]
    if len(says) != 1 or not asks or len(parts) != len(asks) + 1:
        return message
    return says[0] if all(_only_points(a) for a in asks) else message


def _only_points(asked: Asked) -> bool:
    return not _named(asked) and len(asked.groups) < 2 and bool(turns.POINTS.search(asked.text))  # noqa: PLR2004


def answered_together(
    parts: Sequence[Part], model: ThreatModel, earlier: Earlier, answered: Answered
) -> Draft | None:
    """One answer to all that the message asks; None when none of its parts can be answered by itself.

    Args:
        parts: what it asks and says, in order.
        model: the threat model.
        earlier: what people wrote in the thread before, the latest last.
        answered: gives the answer to one question.
    """
    asked = _with_what_is_said(_asked(parts, model))
    found: list[Draft] = []
    states, unheard = False, False
    for at, one in enumerate(asked):
        if not parts[at].asks or one.form in _DOES:
            states = states or (one.form in _DOES and _says_something(one))
            continue
        if _is_topic(one, asked[at + 1 :]):
            continue
        whole, more = followed(one, model, _before(parts[:at], earlier), answered)
        if found and whole.form in _OF_ONE and not (_named(whole) or whole.groups):
            continue
        if _names_something(whole):
            found.append(answered(whole, more))
        else:
            unheard = True
    known = [d for d in found if d.kind is not ReplyKind.UNKNOWN and not d.in_general]
    if not known:
        return None
    ends = [_ELSE] if unheard or len(known) < len(found) else []
    ends += [_TOO_MANY] if len(known) > MOST else []
    ends += [_SAID_TOO] if states else []
    draft = joined(known[:MOST], ROOM - len(ends))
    return replace(draft, paragraphs=[*draft.paragraphs, *ends])


def _asked(parts: Sequence[Part], model: ThreatModel) -> list[Asked]:
    """Each part taken apart; one that names no place has that of the question behind it."""
    said = [f"{p.text}?" if p.asks and not p.text.endswith("?") else p.text for p in parts]
    found = [understand(text, model) for text in said]
    for at in range(len(found) - 2, -1, -1):
        one, behind = found[at], found[at + 1]
        if parts[at].asks and one.form in _PLACED and not _named(one) and _points_ahead(one, behind):
            found[at] = replace(one, elements=behind.elements, flows=behind.flows)
    return found


def _with_what_is_said(asked: Sequence[Asked]) -> list[Asked]:
    """“We have added TLS. Is T-004 gone?”: the question is asked as if of that protection."""
    found = list(asked)
    for at, one in enumerate(found[1:], 1):
        said = found[at - 1]
        if said.form is Form.CHANGE and said.controls and one.threats and not one.controls:
            found[at] = replace(one, form=Form.SUPPOSE, controls=said.controls)
    return found


def _points_ahead(one: Asked, behind: Asked) -> bool:
    return bool(behind.parts) and len(one.groups) < 2 and one.form is behind.form  # noqa: PLR2004


def _named(asked: Asked) -> bool:
    return bool(asked.threats or asked.parts or asked.identifiers or asked.strides or asked.data)


def _says_something(asked: Asked) -> bool:
    return bool(asked.controls or asked.exposures or asked.form is Form.ADD)


def _names_something(asked: Asked) -> bool:
    """Whether anything of it can be looked for: a form of its own, a name, or a word."""
    return _named(asked) or bool(asked.groups) or asked.form not in {Form.OTHER, Form.ABOUT, Form.HAPPENS}


def _is_topic(one: Asked, behind: Sequence[Asked]) -> bool:
    """Whether it only names what the next question is about: “T-005 high? Why?”."""
    after = next((b for b in behind if b.form not in _DOES), None)
    return (
        after is not None
        and one.form in _BARE
        and bool(one.threats)
        and not _named(after)
        and len(one.text.split()) <= _SHORT
        and one.text.split()[0].lower() not in load_speech().asking
    )


def _before(parts: Sequence[Part], earlier: Earlier) -> Earlier:
    return lambda: (*earlier(), *(p.text for p in parts))
