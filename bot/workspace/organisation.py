"""An organisation of several workspaces, as in Enterprise Grid: the app can be installed in it as a whole.

What a delivery says of workspaces then, and where that is known from:

- A command names the workspace that the person looks from (Slack's reference of slash commands; a maintainer
  in slackapi/bolt-js#1875).
- A press, shortcut or form that an organisation's installation hears of has `team: null` (Slack's reference
  of view payloads; slackapi/bolt-python#23; slackapi/deno-slack-runtime#65). `user.team_id` is one and the
  same workspace of the person's, wherever they are (bolt-js#1875), or the organisation (Slack's reference of
  block_suggestion payloads). `view.app_installed_team_id` is the organisation (bolt-js#1720).
- Otherwise `team` is the workspace of the installation, with `enterprise_id` and `enterprise_name` in it
  (Slack's reference of block_actions payloads; json-logs of slackapi/java-slack-sdk).
- An event names one installation that it is visible to in `authorizations`, not necessarily the one of the
  workspace that the person is in (Slack's page on the Events API). `user_team` and `source_team` may be an
  organisation (tests of slackapi/bolt-python). Channels in several workspaces belong to the organisation:
  their `context_team_id` is its id.
- users.info names the workspaces and the organisation in `enterprise_user`, and may leave out `team_id`
  (looker/lookerbot#184).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.workspace.values import Channel, User
    from bot.workspace.workspace import Workspace


@dataclass
class Organisation:
    """The organisation and its workspaces; a Platform makes it known to them."""

    id: str
    """Begins with E."""
    name: str
    workspaces: tuple[Workspace, ...]
    installed: bool = False
    """Whether the app is installed in it as a whole."""
    apart: set[str] = field(default_factory=set)
    """Ids of workspaces that it has taken out of the app's reach."""

    seats: dict[str, str] = field(default_factory=dict)
    """By person the id of the workspace that they look from at channels that are in several."""

    def at_home(self, person: str, home: str) -> None:
        """Have Slack name this workspace, or the organisation, as the home of a person, wherever they are."""
        for store in (w.store for w in self.workspaces):
            if person in store.users:
                store.users[person] = replace(store.users[person], team=home)

    def share(self, channel: Channel, workspace: Workspace) -> None:
        """Have a channel of one of its workspaces be in the others too."""
        workspace.store.channels[channel.id] = replace(channel, is_org_shared=True)

    def reaches(self, workspace: Workspace) -> bool:
        """Whether the installation of the whole is what deliveries from this workspace come by."""
        return self.installed and workspace.store.seed.team["id"] not in self.apart

    def knows(self, person: User) -> bool:
        """Whether a person is of this organisation."""
        return person.team in {self.id, *(w.store.seed.team["id"] for w in self.workspaces)}

    def teams_of(self, person: str) -> list[str]:
        """The ids of the workspaces that a person is in."""
        return [w.store.seed.team["id"] for w in self.workspaces if person in w.store.users]


def named_in(workspace: Workspace) -> dict[str, Any]:
    """What an interaction says of the workspace, the organisation and of whose installation it comes by."""
    team, whole = workspace.store.seed.team, workspace.organisation
    named = {"id": team["id"], "domain": team["domain"]}
    if whole is None:
        return {"team": named, "enterprise": None, "is_enterprise_install": False}
    reached = whole.reaches(workspace)
    return {
        "team": None if reached else named | {"enterprise_id": whole.id, "enterprise_name": whole.name},
        "enterprise": {"id": whole.id, "name": whole.name},
        "is_enterprise_install": reached,
    }


def seat_in(workspace: Workspace, person: str, channel: Channel) -> Mapping[str, str]:
    """The workspace (id, domain, name) that a person looks from at a channel of this one."""
    whole = workspace.organisation
    seat = whole.seats.get(person) if whole is not None and channel.is_org_shared else None
    places = whole.workspaces if whole is not None else ()
    return next(
        (w.store.seed.team for w in places if w.store.seed.team["id"] == seat), workspace.store.seed.team
    )


def concerns(workspace: Workspace, given: Mapping[str, Any]) -> bool:
    """Whether a call's arguments name this workspace, or something that is in it alone."""
    store = workspace.store
    kept = (store.channels, store.files, store.triggers, store.views)
    texts = [value for value in given.values() if isinstance(value, str)]
    named = given.get("team_id") == store.seed.team["id"]
    return named or any(text in places for text in texts for places in kept)
