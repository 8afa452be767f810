"""Follow-up questions: a plain reply in the thread, answered in the thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.errors import KnowledgeError, NotAllowed, NotFound
from bot.access import check
from bot.handlers.judge import check_place
from bot.handlers.proposing import keep_answer, kept_answer, show_answer
from bot.handlers.refuse import whisper_denied
from bot.jobs import Ask
from bot.records.base import ModelEntry, PostState
from bot.records.standing import standing
from bot.render.answer import growing
from bot.render.channel import question
from bot.render.notices import note
from bot.render.text import unescape
from bot.services import Services

if TYPE_CHECKING:
    from agent.analysts.chat.base import ChatCalls
    from agent.analysts.filled.proposals import Conversed
    from agent.domain.model import ThreatModel
    from agent.domain.usage import Usage

TOO_EARLY = "There is no threat model in this thread yet. Drop a diagram here, then ask again."
OR_START = (
    "There is no threat model in this thread yet. Drop a diagram here, "
    "or press “Start without a diagram” above; then ask again."
)
EARLIER = 6
"""Messages of the thread before that a question is understood with."""
UPDATE_SECONDS = 1.0
"""The shortest time between two updates of one growing answer."""
_WRITTEN = {None, "", "file_share", "thread_broadcast"}
"""Subtypes of messages that a person wrote."""


def ask(services: Services, job: Ask) -> None:
    """Answer once, with citations, or say that there is nothing to ask about yet.

    Done again after a kill, it goes on with the same message; an answer that was finished stays.
    """
    from knowledge.stores.base import StoreError

    try:
        check(job.actor, services.policy, services.directory)
    except NotAllowed as refusal:
        whisper_denied(services, job, refusal.message)
        return
    if job.asked == "thread" and _is_courtesy(job.text):
        return
    entry = services.records.model(job.model)
    check_place(job, entry)
    if job.asked == "command":
        asked = question(job.actor.user, job.text)
        services.publisher.post(f"{job.id}/question", entry.channel, entry.thread, asked)
    if entry.revision == 0:
        early = OR_START if entry.request.description.strip() else TOO_EARLY
        services.publisher.post(f"{job.id}/answer", entry.channel, entry.thread, note(early))
        return
    if _shown_again(services, job, entry):
        return
    model = _unanswered(standing(services.records, job.model), entry)
    try:
        if services.calls is None:
            _by_rules(services, job, entry, model)
        else:
            _by_model(services, job, entry, model, services.calls)
    except StoreError as error:
        raise KnowledgeError(f"The knowledge base did not answer: {error}") from error


def _is_courtesy(text: str) -> bool:
    from agent.conversation import is_courtesy

    return is_courtesy(text)


def _shown_again(services: Services, job: Ask, entry: ModelEntry) -> bool:
    """Whether an earlier try of this job had the whole answer; it is then shown as it stands."""
    posted = services.records.post(f"{job.id}/answer")
    if posted is None or posted.state is not PostState.DONE:
        return False
    kept = kept_answer(services, job.model, posted.ts)
    if kept is None:
        return False
    services.publisher.update(entry.channel, posted.ts, show_answer(services, job.model, *kept))
    return True


def _by_rules(services: Services, job: Ask, entry: ModelEntry, model: ThreatModel) -> None:
    from agent.analysts.filled.proposals import Conversed
    from agent.conversation import ReplyKind, answer

    reply = answer(
        job.text,
        model,
        services.store(),
        lambda: _before(services, model),
        earlier=lambda: _earlier(services, job, entry),
        said=entry.request.description,
    )
    said = Conversed(reply=reply)
    if reply.kind is ReplyKind.CHANGE:
        said = _noted(services, job, entry, model) or _described(job, model, said)
    plain = show_answer(services, model.id, model.revision, said.model_copy(update={"proposals": ()}))
    ts = services.publisher.post(f"{job.id}/answer", entry.channel, entry.thread, plain)
    if said.proposals:
        _finish(services, entry, model, ts, said)


def _unanswered(model: ThreatModel, entry: ModelEntry) -> ThreatModel:
    """The model without the questions that somebody has answered since its run."""
    answered = {a.question for a in entry.request.answers}
    return model.model_copy(update={"questions": tuple(q for q in model.questions if q.id not in answered)})


def _before(services: Services, model: ThreatModel) -> ThreatModel | None:
    """The revision before, as its run made it; None when this is the first or nobody keeps it any more."""
    try:
        return services.records.revision(model.id, model.revision - 1) if model.revision > 1 else None
    except NotFound:
        return None


def _by_model(
    services: Services,
    job: Ask,
    entry: ModelEntry,
    model: ThreatModel,
    calls: Callable[[str, Usage], ChatCalls],
) -> None:
    from agent.analysts.filled.conversing import converse
    from agent.analysts.filled.fence import Fence
    from agent.domain.usage import Usage

    ts = services.publisher.put(f"{job.id}/answer", entry.channel, entry.thread, growing(""))
    pieces = converse(
        job.text,
        model,
        entry.request,
        services.store(),
        calls(f"ask:{job.id}", Usage()),
        Fence(job.id, services.salt),
        verdicts=services.records.verdicts(job.model),
        earlier=_earlier(services, job, entry),
    )
    text, shown_at = "", time.monotonic()
    wait = max(UPDATE_SECONDS, services.progress_seconds)
    for piece in pieces:
        if not isinstance(piece, str):
            _finish(services, entry, model, ts, _mended(services, job, entry, model, piece))
            return
        text += piece
        if time.monotonic() - shown_at >= wait:
            services.publisher.update(entry.channel, ts, growing(text))
            shown_at = time.monotonic()


def _mended(
    services: Services, job: Ask, entry: ModelEntry, model: ThreatModel, said: Conversed
) -> Conversed:
    """Where the language model could not answer, a statement that the rules understand is proposed still."""
    from agent.conversation import ReplyKind

    if not said.trouble or said.reply.kind is not ReplyKind.CHANGE:
        return said
    noted = _noted(services, job, entry, model)
    if noted is None:
        return said
    how = f"{noted.reply.how} The language model could not answer: {said.trouble}"
    return said.model_copy(
        update={"reply": noted.reply.model_copy(update={"how": how}), "proposals": noted.proposals}
    )


def _noted(services: Services, job: Ask, entry: ModelEntry, model: ThreatModel) -> Conversed | None:
    from agent.conversation.proposing import noted

    return noted(job.text, model, entry.request, _earlier(services, job, entry))


def _described(job: Ask, model: ThreatModel, said: Conversed) -> Conversed:
    """A statement that is no one fact may join the description."""
    from agent.conversation.proposing import described

    proposal = described(job.text, model)
    return said if proposal is None else said.model_copy(update={"proposals": (proposal,)})


def _finish(services: Services, entry: ModelEntry, model: ThreatModel, ts: str, said: Conversed) -> None:
    """Keep the answer and what it proposes, then show it with its buttons."""
    keep_answer(services, model.id, model.revision, ts, said)
    services.publisher.update(entry.channel, ts, show_answer(services, model.id, model.revision, said))


def _earlier(services: Services, job: Ask, entry: ModelEntry) -> tuple[str, ...]:
    """What people wrote in the thread before the question, the latest last."""
    before = [
        unescape(str(message.get("text") or ""))
        for message in services.slack.replies(entry.channel, entry.thread)
        if _is_before(message.get("ts"), job.message_ts)
        and message.get("user")
        and not message.get("bot_id")
        and message.get("subtype") in _WRITTEN
    ]
    return tuple(text for text in before if text.strip())[-EARLIER:]


def _is_before(ts: object, other: str) -> bool:
    """Whether a message's ts is the earlier one; both are seconds with six digits behind the point."""
    return str(ts or "").rjust(24, "0") < other.rjust(24, "0")
