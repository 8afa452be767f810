"""What comes back from modals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext

from agent.domain.states import ThreatStatus
from agent.errors import InputError, ThreatbotError
from bot import intake
from bot.access import check_payload
from bot.jobs import CorrectDrawing, GiveVerdict, Judgement, OpenModel
from bot.records.standing import standing, threat_of
from bot.render import actions, forms
from bot.render.routing import Route, decode
from bot.services import Ingress

GONE = "This form is too old. Close it and press the button again."
TOO_LATE = (
    "Revision {revision} was made since you opened this. Copy your text, and press “Correct it” there, or "
    "drop the text into the thread as a file."
)
NO_FLOWCHART = (
    "This is no Mermaid flowchart. Its first line has to say so, such as “flowchart LR”; below it stand the "
    "nodes and arrows."
)


def register(app: App, services: Ingress) -> None:
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

    def corrected(ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
        _answer(ack, correct(services, body, view, str(context["delivery"])))

    app.view(actions.DRAWING_VIEW)(corrected)
    app.view(actions.INTAKE_VIEW)(opened)
    app.view(actions.DISMISS_VIEW)(dismissed)
    app.view(actions.MITIGATIONS_VIEW)(mitigated)


def _answer(ack: Ack, errors: dict[str, str]) -> None:
    if errors:
        ack(response_action="errors", errors=errors)
    else:
        ack()


def start(services: Ingress, body: dict[str, Any], view: dict[str, Any], delivery: str) -> dict[str, str]:
    """Enqueue a new threat model; what is wrong with the form, by field."""
    given = forms.read_intake(view)
    if not given.title:
        return {forms.TITLE: "Give the system a name."}
    who = replace(intake.actor(body), channel=str(view.get("private_metadata") or ""))
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
            methodology=given.methodology,
        )
    )
    return {}


def correct(services: Ingress, body: dict[str, Any], view: dict[str, Any], delivery: str) -> dict[str, str]:
    """Enqueue a corrected drawing; what is wrong with it, by field, while the text stays in the form."""
    route, text = decode(view.get("private_metadata")), forms.read_drawing(view)
    if route is None or not route.value.isdecimal():
        return {forms.DRAWING: GONE}
    try:
        entry = services.records.model(route.model)
        who = replace(intake.actor(body), channel=entry.channel)
        check_payload(who, services.policy)
        _check_drawing(text)
    except ThreatbotError as refusal:
        return {forms.DRAWING: refusal.message}
    if entry.revision != route.revision:
        return {forms.DRAWING: TOO_LATE.format(revision=entry.revision)}
    services.queue.send(
        CorrectDrawing(
            id=delivery,
            model=route.model,
            actor=who,
            revision=route.revision,
            drawing=int(route.value),
            text=text,
        )
    )
    return {}


def _check_drawing(text: str) -> None:
    """InputError, as a sentence, when the text is no Mermaid that shows a system."""
    from agent.diagrams.base import SourceFile
    from agent.diagrams.mermaid import Mermaid

    file = SourceFile("the text", text.encode())
    if not Mermaid().recognises(file):
        raise InputError(NO_FLOWCHART)
    if not Mermaid().read(file).elements:
        raise InputError(
            "This flowchart has no nodes. Each element of the system is one, such as api[Web API]."
        )


def _judged(
    services: Ingress, body: dict[str, Any], view: dict[str, Any], delivery: str, judge: Any, field: str
) -> dict[str, str]:
    route = decode(view.get("private_metadata"))
    if route is None:
        return {field: GONE}
    try:
        entry = services.records.model(route.model)
        who = replace(intake.actor(body), channel=entry.channel)
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


def _choices(services: Ingress, route: Route, choices: forms.MitigationChoices) -> list[Judgement]:
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
