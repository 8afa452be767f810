"""GET /slack/install and GET /slack/oauth_redirect: what a browser is answered, whoever serves it."""

from __future__ import annotations

import html
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from agent.errors import DeliveryError, InputError
from bot.ingress import Answer
from bot.ingress_settings import IngressSettings
from bot.installations.base import Installation
from bot.installations.oauth import OAuthRefused, missing
from bot.installations.state import SECONDS, States
from bot.installations.tenants import Tenants

log = logging.getLogger("threatbot.installations")

INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"
COOKIE = "threatbot_install"
EVERYBODY = "*"
"""Among the workspaces that may install: all of them. Whoever installs reads the company's knowledge."""
AGAIN = f'<p><a href="{INSTALL}">Begin again</a></p>'
USED = "This address was used already. If the bot answers in Slack, all is well."
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LOCAL = ("http://127.0.0.1", "http://localhost")


class InstallPages:
    """Both addresses.

    Args:
        tenants: who has installed the app.
        settings: the app's secrets, where Slack sends people back to, who may install.
        clock: seconds since the epoch.
        nonce: an unguessable text of letters, digits, - and _.
    """

    def __init__(
        self,
        tenants: Tenants,
        settings: IngressSettings,
        *,
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._tenants = tenants
        self._states = States(settings.slack_signing_secret + settings.slack_client_secret)
        self._secure = "" if settings.slack_redirect_url.startswith(_LOCAL) else "; Secure"
        self._allowed = {id_.strip() for id_ in settings.slack_workspaces.split(",") if id_.strip()}
        self._clock = clock
        self._nonce = nonce

    def answer(self, path: str, query: str, cookies: str) -> Answer:
        """The answer to a GET of this path; 404 for every path but the two.

        Args:
            path: INSTALL or REDIRECT.
            query: what stands behind the question mark, still encoded.
            cookies: the Cookie header.
        """
        if path == INSTALL:
            return self._begin()
        if path == REDIRECT:
            return self._end(dict(parse_qsl(query)), _cookie(cookies))
        return Answer(404, {}, "not found")

    def _begin(self) -> Answer:
        state, kept = self._states.make(self._nonce(), self._clock())
        cookie = (
            f"{COOKIE}={kept}; Path={REDIRECT}; Max-Age={SECONDS:.0f}; HttpOnly; SameSite=Lax{self._secure}"
        )
        return Answer(
            302,
            {
                "Location": self._tenants.oauth.consent_url(state),
                "Set-Cookie": cookie,
                "Cache-Control": "no-store",
            },
            "",
        )

    def _end(self, given: Mapping[str, str], kept: str) -> Answer:
        if "error" in given:
            return _not_given(given["error"])
        try:
            ticket = self._states.read(given.get("state", ""), kept, self._clock())
            if not self._tenants.installations.spend(ticket.id, ticket.until):
                return _page(400, "Not installed", USED, AGAIN)
            installation = self._tenants.oauth.exchange(given.get("code", ""))
            return self._take(installation)
        except InputError as error:
            return _page(400, "Not installed", error.message, AGAIN)
        except OAuthRefused as refused:
            log.warning("an installation was refused by Slack: %s", refused.code)
            return _page(400, "Not installed", f"Slack did not accept the consent ({refused.code}).", AGAIN)
        except DeliveryError as error:
            log.warning("an installation could not be finished: %s", error.message)
            why = "Slack, or the place where installations are kept, did not answer. Nothing was kept."
            return _page(503, "Not installed", why, AGAIN)

    def _take(self, installation: Installation) -> Answer:
        """Keep it, if this workspace may and the bot can work with it."""
        name = installation.name or installation.key
        if not (installation.key and installation.bot_token and installation.bot_user):
            return _page(400, "Not installed", "Slack's answer named no workspace or no bot.", AGAIN)
        if not self._allowed & {EVERYBODY, installation.workspace, installation.enterprise}:
            gone = self._tenants.oauth.uninstall(installation)
            rest = (
                "It was taken out of the workspace again." if gone else "Remove it there under Manage apps."
            )
            why = f"{name} ({installation.key}) is not among the workspaces that this bot serves. {rest}"
            todo = "<p>Ask those who run the bot to add it to THREATBOT_SLACK_WORKSPACES.</p>"
            return _page(403, "Not installed", why, todo)
        lacking = missing(installation)
        if lacking:
            why = f"Slack did not give the bot all that it needs in {name}. Missing: {', '.join(lacking)}."
            todo = "<p>Add these bot scopes to the Slack app under OAuth &amp; Permissions.</p>" + AGAIN
            return _page(400, "Not installed", why, todo)
        self._tenants.installations.save(installation)
        self._tenants.forget(installation.key)
        log.info("installed in %s by %s", installation.key, installation.by)
        what = f"The threat modeler is installed in {name}."
        return _page(200, "Installed", what, "<p>In Slack, type /threatmodel in a channel.</p>")


def _not_given(error: str) -> Answer:
    """The person, or Slack before it asked them, said no."""
    if error == "access_denied":
        return _page(403, "Not installed", "You did not give your consent, so nothing was changed.", AGAIN)
    word = error if re.fullmatch(r"[a-z_]{1,60}", error) else "an unknown reason"
    log.warning("Slack did not ask for consent: %s", word)
    todo = (
        "<p>Whoever keeps the Slack app finds its scopes and redirect URLs under OAuth &amp; Permissions.</p>"
    )
    return _page(400, "Not installed", f"Slack did not ask for your consent: {word}.", todo + AGAIN)


def _page(status: int, title: str, what: str, todo: str) -> Answer:
    body = (
        f'<!doctype html><html lang="en"><title>{title}</title>'
        f"<h1>{title}</h1><p>{html.escape(what)}</p>{todo}</html>"
    )
    return Answer(status, _HEADERS, body)


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
