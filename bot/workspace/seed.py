"""Reads the seed: who and what every local workspace starts with, and how the app declares itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import yaml

from bot.workspace.values import Channel, User


@dataclass(frozen=True)
class Command:
    """A slash command that the app declares."""

    name: str
    """With its slash."""
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A shortcut that the app declares."""

    name: str
    type: str
    """ "message" or "global"."""
    callback_id: str
    description: str = ""


@dataclass(frozen=True)
class AppSpec:
    """The app as its manifest declares it."""

    id: str
    bot_id: str
    bot_user: str
    name: str
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] = frozenset()
    """Bot events that it subscribes to, such as "message.channels"."""
    scopes: frozenset[str] | None = None
    """What its token may do; None: everything."""

    def declared_by(self, manifest: Mapping[str, Any]) -> AppSpec:
        """This app with the name, commands, shortcuts, events and scopes of a Slack app manifest."""
        features = manifest.get("features", {})
        subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
        name = features.get("bot_user", {}).get("display_name", self.name)
        scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
        return replace(
            self,
            name=name,
            commands=tuple(_command(c) for c in features.get("slash_commands", ())),
            shortcuts=tuple(_shortcut(s) for s in features.get("shortcuts", ())),
            events=frozenset(subscriptions.get("bot_events", ())),
            scopes=None if scopes is None else frozenset(scopes),
        )


@dataclass(frozen=True)
class Seed:
    """Everything that a workspace starts with."""

    team: Mapping[str, str]
    other_team: Mapping[str, str]
    users: tuple[User, ...]
    channels: tuple[Channel, ...]
    app: AppSpec
    mark: str = ""
    """Ends the ids of this workspace's channels and of all that is made in it."""


def load(own: Mapping[str, str] | None = None) -> Seed:
    """The seed of `seed.yaml`, the bot user and everyone's direct messages with the app included.

    Args:
        own: the workspace's id, domain and name, instead of the seed's. A `mark` tells its channels, and all
            that is made in it, from those of other workspaces; without one they have the same ids.
    """
    raw = yaml.safe_load(resources.files("bot.workspace").joinpath("seed.yaml").read_text("utf-8"))
    app = _app(raw["app"])
    named = dict(own or raw["team"])
    mark = named.pop("mark", "")
    team = named["id"]
    people = tuple(User(**{"team": team, **row}) for row in raw["users"])
    bot = User(id=app.bot_user, name=app.name, real_name=app.name, team=team, is_bot=True)
    ids = {user.name: user.id for user in people}
    rows = ({**row, "id": row["id"] + mark} for row in raw["channels"])
    channels = tuple(_channel(row, ids, app.bot_user) for row in rows)
    direct = tuple(direct_messages(user, app.bot_user) for user in people)
    return Seed(named, raw["other_team"], (*people, bot), (*channels, *direct), app, mark)


def direct_messages(user: User, bot_user: str) -> Channel:
    """The channel of one person's direct messages with the app."""
    return Channel("D" + user.id[1:], user.name, frozenset({user.id, bot_user}), im_with=user.id)


def _app(raw: Mapping[str, Any]) -> AppSpec:
    return AppSpec(
        id=raw["id"],
        bot_id=raw["bot_id"],
        bot_user=raw["bot_user"],
        name=raw["name"],
        commands=tuple(Command(**row) for row in raw["commands"]),
        shortcuts=tuple(Shortcut(**row) for row in raw["shortcuts"]),
        events=frozenset(raw["events"]),
    )


def _channel(row: Mapping[str, Any], ids: Mapping[str, str], bot_user: str) -> Channel:
    members = {ids[name] for name in row["members"]} | ({bot_user} if row["bot"] else set())
    kept = {key: row[key] for key in ("id", "name", "topic", "is_private", "is_ext_shared") if key in row}
    return Channel(members=frozenset(members), **kept)


def _command(raw: Mapping[str, Any]) -> Command:
    return Command(
        name=raw["command"],
        description=raw.get("description", ""),
        usage_hint=raw.get("usage_hint", ""),
        should_escape=raw.get("should_escape", False),
    )


def _shortcut(raw: Mapping[str, Any]) -> Shortcut:
    return Shortcut(raw["name"], raw["type"], raw["callback_id"], raw.get("description", ""))
