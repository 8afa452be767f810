"""Several workspaces behind one Web API, as Slack has it, and the OAuth by which they install the app."""

from __future__ import annotations

import base64
import binascii
import math
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from agent.errors import NotFound
from bot.workspace import events
from bot.workspace.api.dispatch import token_of
from bot.workspace.errors import Refused
from bot.workspace.organisation import Organisation, concerns
from bot.workspace.state import Clock
from bot.workspace.values import File
from bot.workspace.workspace import Workspace

CODE_SECONDS = 600
CHANNEL = re.compile(r"[CDGUW][A-Z0-9]+")
TOKEN_SECONDS = 43_200
"""How long a rotated token is good."""


@dataclass
class _Grant:
    """What a person consented to, until it is exchanged."""

    workspace: Workspace | None
    """None: the organisation as a whole."""
    person: str
    scopes: str
    redirect: str
    until: float
    used: bool = False


@dataclass
class Client:
    """The app's client at Slack."""

    id: str
    secret: str
    redirect_urls: tuple[str, ...] = ()
    """Where people may be sent back to."""
    rotates: bool = False
    """Whether tokens end after twelve hours and are renewed."""
    withheld: set[str] = field(default_factory=set)
    """Scopes that are asked for and not given."""


class Platform:
    """The OAuth state of several workspaces. Until it is installed, the app's token is good in none of them.

    Args:
        workspaces: all of them.
        client: the app's client.
        clock: seconds since the epoch.
        organisation: whose some of the workspaces are; the app can be installed in it as a whole. Its
            workspaces have marks of their own (see Workspace), or a call by its token could mean several.
    """

    def __init__(
        self,
        workspaces: Sequence[Workspace],
        client: Client,
        clock: Clock = time.time,
        organisation: Organisation | None = None,
    ) -> None:
        self.workspaces = tuple(workspaces)
        self.client = client
        self.organisation = organisation
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, _Grant] = {}
        self._refresh: dict[str, Workspace | None] = {}
        """Refresh tokens that were not used yet."""
        self._numbers: dict[str, int] = {}
        self._whole_tokens: set[str] = set()
        for workspace in self.workspaces:
            workspace.tokens.clear()
        tickets: dict[str, File] = {}
        for workspace in organisation.workspaces if organisation else ():
            workspace.organisation = organisation
            workspace.store.tickets = tickets

    def consent(self, team: str, person: str, asked: Mapping[str, str]) -> str:
        """A person of a workspace consents; where their browser is sent.

        Args:
            team: the workspace's id, or the organisation's.
            person: their name or id.
            asked: the query that /oauth/v2/authorize was opened with; Refused when it is not good.
        """
        redirect = self._checked(asked)
        workspace = self._place(team)
        code = f"code.{team}.{self._number('code')}"
        self._grants[code] = _Grant(
            workspace,
            (workspace or self.workspaces[0]).person(person).id,
            ",".join(s for s in asked.get("scope", "").split(",") if s not in self.client.withheld),
            asked.get("redirect_uri", ""),
            self._clock() + CODE_SECONDS,
        )
        return _back(redirect, asked, code=code)

    def deny(self, asked: Mapping[str, str]) -> str:
        """A person does not consent; where their browser is sent."""
        return _back(self._checked(asked), asked, error="access_denied")

    def access(self, given: Mapping[str, Any], authorization: str) -> dict[str, Any]:
        """oauth.v2.access; Refused with Slack's word."""
        self._authenticate(given, authorization)
        with self._lock:
            if given.get("grant_type") == "refresh_token":
                used = str(given.get("refresh_token"))
                if used not in self._refresh:
                    raise Refused("invalid_refresh_token")
                workspace = self._refresh.pop(used)
                scopes = (workspace or self.workspaces[0]).store.app.scopes or ()
                return self._issue(workspace, "", ",".join(sorted(scopes)))
            grant = self._grants.get(str(given.get("code")))
            if grant is None or self._clock() > grant.until:
                raise Refused("invalid_code")
            if grant.used:
                raise Refused("code_already_used")
            if str(given.get("redirect_uri") or "") != grant.redirect:
                raise Refused("bad_redirect_uri")
            grant.used = True
            return self._issue(grant.workspace, grant.person, grant.scopes)

    def uninstall(self, given: Mapping[str, Any], authorization: str) -> dict[str, Any]:
        """apps.uninstall: the app takes itself out of a workspace."""
        workspace = self.holder(token_of(given, authorization))
        if workspace is None:
            raise Refused("invalid_auth")
        self._authenticate(given, "")
        workspace.remove_app()
        return {}

    def holder(self, token: str, given: Mapping[str, Any] | None = None) -> Workspace | None:
        """The workspace that a token is, or was, of.

        An organisation's token is of each workspace in its reach; a call's arguments say which one is meant.
        Refused for one that it does not reach any more, and for a channel by name, which could be in any of
        them (Slack's reference of chat.postMessage). None of the methods here takes a `team_id` (Slack's
        reference of each): an upload is of no workspace until it is completed with a channel.
        """
        of = [w for w in self.workspaces if token in w.tokens]
        if token not in self._whole_tokens:
            return next(iter(of), None)
        channel = (given or {}).get("channel")
        if isinstance(channel, str) and channel and not CHANNEL.fullmatch(channel):
            raise Refused("team_not_found")
        meant = next((w for w in self.workspaces if concerns(w, given or {})), None)
        if meant is not None and meant not in of:
            raise Refused("team_access_not_granted")
        return meant or next(iter(of), None)

    def take_out(self, *teams: str) -> None:
        """The organisation takes workspaces out of the app's reach; the app hears of it."""
        whole = self._organisation()
        whole.apart.update(teams)
        for workspace in map(self._place, teams):
            if workspace is not None:
                workspace.tokens = {t: u for t, u in workspace.tokens.items() if t not in self._whole_tokens}
        events.reach_changed(whole.workspaces[0], whole.id, teams, granted=False)

    def let_in(self, *teams: str) -> None:
        """The organisation lets the app into workspaces again; the app hears of it."""
        whole = self._organisation()
        whole.apart.difference_update(teams)
        known = {t: u for w in whole.workspaces for t, u in w.tokens.items() if t in self._whole_tokens}
        for workspace in map(self._place, teams):
            if workspace is not None:
                workspace.tokens |= known
        events.reach_changed(whole.workspaces[0], whole.id, teams, granted=True)

    def remove_whole(self) -> None:
        """The app is taken out of the organisation; it hears of it."""
        whole = self._organisation()
        whole.installed = False
        for workspace in whole.workspaces:
            ended = dict.fromkeys(self._whole_tokens & set(workspace.tokens), 0.0)
            workspace.tokens |= ended
        events.whole_uninstalled(whole.workspaces[0], whole.id)

    def _organisation(self) -> Organisation:
        if self.organisation is None:
            raise NotFound("This platform has no organisation.")
        return self.organisation

    def _place(self, id_: str) -> Workspace | None:
        """The workspace with this id; None for the organisation as a whole."""
        if self.organisation is not None and id_ == self.organisation.id:
            return None
        return next(w for w in self.workspaces if w.store.seed.team["id"] == id_)

    def _checked(self, asked: Mapping[str, str]) -> str:
        if asked.get("client_id") != self.client.id:
            raise Refused("invalid_client_id")
        redirect = asked.get("redirect_uri") or self.client.redirect_urls[0]
        if redirect not in self.client.redirect_urls:
            raise Refused("bad_redirect_uri")
        return redirect

    def _authenticate(self, given: Mapping[str, Any], authorization: str) -> None:
        try:
            basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError):
            basic = ""
        name, _, secret = basic.partition(":")
        if (given.get("client_id") or name) != self.client.id:
            raise Refused("invalid_client_id")
        if (given.get("client_secret") or secret) != self.client.secret:
            raise Refused("bad_client_secret")

    def _issue(self, workspace: Workspace | None, person: str, scopes: str) -> dict[str, Any]:
        """A token of a workspace; without one, the organisation's, which opens all of its workspaces."""
        about = _of_workspace(workspace) if workspace else self._of_whole()
        app = (workspace or self.workspaces[0]).store.app
        key = about["team"]["id"] if workspace else about["enterprise"]["id"]
        number = self._number(key)
        kind = "xoxe.xoxb-1" if self.client.rotates else "xoxb"
        token = f"{kind}-{key}-{number}"
        until = self._clock() + TOKEN_SECONDS if self.client.rotates else math.inf
        for opened in (workspace,) if workspace else self._reached():
            opened.tokens[token] = until
        answer: dict[str, Any] = {
            "ok": True,
            "app_id": app.id,
            "authed_user": {"id": person},
            "scope": scopes,
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": app.bot_user,
            **about,
        }
        if workspace is None:
            self._whole_tokens.add(token)
        if self.client.rotates:
            refresh = f"xoxe-1-{key}-{number}"
            self._refresh[refresh] = workspace
            answer |= {"refresh_token": refresh, "expires_in": TOKEN_SECONDS}
        return answer

    def _of_whole(self) -> dict[str, Any]:
        whole = self._organisation()
        whole.installed = True
        return {
            "team": None,
            "enterprise": {"id": whole.id, "name": whole.name},
            "is_enterprise_install": True,
        }

    def _reached(self) -> tuple[Workspace, ...]:
        whole = self._organisation()
        return tuple(w for w in whole.workspaces if whole.reaches(w))

    def _number(self, what: str) -> int:
        self._numbers[what] = self._numbers.get(what, 0) + 1
        return self._numbers[what]


def _of_workspace(workspace: Workspace) -> dict[str, Any]:
    team, whole = workspace.store.seed.team, workspace.organisation
    return {
        "team": {"id": team["id"], "name": team["name"]},
        "enterprise": {"id": whole.id, "name": whole.name} if whole else None,
        "is_enterprise_install": False,
    }


def _back(redirect: str, asked: Mapping[str, str], **said: str) -> str:
    return f"{redirect}?{urlencode(said | {'state': asked.get('state', '')})}"
