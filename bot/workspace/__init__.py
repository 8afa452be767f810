"""A local Slack workspace: the Web API, signed deliveries and a page, for the demo and the tests.

`Workspace` holds the state, `WorkspaceServer` serves it, `Person` does what a person does at the page.
"""

from bot.workspace.faults import Faults
from bot.workspace.people import Person
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.values import Message, View
from bot.workspace.workspace import Workspace

__all__ = ["Faults", "Message", "Person", "Timing", "View", "Workspace", "WorkspaceServer"]
