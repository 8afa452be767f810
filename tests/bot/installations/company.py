"""Two workspaces behind one Slack, and one bot that both can install."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App

from bot.app import make_app
from bot.ingress import Answer, handle
from bot.installations.base import Installation
from bot.installations.making import make_tenants
from bot.installations.oauth import SCOPES
from bot.installations.tenants import Tenants
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_services
from bot.worker import Worker
from bot.workspace.organisation import Organisation
from bot.workspace.platform import Client, Platform
from bot.workspace.platform_server import PlatformServer
from bot.workspace.state import Timing
from bot.workspace.workspace import Workspace

SECRET = "a signing secret"
REDIRECT = "http://127.0.0.1:1/slack/oauth_redirect"
NORTH = {"id": "T0NORTH", "domain": "north", "name": "Northern office"}
SOUTH = {"id": "T0SOUTH", "domain": "south", "name": "Southern office"}
WEST = {"id": "T0WEST", "domain": "west", "name": "A company in the west"}


class Company:
    """The bot, its ingress and its worker, in this thread; Slack over HTTP."""

    def __init__(self, server: PlatformServer, folder: Path, **settings: object) -> None:
        self.platform = server.platform
        self.north, self.south, *_ = server.platform.workspaces
        self.settings = Settings.model_validate(
            {
                "slack_signing_secret": SECRET,
                "slack_client_id": server.platform.client.id,
                "slack_client_secret": server.platform.client.secret,
                "slack_redirect_url": server.platform.client.redirect_urls[0],
                "slack_workspaces": "*",
                "slack_api_url": server.api_url,
                "slack_file_origins": tuple(w.url for w in server.platform.workspaces),
                "data_dir": folder,
                "progress_seconds": 0,
                "attempts": 1,
                "port": 0,
                **settings,
            }
        )
        services = make_services(self.settings)
        tenants = services.tenants or make_tenants(self.settings.ingress)
        assert tenants is not None
        self.tenants: Tenants = tenants
        self.services: Services = replace(services, tenants=tenants)
        self.app: App = make_app(self.settings.ingress, self.services)

    def install(self, workspace: Workspace) -> Installation:
        """A person of the workspace consents, and the installation is kept."""
        return self.installed(workspace.store.seed.team["id"])

    def install_whole(self) -> Installation:
        """Somebody consents for the organisation as a whole, and the installation is kept."""
        assert self.platform.organisation is not None
        return self.installed(self.platform.organisation.id)

    def installed(self, key: str) -> Installation:
        """The same, for the workspace or the organisation with this id."""
        asked = {"client_id": self.platform.client.id, "scope": ",".join(SCOPES)}
        asked["redirect_uri"] = self.settings.slack_redirect_url
        back = self.platform.consent(key, "ada", asked)
        made = self.tenants.oauth.exchange(back.partition("code=")[2].partition("&")[0])
        self.tenants.installations.save(made)
        self.tenants.forget(made.key)
        return made

    def deliver(self, body: Mapping[str, Any]) -> Answer:
        """A signed delivery: a command's form, an interaction, or an event's envelope."""
        if "command" in body:
            text = urlencode(body)
        elif "event" in body:
            text = json.dumps(body)
        else:
            text = urlencode({"payload": json.dumps(body)})
        kind = "application/json" if "event" in body else "application/x-www-form-urlencoded"
        return handle(self.app, self.services, signed(text) | {"Content-Type": kind}, text.encode())

    def work(self) -> int:
        """Do every job that can be done now; how many."""
        worker, count = Worker(self.services), 0
        while worker.do_one():
            count += 1
        return count

    def close(self) -> None:
        """Let go of files."""
        self.services.records.close()
        self.tenants.close()


def signed(text: str) -> dict[str, str]:
    """Slack's headers for a body that is sent now."""
    stamp = str(int(time.time()))
    made = hmac.new(SECRET.encode(), f"v0:{stamp}:{text}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


def a_platform(*, rotates: bool = False, redirect: str = REDIRECT) -> Platform:
    """Two workspaces, in which every person, channel and counter has the same id."""
    timing = Timing(ack=30, trigger=30, retry_scale=0.0)
    made = [
        Workspace(signing_secret=SECRET, bot_token="unused", timing=timing, team=t) for t in (NORTH, SOUTH)
    ]
    client = Client("1.2", "client secret", (redirect,), rotates=rotates)
    return Platform(made, client)


@contextmanager
def a_company(folder: Path, **settings: object) -> Iterator[Company]:
    """A company whose two offices have not installed the bot yet."""
    with PlatformServer(a_platform()) as server:
        made = Company(server, folder, **settings)
        yield made
        made.close()


def a_grid() -> Platform:
    """An organisation of two workspaces, and a third one that is not of it."""
    timing = Timing(ack=30, trigger=30, retry_scale=0.0)
    teams = (NORTH, SOUTH | {"mark": "S"}, WEST | {"mark": "W"})
    north, south, west = (
        Workspace(signing_secret=SECRET, bot_token="unused", timing=timing, team=t) for t in teams
    )
    client = Client("1.2", "client secret", (REDIRECT,))
    return Platform((north, south, west), client, organisation=Organisation("E0ALL", "All", (north, south)))


@contextmanager
def a_grid_company(folder: Path, **settings: object) -> Iterator[Company]:
    """A company whose organisation has not installed the bot yet."""
    with PlatformServer(a_grid()) as server:
        made = Company(server, folder, **settings)
        yield made
        made.close()
