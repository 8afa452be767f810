"""Verdicts: kept, shown on their page, and open to Undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.domain.model import ThreatModel
from agent.domain.threat import MitigationStatus, Severity, Threat, ThreatStatus
from agent.domain.verdict import Verdict, VerdictKind
from agent.errors import InputError, NotAllowed, NotFound
from bot.access import check
from bot.handlers.publish_model import refresh_page
from bot.handlers.refuse import whisper_denied
from bot.jobs import ConfirmProposal, GiveVerdict, Job, Judgement, UndoVerdict
from bot.lessons.learning import learn
from bot.records.base import ModelEntry
from bot.records.scoped import UNKNOWN
from bot.records.standing import standing, threat_of
from bot.render import notices
from bot.render.routing import Route
from bot.services import Services


def give_verdict(services: Services, job: GiveVerdict) -> None:
    """Keep what was said, show it on the page, and offer to take it back."""
    entry = admitted(services, job, job.revision)
    if entry is None:
        return
    keep_judgements(services, job, entry, job.judgements)


def keep_judgements(
    services: Services,
    job: GiveVerdict | ConfirmProposal,
    entry: ModelEntry,
    judgements: Sequence[Judgement],
) -> str:
    """Keep judgements of one threat as verdicts of this job, and offer Undo; what they did, as a sentence."""
    before = standing(services.records, job.model)
    verdicts = tuple(
        _verdict(services, job, number, judgement, before)
        for number, judgement in enumerate(judgements, start=1)
    )
    services.records.add_verdicts(verdicts)
    after = standing(services.records, job.model)
    learn(services, job, entry, after)
    threat = judgements[0].threat
    refresh_page(services, entry, after, threat)
    route = Route(job.model, job.revision, threat, verdict=" ".join(v.id for v in verdicts))
    done = f"{threat}: {'; '.join(_done(v, threat_of(after, v.threat)) for v in verdicts)}."
    services.publisher.whisper(
        f"{job.id}/undo", entry.channel, job.actor.user, entry.thread, notices.undo(done, route)
    )
    return done


def undo_verdict(services: Services, job: UndoVerdict) -> None:
    """Take verdicts back; the page shows what stood before."""
    entry = admitted(services, job, job.revision)
    if entry is None:
        return
    known = {v.id: v for v in services.records.verdicts(job.model)}
    taken = [known[v] for v in job.verdicts if v in known]
    services.records.add_verdicts(
        tuple(
            Verdict(
                id=f"{job.id}/{number}",
                who=job.actor.user,
                when=services.now(),
                model=job.model,
                revision=job.revision,
                threat=verdict.threat,
                mitigation=verdict.mitigation,
                kind=VerdictKind.UNDO,
                before=verdict.after,
                after=verdict.id,
            )
            for number, verdict in enumerate(taken, start=1)
        )
    )
    after = standing(services.records, job.model)
    learn(services, job, entry, after)
    refresh_page(services, entry, after, job.threat)


def admitted(services: Services, job: Job, revision: int) -> ModelEntry | None:
    """The model's entry when this person may act on this revision; otherwise they are told why not."""
    entry = services.records.model(job.model)
    check_place(job, entry)
    actor = replace(job.actor, channel=entry.channel)
    if actor.workspace != entry.workspace:
        whisper_denied(services, job, "This threat model belongs to another workspace.")
        return None
    try:
        check(actor, services.policy, services.directory)
    except NotAllowed as refusal:
        whisper_denied(services, job, refusal.message)
        return None
    if revision and revision != entry.revision:
        message = notices.stale(
            f"Revision {revision} of {entry.request.title}", f"at revision {entry.revision}"
        )
        services.publisher.whisper(f"{job.id}/stale", entry.channel, actor.user, entry.thread, message)
        return None
    return entry


def check_place(job: Job, entry: ModelEntry) -> None:
    """NotFound when a model was asked about in another channel than its own: there it does not exist."""
    if getattr(job, "asked", "thread") != "thread" and job.actor.channel != entry.channel:
        raise NotFound(UNKNOWN)


def _verdict(
    services: Services,
    job: GiveVerdict | ConfirmProposal,
    number: int,
    judgement: Judgement,
    model: ThreatModel,
) -> Verdict:
    threat = threat_of(model, judgement.threat)
    kind = VerdictKind(judgement.kind)
    mitigation = judgement.mitigation or (
        _next_mitigation(threat) if kind is VerdictKind.ADD_MITIGATION else ""
    )
    return Verdict(
        id=f"{job.id}/{number}",
        who=job.actor.user,
        when=services.now(),
        model=job.model,
        revision=job.revision,
        threat=threat.id,
        mitigation=mitigation,
        kind=kind,
        before=_before(kind, threat, mitigation),
        after=_checked(kind, judgement.after),
        reason=judgement.reason,
    )


def _next_mitigation(threat: Threat) -> str:
    numbers = [int(m.id.removeprefix("M-")) for m in threat.mitigations if m.id.removeprefix("M-").isdigit()]
    return f"M-{max(numbers, default=0) + 1}"


def _before(kind: VerdictKind, threat: Threat, mitigation: str) -> str:
    if kind is VerdictKind.SEVERITY:
        return threat.effective_severity
    if kind is VerdictKind.MITIGATION:
        return next((m.status for m in threat.mitigations if m.id == mitigation), "")
    return threat.status if kind is VerdictKind.STATUS else ""


def _checked(kind: VerdictKind, after: str) -> str:
    """What a verdict sets, if it is one of the words it can be."""
    words = {
        VerdictKind.STATUS: ThreatStatus,
        VerdictKind.SEVERITY: Severity,
        VerdictKind.MITIGATION: MitigationStatus,
    }.get(kind)
    if words is not None and after not in set(words):
        raise InputError("That button is of an older version. Press Re-run to get fresh ones.")
    return after


def _done(verdict: Verdict, threat: Threat) -> str:
    """What a verdict did, as a clause."""
    match verdict.kind:
        case VerdictKind.SEVERITY:
            return f"severity {verdict.before} → {verdict.after}"
        case VerdictKind.MITIGATION:
            return f"mitigation {verdict.mitigation} is {verdict.after}"
        case VerdictKind.ADD_MITIGATION:
            return "a mitigation was added"
        case _:
            if threat.status is ThreatStatus.PROPOSED:
                return "reopened"
            return threat.status.value.replace("_", " ")
