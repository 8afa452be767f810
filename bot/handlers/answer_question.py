"""Answers to open questions: severities change in place, and the next run knows."""

from __future__ import annotations

from agent.domain.request import Answer
from agent.domain.verdict import Verdict, VerdictKind
from bot.handlers.judge import admitted
from bot.handlers.publish_model import key_of, refresh_page
from bot.jobs import AnswerQuestion
from bot.records.standing import standing
from bot.render import notices
from bot.render.reading import reading
from bot.services import Services


def answer_question(services: Services, job: AnswerQuestion) -> None:
    """Keep the answer, change what it decides, and say so in one line."""
    entry = admitted(services, job, job.revision)
    if entry is None:
        return
    before = standing(services.records, job.model)
    question = next((q for q in before.questions if q.id == job.question), None)
    option = next((o for o in question.options if o.value == job.value), None) if question else None
    if question is None or option is None:
        return
    answer = Answer(question=question.id, value=option.value, who=job.actor.user, when=services.now())
    others = tuple(a for a in entry.request.answers if a.question != question.id)
    services.records.set_request(job.model, entry.request.model_copy(update={"answers": (*others, answer)}))
    services.records.add_verdicts(
        (
            Verdict(
                id=f"{job.id}/1",
                who=job.actor.user,
                when=answer.when,
                model=job.model,
                revision=job.revision,
                question=question.id,
                kind=VerdictKind.ANSWER,
                after=option.value,
            ),
        )
    )
    after = standing(services.records, job.model)
    posted = services.records.post(key_of(after, "reading"))
    if posted is not None and posted.ts:
        services.publisher.update(entry.channel, posted.ts, reading(after, (*others, answer)))
    changes = [
        (old.id, old.effective_severity, new.effective_severity)
        for old, new in zip(before.threats, after.threats, strict=True)
        if old.effective_severity is not new.effective_severity
    ]
    for threat, *_ in changes:
        refresh_page(services, entry, after, threat)
    told = ", ".join(f"{id_} {old.value} → {new.value}" for id_, old, new in changes)
    text = f"{question.text} {option.label}. {told or 'No severity changes'}."
    services.publisher.post(f"{job.id}/noted", entry.channel, entry.thread, notices.note(text))
