"""Buttons and menus of messages. What they carry is an address; the worker decides who may."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from agent.domain.model import ThreatModel
from agent.domain.threat import Threat, ThreatStatus
from agent.errors import ThreatbotError
from bot import intake
from bot.access import check_payload
from bot.jobs import (
    Actor,
    AnswerQuestion,
    Export,
    GiveVerdict,
    Job,
    Judgement,
    Refuse,
    ShowRest,
    StartRun,
    UndoVerdict,
)
from bot.listeners.opening import open_view
from bot.records.standing import standing, threat_of
from bot.render import actions, modals
from bot.render.routing import Route, decode
from bot.services import Services

_VIEWS = {actions.DISMISS: modals.dismiss, actions.MITIGATIONS: modals.mitigations}


def register(app: App, services: Services) -> None:
    """Listen to every action that our messages carry, and acknowledge links."""

    def press(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        take(services, body, action, str(context["delivery"]), client)
        ack()

    for name in (
        actions.NEW, actions.START, actions.STOP, actions.ANSWER, actions.SEVERITY, actions.ACCEPT,
        actions.DISMISS, actions.MITIGATIONS, actions.MORE, actions.REOPEN, actions.UNDO, actions.RERUN,
        actions.EXPORT, actions.REST, actions.RETRY,
    ):  # fmt: skip
        app.action(name)(press)


def take(
    services: Services, body: dict[str, Any], action: dict[str, Any], delivery: str, client: WebClient
) -> None:
    """Open what is to be opened, enqueue the rest; a value that is no route of ours does nothing."""
    route = decode((action.get("selected_option") or {}).get("value") or action.get("value"))
    if route is None:
        return
    name, who = str(action["action_id"]), intake.actor(body)
    try:
        check_payload(who, services.policy)
        if name == actions.NEW:
            open_view(client, body, modals.intake(who.channel))
        elif name == actions.STOP:
            services.records.stop_run(route.model, route.revision, who.user)
        elif name in _VIEWS or (name == actions.MORE and route.value == actions.DETAILS):
            model, threat = _seen(services, route)
            open_view(client, body, _VIEWS.get(name, modals.details)(model, threat))
        else:
            services.queue.send(job_for(name, route, who, delivery))
    except ThreatbotError as refusal:
        services.queue.send(Refuse(id=delivery, model=route.model, actor=who, reason=refusal.message))


def _seen(services: Services, route: Route) -> tuple[ThreatModel, Threat]:
    """The threat that the person sees, verdicts folded in; NotFound when it is gone."""
    model = standing(services.records, route.model, route.revision)
    return model, threat_of(model, route.threat)


def job_for(name: str, route: Route, who: Actor, delivery: str) -> Job:
    """The job that a press asks for."""
    about = {"id": delivery, "model": route.model, "actor": who}
    if name in {actions.START, actions.RERUN, actions.RETRY}:
        return StartRun.model_validate(about)
    if name == actions.EXPORT:
        return Export.model_validate({**about, "name": route.value})
    if name == actions.REST:
        return ShowRest.model_validate({**about, "revision": route.revision})
    if name == actions.UNDO:
        return UndoVerdict.model_validate(
            {**about, "revision": route.revision, "threat": route.threat, "verdicts": route.verdict.split()}
        )
    if actions.ANSWER.fullmatch(name):
        return AnswerQuestion.model_validate(
            {**about, "revision": route.revision, "question": route.question, "value": route.value}
        )
    return GiveVerdict.model_validate(
        {**about, "revision": route.revision, "judgements": [_judgement(name, route)]}
    )


def _judgement(name: str, route: Route) -> Judgement:
    if name == actions.SEVERITY:
        return Judgement(threat=route.threat, kind="severity", after=route.value)
    status = {actions.ACCEPT: ThreatStatus.ACCEPTED, actions.REOPEN: ThreatStatus.PROPOSED}.get(name)
    return Judgement(threat=route.threat, kind="status", after=status or route.value)
