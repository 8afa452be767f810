"""Answers to open questions: severities change in place, and the next run knows."""

from __future__ import annotations

from agent.domain.model import ThreatModel
from agent.domain.request import Answer
from agent.domain.system import Option, Question
from agent.domain.verdict import Verdict, VerdictKind
from bot.handlers.judge import admitted
from bot.handlers.publish_model import key_of, refresh_page
from bot.jobs import AnswerQuestion, ConfirmProposal
from bot.records.base import ModelEntry
from bot.records.standing import changes_of, standing, standing_before
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
    told = keep_answer(services, job, entry, question, option)
    text = f"{question.text} {option.label}. {told}"
    services.publisher.post(f"{job.id}/noted", entry.channel, entry.thread, notices.note(text))


def keep_answer(
    services: Services,
    job: AnswerQuestion | ConfirmProposal,
    entry: ModelEntry,
    question: Question,
    option: Option,
) -> str:
    """Keep the answer for the next run, change what it decides, and show it; what changed, as a sentence."""
    answer = Answer(question=question.id, value=option.value, who=job.actor.user, when=services.now())
    answers = add_answer(services, entry, answer)
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
        services.publisher.update(entry.channel, posted.ts, reading(after, answers))
    return show_changes(services, job, entry, after)


def add_answer(services: Services, entry: ModelEntry, answer: Answer) -> tuple[Answer, ...]:
    """Put the answer into what the next run works on, in place of an earlier one; all of them."""
    others = tuple(a for a in entry.request.answers if a.question != answer.question)
    answers = (*others, answer)
    services.records.set_request(entry.id, entry.request.model_copy(update={"answers": answers}))
    return answers


def show_changes(
    services: Services, job: AnswerQuestion | ConfirmProposal, entry: ModelEntry, after: ThreatModel
) -> str:
    """Show on their pages the severities that this job has changed; which, as a sentence."""
    changes = changes_of(standing_before(services.records, job.model, job.id), after)
    for threat, *_ in changes:
        refresh_page(services, entry, after, threat)
    told = ", ".join(f"{id_} {old.capitalize()} → {new.capitalize()}" for id_, old, new in changes)
    return f"{told or 'No severity changes'}."
