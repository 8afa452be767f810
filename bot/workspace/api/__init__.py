"""The Web API: one module a family of methods, all of them in one table."""

from __future__ import annotations

from bot.workspace.api import auth, chat, conversations, files, reactions, sessions, users, views
from bot.workspace.api.registry import Method

METHODS: dict[str, Method] = {
    method.name: method
    for family in (auth, chat, conversations, files, reactions, sessions, users, views)
    for method in family.METHODS
}
"""Every method that this workspace knows, by name."""
