"""Follow-up questions over one threat model, answered without a language model.

A question is taken apart by words and phrases (`forms.yaml`), the answer is put together from what the threat
model and the passages of the knowledge base say, and each source is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.conversation.answers import ANSWERS
from agent.conversation.asked import Asked, is_courtesy, understand
from agent.conversation.context import Context, Draft
from agent.conversation.following import followed
from agent.conversation.joining import answered_together, stated
from agent.conversation.knowing import Knowing
from agent.conversation.reply import Citation, Reply, ReplyKind, count, unique
from agent.conversation.splitting import taken_apart
from agent.domain.model import ThreatModel
from agent.domain.threat import Threat
from knowledge.stores.base import KnowledgeStore

__all__ = ["Citation", "Reply", "ReplyKind", "answer", "is_courtesy"]

CITED = 12
"""Sources that an answer names at most."""


def answer(
    question: str,
    model: ThreatModel,
    store: KnowledgeStore,
    before: Callable[[], ThreatModel | None] = lambda: None,
    *,
    earlier: Callable[[], Sequence[str]] = tuple,
    said: str = "",
) -> Reply:
    """What the model and the knowledge base say to the question; the same input, the same answer.

    Args:
        question: the engineer's words.
        model: the threat model as its engineers have left it.
        store: the knowledge base.
        before: gives the revision before the model's, asked only when the question is about what has changed.
        earlier: gives what people wrote in the thread before, the latest last, asked only when the question
            points to it: “why?”, “how do we fix that”, “more”.
        said: the description that the model was made from.

    A store that fails is named in `how` and the answer goes on without it. Whatever the question holds is
    taken as words to look for and is never repeated.
    """
    knowing = Knowing(store)

    def answered(asked: Asked, more: Sequence[Threat]) -> Draft:
        return ANSWERS[asked.form](Context(asked, model, knowing, before, said, more))

    question = stated(question, model)
    parts = taken_apart(question)
    draft = answered_together(parts, model, earlier, answered) if len(parts) > 1 else None
    draft = draft or answered(*followed(understand(question, model), model, earlier, answered))
    return Reply(
        kind=draft.kind,
        paragraphs=tuple(p for p in draft.paragraphs if p),
        citations=unique(draft.citations)[:CITED],
        how=_how(draft, model, knowing),
        threats=tuple(dict.fromkeys(t.id for t in draft.threats)),
    )


def _how(draft: Draft, model: ThreatModel, knowing: Knowing) -> str:
    parts = len(model.system.elements) + len(model.system.flows)
    threats = count(len(model.threats), "threat")
    if not draft.searched:
        said = (
            f"Read from this threat model ({threats}, {parts} parts of the system);"
            " no language model was used."
        )
    else:
        passages = knowing.count()
        said = (
            f"Found by matching the words of your question with {threats}, {parts} parts of the system and"
            f" {count(passages, 'passage')}; no language model was used."
        )
    return f"{said} The knowledge base did not answer: {knowing.trouble}" if knowing.trouble else said
