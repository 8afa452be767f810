"""Follow-up questions: a plain reply in the thread, answered in the thread."""

from __future__ import annotations

from agent.errors import KnowledgeError, NotAllowed
from bot.access import check
from bot.handlers.refuse import whisper_denied
from bot.jobs import Ask
from bot.records.standing import standing
from bot.render.answer import answer as rendered
from bot.render.notices import note
from bot.services import Services

TOO_EARLY = (
    "There is no threat model in this thread yet. Drop a diagram here, "
    "or press “Start without a diagram” above; then ask again."
)


def ask(services: Services, job: Ask) -> None:
    """Answer once, with citations, or say that there is nothing to ask about yet."""
    from agent.conversation import answer
    from knowledge.stores.base import StoreError

    try:
        check(job.actor, services.policy, services.directory)
    except NotAllowed as refusal:
        whisper_denied(services, job, refusal.message)
        return
    entry = services.records.model(job.model)
    key = f"{job.id}/answer"
    if entry.revision == 0:
        services.publisher.post(key, entry.channel, entry.thread, note(TOO_EARLY))
        return
    try:
        reply = answer(job.text, standing(services.records, job.model), services.store())
    except StoreError as error:
        raise KnowledgeError(f"The knowledge base did not answer: {error}") from error
    message = rendered(reply.paragraphs, [(c.title, c.url) for c in reply.citations], reply.how)
    services.publisher.post(key, entry.channel, entry.thread, message)
