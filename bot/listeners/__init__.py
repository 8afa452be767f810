"""What the ingress does with each kind of delivery: plain functions, registered here."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import buttons, commands, conversation, modals
from bot.services import Ingress


def register(app: App, services: Ingress) -> None:
    """Register every listener; each one checks, enqueues and acknowledges, and does nothing slow."""
    for room in (commands, modals, buttons, conversation):
        room.register(app, services)
