"""Proposals, once a person has decided: done at most once, by whom and when is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from agent.domain.model import ThreatModel
from agent.domain.request import Answer
from agent.domain.system import Option, Question, question_id
from agent.domain.threat import Origin, Severity, ThreatStatus
from agent.domain.verdict import Verdict, VerdictKind
from bot.handlers.answer_question import add_answer, keep_answer, show_changes
from bot.handlers.judge import admitted, keep_judgements
from bot.handlers.proposing import (
    keep_decision,
    kept_answer,
    kept_decision,
    kept_proposal,
    show_answer,
)
from bot.handlers.publish_model import show_added
from bot.handlers.refuse import whisper_denied
from bot.handlers.take_files import MAX_DESCRIPTION
from bot.jobs import ConfirmProposal, Judgement
from bot.lessons.learning import learn
from bot.records.base import ModelEntry
from bot.records.standing import standing, standing_before, threat_of
from bot.render import notices
from bot.services import Services

if TYPE_CHECKING:
    from agent.analysts.filled.proposals import Proposal

GONE = "Nothing was done: this proposal is no longer kept. Say it again in the thread."


def confirm_proposal(services: Services, job: ConfirmProposal) -> None:
    """Do what was proposed, or note that it is not wanted, and show so in the message of the proposal."""
    entry = admitted(services, job, job.revision)
    if entry is None:
        return
    kept = kept_proposal(services, job.model, job.proposal)
    if kept is None or kept[0] != job.revision:
        whisper_denied(services, job, GONE)
        return
    decision = kept_decision(services, job.model, job.proposal)
    if decision is not None and decision["job"] != job.id:
        _tell_late(services, job, entry, decision)
        return
    proposal = kept[1]
    if decision is None:
        decision = _decision(services, job, proposal)
        keep_decision(services, job.model, job.proposal, decision)
    if job.confirmed and not decision["done"]:
        decision = decision | {"done": _do(services, job, entry, proposal, decision)}
        keep_decision(services, job.model, job.proposal, decision)
    _show(services, job, entry)


def _tell_late(services: Services, job: ConfirmProposal, entry: ModelEntry, decision: dict[str, str]) -> None:
    """Somebody was first: say who and when, and show it in this message too."""
    when = f"{datetime.fromisoformat(decision['when']):%Y-%m-%d %H:%M} UTC"
    message = notices.decided(decision["who"], when, confirmed=decision["confirmed"] == "yes")
    services.publisher.whisper(f"{job.id}/late", entry.channel, job.actor.user, entry.thread, message)
    _show(services, job, entry)


def _decision(services: Services, job: ConfirmProposal, proposal: Proposal) -> dict[str, str]:
    """What is written down before anything is done; a new threat's id is chosen here, once."""
    from agent.analysts.filled.proposals import ProposalKind

    adds = job.confirmed and proposal.kind is ProposalKind.THREAT
    return {
        "job": job.id,
        "who": job.actor.user,
        "when": services.now().isoformat(),
        "confirmed": "yes" if job.confirmed else "no",
        "threat": _free_id(services, job.model) if adds else "",
        "done": "",
    }


def _free_id(services: Services, model: str) -> str:
    """The next number that no threat has or had."""
    used = [t.id for t in standing(services.records, model).threats]
    used += [v.threat for v in services.records.verdicts(model)]
    numbers = (int(id_.removeprefix("T-")) for id_ in used if id_.removeprefix("T-").isdecimal())
    return f"T-{max(numbers, default=0) + 1:03d}"


def _do(
    services: Services,
    job: ConfirmProposal,
    entry: ModelEntry,
    proposal: Proposal,
    decision: dict[str, str],
) -> str:
    """Carry it out; what was done, as a sentence. Done again after a kill, it changes nothing more."""
    from agent.analysts.filled.proposals import ProposalKind

    match proposal.kind:
        case ProposalKind.FACT:
            return _note(services, job, entry, proposal, datetime.fromisoformat(decision["when"]))
        case ProposalKind.THREAT:
            return _add(services, job, entry, proposal, decision)
        case ProposalKind.DISMISS:
            said = Judgement(
                threat=proposal.threat,
                kind="status",
                after=ThreatStatus.DISMISSED.value,
                reason=proposal.reason,
            )
        case ProposalKind.MITIGATION:
            said = Judgement(threat=proposal.threat, kind="add_mitigation", after=proposal.reason)
        case ProposalKind.STATUS:
            after = proposal.after
            said = Judgement(threat=proposal.threat, kind="status", after=after, reason=proposal.reason)
        case ProposalKind.SEVERITY:
            after = proposal.after
            said = Judgement(threat=proposal.threat, kind="severity", after=after, reason=proposal.reason)
        case ProposalKind.NOTE:
            return _describe(services, entry, proposal.reason)
    return keep_judgements(services, job, entry, (said,))


def _note(
    services: Services, job: ConfirmProposal, entry: ModelEntry, proposal: Proposal, when: datetime
) -> str:
    """A fact: an answer to the open question when there is one, else one that nobody had asked for."""
    from agent.analysts.questions import fact_of
    from agent.catalog.vocabulary import ControlName

    before = standing_before(services.records, job.model, job.id)
    flow = any(f.id == proposal.about for f in before.system.flows)
    id_ = question_id(proposal.about, fact_of(ControlName(proposal.control), flow=flow))
    asked = _asked(before, id_, proposal.state.value)
    if asked is not None:
        return f"Noted. {keep_answer(services, job, entry, *asked)}"
    answer = Answer(question=id_, value=proposal.state.value, who=job.actor.user, when=when)
    add_answer(services, entry, answer)
    services.records.add_verdicts(_severities(job, proposal, before, answer))
    after = standing(services.records, job.model)
    return f"Noted. {show_changes(services, job, entry, after)}"


def _describe(services: Services, entry: ModelEntry, sentence: str) -> str:
    """Put a sentence behind the description, once."""
    before = entry.request.description
    if sentence in before:
        return "The description says that already."
    description = f"{before}\n\n{sentence}".strip()
    if len(description) > MAX_DESCRIPTION:
        return "The description has no room left; drop a text file into the thread instead."
    services.records.set_request(entry.id, entry.request.model_copy(update={"description": description}))
    return "Added to the description. Press Re-run under the summary to have it read."


def _asked(model: ThreatModel, id_: str, value: str) -> tuple[Question, Option] | None:
    for question in model.questions:
        for option in question.options:
            if question.id == id_ and option.value == value:
                return question, option
    return None


def _severities(
    job: ConfirmProposal, proposal: Proposal, before: ThreatModel, answer: Answer
) -> tuple[Verdict, ...]:
    """The computed changes as verdicts; the next run works them out again from the answer."""
    known = {t.id: t for t in before.threats}
    return tuple(
        Verdict(
            id=f"{job.id}/{number}",
            who=answer.who,
            when=answer.when,
            model=job.model,
            revision=job.revision,
            threat=outcome.threat,
            question=answer.question,
            kind=VerdictKind.SEVERITY,
            before=known[outcome.threat].effective_severity,
            after=Severity(outcome.severity),
            reason=outcome.reason,
        )
        for number, outcome in enumerate(proposal.outcomes, start=1)
        if outcome.threat in known
    )


def _add(
    services: Services,
    job: ConfirmProposal,
    entry: ModelEntry,
    proposal: Proposal,
    decision: dict[str, str],
) -> str:
    """A new threat, behind those of the run; none when the model has it already."""
    before = standing_before(services.records, job.model, job.id)
    draft = proposal.draft
    if draft is None:
        return "There was no threat in the proposal; nothing was added."
    same = next((t.id for t in before.threats if draft.key in {t.key, *t.merged}), "")
    if same:
        return f"{same} says that already; nothing was added."
    threat = draft.model_copy(
        update={
            "id": decision["threat"],
            "origin": Origin.ENGINEER,
            "status": ThreatStatus.ACCEPTED,
            "decided_by": job.actor.user,
            "decided_at": datetime.fromisoformat(decision["when"]),
        }
    )
    services.records.add_verdicts(
        (
            Verdict(
                id=f"{job.id}/1",
                who=job.actor.user,
                when=datetime.fromisoformat(decision["when"]),
                model=job.model,
                revision=job.revision,
                threat=threat.id,
                kind=VerdictKind.ADD_THREAT,
                after=threat.model_dump_json(),
            ),
        )
    )
    after = standing(services.records, job.model)
    learn(services, job, entry, after)
    show_added(services, entry, after, threat.id)
    return f"{threat.id} was added ({threat_of(after, threat.id).effective_severity.value})."


def _show(services: Services, job: ConfirmProposal, entry: ModelEntry) -> None:
    """The message whose button was pressed, as its proposals stand now."""
    kept = kept_answer(services, job.model, job.message_ts) if job.message_ts else None
    if kept is not None:
        services.publisher.update(entry.channel, job.message_ts, show_answer(services, job.model, *kept))
