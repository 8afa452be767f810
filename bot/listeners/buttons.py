"""Buttons and menus of messages. What they carry is an address; the worker decides who may."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from agent.domain.states import ThreatStatus
from agent.errors import NotFound, ThreatbotError
from bot import intake
from bot.access import check, check_payload, is_away
from bot.jobs import (
    Actor,
    AnswerQuestion,
    ConfirmProposal,
    Export,
    GiveVerdict,
    Job,
    Judgement,
    Place,
    Refuse,
    ShowRest,
    StartRun,
    UndoVerdict,
)
from bot.listeners.opening import open_view
from bot.records.scoped import UNKNOWN
from bot.records.standing import drawing_of, standing, threat_of
from bot.render import actions
from bot.render.dismissal import dismissal
from bot.render.intake import intake as form
from bot.render.routing import Route, decode
from bot.services import Ingress
from bot.slack import Slack

PRESSED = (
    actions.NEW, actions.START, actions.STOP, actions.ANSWER.pattern, actions.SEVERITY, actions.ACCEPT,
    actions.DISMISS, actions.MITIGATIONS, actions.MORE, actions.REOPEN, actions.UNDO, actions.RERUN,
    actions.EXPORT, actions.EXPORT_OF, actions.REST, actions.RETRY, actions.CONFIRM, actions.DECLINE,
    actions.CORRECT,
)  # fmt: skip
"""Buttons and menus of messages, as patterns."""
_VIEWS = {actions.MITIGATIONS, actions.CORRECT}
"""Buttons that open a modal for which the threat or the drawing is read."""


def register(app: App, services: Ingress) -> None:
    """Listen to every action that our messages carry, and acknowledge links."""

    def press(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        take(services, body, action, str(context["delivery"]), client)
        ack()

    app.action(re.compile(rf"\A({'|'.join(PRESSED)})\Z"))(press)  # one: every delivery asks each listener


def take(
    services: Ingress, body: dict[str, Any], action: dict[str, Any], delivery: str, client: WebClient
) -> None:
    """Open what is to be opened, enqueue the rest; a value that is no route of ours does nothing."""
    route = decode((action.get("selected_option") or {}).get("value") or action.get("value"))
    if route is None:
        return
    name, who = str(action["action_id"]), intake.actor(body)
    try:
        check_payload(who, services.policy)
        if name == actions.NEW:
            open_view(client, body, form(who.channel))
        elif name == actions.STOP:
            _decide(services, who, client)
            services.records.stop_run(route.model, route.revision, who.user)
        elif name == actions.DISMISS:
            _decide(services, who, client)
            if intake.owner_of(route.model) not in {"", who.workspace}:  # nothing is read that would tell
                raise NotFound(UNKNOWN)
            open_view(client, body, dismissal(route))
        elif name in _VIEWS or (name == actions.MORE and route.value == actions.DETAILS):
            _decide(services, who, client)
            open_view(client, body, _view(services, name, route))
        elif name in {actions.CONFIRM, actions.DECLINE}:
            services.queue.send(_decision(name, route, who, delivery, body))
        else:
            services.queue.send(job_for(name, route, who, delivery))
    except ThreatbotError as refusal:
        services.queue.send(Refuse(id=delivery, model=route.model, actor=who, reason=refusal.message))


def _decide(services: Ingress, who: Actor, client: WebClient) -> None:
    """NotAllowed for whom the worker would refuse, where it is not asked.

    Of somebody whose home is another workspace only Slack knows whether it is of the same organisation.
    """
    if is_away(who):
        check(who, services.policy, Slack(client))


def _view(services: Ingress, name: str, route: Route) -> dict[str, Any]:
    """The modal about what the person sees, verdicts folded in; NotFound when it is gone."""
    from bot.render import modals

    if name == actions.CORRECT:
        number = int(route.value) if route.value.isdecimal() else 0
        model = services.records.revision(route.model, route.revision)
        return modals.drawing(model, number, drawing_of(model, number))
    make = modals.mitigations if name == actions.MITIGATIONS else modals.details
    model = standing(services.records, route.model, route.revision)
    return make(model, threat_of(model, route.threat))


def job_for(name: str, route: Route, who: Actor, delivery: str) -> Job:
    """The job that a press asks for."""
    model, revision = route.model, route.revision
    if name in {actions.START, actions.RERUN, actions.RETRY}:
        return StartRun(id=delivery, model=model, actor=who)
    if name in {actions.EXPORT, actions.EXPORT_OF}:
        place: Place = "list" if name == actions.EXPORT_OF else "thread"
        return Export(id=delivery, model=model, actor=who, name=route.value, asked=place)
    if name == actions.REST:
        return ShowRest(id=delivery, model=model, actor=who, revision=revision)
    if name == actions.UNDO:
        taken = tuple(route.verdict.split())
        return UndoVerdict(
            id=delivery, model=model, actor=who, revision=revision, threat=route.threat, verdicts=taken
        )
    if actions.ANSWER.fullmatch(name):
        return AnswerQuestion(
            id=delivery, model=model, actor=who, revision=revision, question=route.question, value=route.value
        )
    said = (_judgement(name, route),)
    return GiveVerdict(id=delivery, model=model, actor=who, revision=revision, judgements=said)


def _decision(name: str, route: Route, who: Actor, delivery: str, body: dict[str, Any]) -> Job:
    """What was pressed under a proposal, and in which message."""
    return ConfirmProposal(
        id=delivery,
        model=route.model,
        actor=who,
        revision=route.revision,
        proposal=route.value,
        message_ts=str((body.get("container") or {}).get("message_ts") or ""),
        confirmed=name == actions.CONFIRM,
    )


def _judgement(name: str, route: Route) -> Judgement:
    if name == actions.SEVERITY:
        return Judgement(threat=route.threat, kind="severity", after=route.value)
    status = {actions.ACCEPT: ThreatStatus.ACCEPTED, actions.REOPEN: ThreatStatus.PROPOSED}.get(name)
    return Judgement(threat=route.threat, kind="status", after=status or route.value)
