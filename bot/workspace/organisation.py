"""An organisation of several workspaces, as in Enterprise Grid: the app can be installed in it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

    def reaches(self, workspace: Workspace) -> bool:
        """Whether the installation of the whole is what deliveries from this workspace come by."""
        return self.installed and workspace.store.seed.team["id"] not in self.apart

    def teams_of(self, person: str) -> list[str]:
        """The ids of the workspaces that a person is in."""
        return [w.store.seed.team["id"] for w in self.workspaces if person in w.store.users]


def named_in(workspace: Workspace) -> dict[str, Any]:
    """What an interaction says of the organisation and of whose installation it comes by."""
    whole = workspace.organisation
    if whole is None:
        return {"enterprise": None, "is_enterprise_install": False}
    return {
        "enterprise": {"id": whole.id, "name": whole.name},
        "is_enterprise_install": whole.reaches(workspace),
    }


def concerns(workspace: Workspace, given: Mapping[str, Any]) -> bool:
    """Whether a call's arguments name this workspace, or something that is in it alone."""
    store = workspace.store
    kept = (store.channels, store.files, store.triggers, store.views)
    texts = [value for value in given.values() if isinstance(value, str)]
    named = given.get("team_id") == store.seed.team["id"]
    return named or any(text in places for text in texts for places in kept)
