"""What comes back from modals."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext

from agent.domain.threat import ThreatStatus
from agent.errors import ThreatbotError
from bot import intake
from bot.access import check_payload
from bot.jobs import Actor, GiveVerdict, Judgement, OpenModel
from bot.records.standing import standing, threat_of
from bot.render import actions, forms
from bot.render.routing import Route, decode
from bot.services import Services

GONE = "This form is too old. Close it and press the button again."


def register(app: App, services: Services) -> None:
    """Listen to submitted modals."""

    def opened(ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
        errors = start(services, body, view, str(context["delivery"]))
        _answer(ack, errors)

    def dismissed(ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
        reason = forms.read_reason(view)
        if not reason:
            _answer(ack, {forms.REASON: "Say in a few words why it does not apply."})
            return
        judge = lambda route: [  # noqa: E731 - two lines, used once
            Judgement(threat=route.threat, kind="status", after=ThreatStatus.DISMISSED, reason=reason)
        ]
        _answer(ack, _judged(services, body, view, str(context["delivery"]), judge, forms.REASON))

    def mitigated(ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
        choices = forms.read_mitigations(view)
        judge = lambda route: _choices(services, route, choices)  # noqa: E731 - used once
        _answer(ack, _judged(services, body, view, str(context["delivery"]), judge, forms.OWN))

    app.view(actions.INTAKE_VIEW)(opened)
    app.view(actions.DISMISS_VIEW)(dismissed)
    app.view(actions.MITIGATIONS_VIEW)(mitigated)


def _answer(ack: Ack, errors: dict[str, str]) -> None:
    if errors:
        ack(response_action="errors", errors=errors)
    else:
        ack()


def start(services: Services, body: dict[str, Any], view: dict[str, Any], delivery: str) -> dict[str, str]:
    """Enqueue a new threat model; what is wrong with the form, by field."""
    given = forms.read_intake(view)
    if not given.title:
        return {forms.TITLE: "Give the system a name."}
    who = intake.actor(body).model_copy(update={"channel": str(view.get("private_metadata") or "")})
    try:
        check_payload(who, services.policy)
    except ThreatbotError as refusal:
        return {forms.TITLE: refusal.message}
    services.queue.send(
        OpenModel(
            id=delivery,
            model=intake.model_id(who.workspace, delivery),
            actor=who,
            title=given.title,
            description=given.description,
            files=intake.files({"files": list(given.files)}),
        )
    )
    return {}


def _judged(
    services: Services, body: dict[str, Any], view: dict[str, Any], delivery: str, judge: Any, field: str
) -> dict[str, str]:
    route = decode(view.get("private_metadata"))
    if route is None:
        return {field: GONE}
    try:
        entry = services.records.model(route.model)
        who: Actor = intake.actor(body).model_copy(update={"channel": entry.channel})
        check_payload(who, services.policy)
        judgements = tuple(judge(route))
    except ThreatbotError as refusal:
        return {field: refusal.message}
    if judgements:
        services.queue.send(
            GiveVerdict(
                id=delivery, model=route.model, actor=who, revision=route.revision, judgements=judgements
            )
        )
    return {}


def _choices(services: Services, route: Route, choices: forms.MitigationChoices) -> list[Judgement]:
    """What differs from what stands now, and the person's own."""
    model = standing(services.records, route.model, route.revision)
    before = {m.id: m.status for m in threat_of(model, route.threat).mitigations}
    changed = [
        Judgement(threat=route.threat, kind="mitigation", mitigation=id_, after=status)
        for id_, status in choices.statuses.items()
        if id_ in before and before[id_] is not status
    ]
    own = [Judgement(threat=route.threat, kind="add_mitigation", after=choices.own)] if choices.own else []
    return [*changed, *own]
