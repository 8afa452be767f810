"""The Installations port, and the value that it keeps. Plain: the ingress loads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app in one workspace, or in an organisation as a whole. All times are seconds since the epoch."""

    workspace: str
    """The workspace's id; empty when the whole organisation has installed it."""
    enterprise: str = ""
    """The organisation's id; empty outside Enterprise Grid."""
    name: str = ""
    """What people call the workspace or the organisation."""
    app: str = ""
    bot_token: str = field(repr=False)
    """Empty once the installation is revoked."""
    refresh_token: str = field(default="", repr=False)
    """Empty when the app's tokens are not rotated."""
    expires: float = 0.0
    """When the token ends; 0: never."""
    bot_user: str
    scopes: tuple[str, ...] = ()
    installed: float
    by: str
    """Who installed it."""
    revoked: float = 0.0
    """When it was taken away; 0: it stands."""

    @property
    def key(self) -> str:
        """What it is kept under: ids of workspaces and organisations never meet."""
        return self.workspace or self.enterprise


class Installations(Protocol):
    """Keeps installations, and which authorisations of a browser were used. Each method is one transaction.

    DeliveryError (a StorageError) from an adapter that asks over a network and gets no answer.
    """

    def save(self, installation: Installation) -> None:
        """Keep a new installation, in place of the one under its key."""
        ...

    def find(self, key: str) -> Installation | None:
        """The installation of a workspace or an organisation, a revoked one too; None when there was none."""
        ...

    def rotate(self, before: Installation, after: Installation) -> Installation:
        """Keep the tokens of `after` if those of `before` stand still; the installation that stands now.

        Of two that rotate the same, one wins, and the other is given the winner's. NotFound when the
        installation was revoked or is gone.
        """
        ...

    def revoke(self, key: str, at: float) -> bool:
        """Forget the tokens of what was installed before `at`; False when there is none, or a later one."""
        ...

    def set_reach(self, organisation: str, workspace: str, *, reached: bool, at: float) -> bool:
        """Say whether an organisation's installation reaches one of its workspaces since `at`.

        False when something later is known. Until something is said, it reaches every workspace.
        """
        ...

    def cut_off(self, organisation: str, workspace: str) -> float:
        """Since when an organisation's installation does not reach a workspace; 0 when it does."""
        ...

    def settle(
        self, organisation: str, thing: str, workspace: str, *, instead_of: str = "", until: float = 0.0
    ) -> str:
        """Say to which workspace a channel or an open form of an organisation belongs; the one that holds.

        What was said first holds, until it is over, and unless it is `instead_of`.

        Args:
            organisation: its id.
            thing: the id of the channel or of the form.
            workspace: the id of the workspace.
            instead_of: the workspace to which it belonged, when that is to change.
            until: when it may be forgotten, in seconds since the epoch; 0: never.
        """
        ...

    def place(self, organisation: str, thing: str) -> str:
        """The workspace to which it belongs; empty when nothing was said, or that is over."""
        ...

    def spend(self, ticket: str, until: float) -> bool:
        """Whether this ticket is used for the first time; it may be forgotten once `until` is over."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
