"""The app was removed, or an organisation has let it into workspaces or taken it out: how Slack tells."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App, BoltContext

from bot import intake
from bot.jobs import Actor, Unlearn

if TYPE_CHECKING:
    from bot.installations.tenants import Tenants
    from bot.jobs import JobQueue

log = logging.getLogger("threatbot.installations")

ENDINGS = {"app_uninstalled", "tokens_revoked"}
REACHES = {"team_access_granted": True, "team_access_revoked": False}
"""Whether the organisation's installation reaches the named workspaces from then on."""
WITHOUT = ENDINGS | set(REACHES)
"""Events that come without an installation that serves a workspace, because they begin or end it."""


def register(app: App, tenants: Tenants | None, queue: JobQueue) -> None:
    """Listen to all of them; with a single bot token there is nothing to change, and they are only logged.

    What was taught where the app was removed is deleted by the worker: `queue` takes the job.
    """

    def ended(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        end(tenants, body)
        unlearn(tenants, queue, body, str(context["delivery"]))
        ack()

    def moved(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        reach(tenants, body)
        unlearn(tenants, queue, body, str(context["delivery"]))
        ack()

    for name in sorted(ENDINGS):
        app.event(name)(ended)
    for name in sorted(REACHES):
        app.event(name)(moved)


def end(tenants: Tenants | None, body: dict[str, Any]) -> None:
    """Revoke what was installed before the event; what is kept of the workspace stays."""
    event, key = body["event"], intake.workspace(body)
    if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return  # tokens of people, of which the bot has none
    key = intake.organisation(body) or key or str(body.get("team_id") or body.get("enterprise_id") or "")
    revoked = tenants is not None and tenants.revoke(key, float(body.get("event_time") or 0) + 1)
    log.info("%s in %s%s", event.get("type"), key, "; its tokens are forgotten" if revoked else "")


def reach(tenants: Tenants | None, body: dict[str, Any]) -> None:
    """Let the organisation's installation into the named workspaces, or take it out of them.

    Only what that organisation has installed is concerned: a workspace's own installation, and that of
    another organisation, go on. What is kept of the workspaces stays.
    """
    event, whole = body["event"], _organisation(body)
    at = float(event.get("event_ts") or body.get("event_time") or 0)
    for team in event.get("team_ids") or ():
        log.info("%s by %s in %s", event["type"], whole, team)
        if tenants is not None and whole:
            tenants.set_reach(whole, str(team), reached=REACHES[event["type"]], at=at)


def unlearn(tenants: Tenants | None, queue: JobQueue, body: dict[str, Any], delivery: str) -> None:
    """Ask the worker to delete what was taught where nothing serves any more since this event.

    What serves is looked up, whether the event is news or not: it may be here again because the job could not
    be sent the first time.
    """
    if tenants is None:
        return
    for who in _about(body):
        for key in filter(None, (who.workspace, who.enterprise)):
            tenants.forget(key)
        if tenants.find(who.workspace, who.enterprise) is None:
            whose = who.workspace or who.enterprise
            queue.send(Unlearn(id=f"{delivery}:unlearn:{whose}", model=f"removal-{whose}", actor=who))


def _about(body: dict[str, Any]) -> list[Actor]:
    """Nobody in particular, in each workspace or organisation that the event is about."""
    event, enterprise = body["event"], _organisation(body)
    teams = [str(team) for team in event.get("team_ids") or ()]
    if event.get("type") in ENDINGS:
        teams = ["" if intake.organisation(body) else intake.workspace(body)]
    return [
        Actor(user="", team=team, workspace=team, channel="", enterprise=enterprise)
        for team in teams
        if team or enterprise
    ]


def _organisation(body: dict[str, Any]) -> str:
    """The organisation that the event is about; Slack names it in either of two places."""
    authorizations: Sequence[dict[str, Any]] = body.get("authorizations") or ({},)
    return str(body.get("enterprise_id") or authorizations[0].get("enterprise_id") or "")
