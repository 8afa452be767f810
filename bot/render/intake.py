"""The form for a new threat model: light, because the ingress opens it within Slack's three seconds."""

from __future__ import annotations

from agent.domain.states import Methodology
from bot.render import actions as act
from bot.render.blocks import field, modal, option, select
from bot.render.forms import DESCRIPTION, FILES, METHODOLOGY, TITLE
from bot.render.rich import Json
from bot.render.text import clip, line

TITLE_LIMIT = 150
TEXT_LIMIT = 3_000
MAX_FILES = 10
METHODOLOGIES = {
    Methodology.STRIDE: "Security threats (STRIDE)",
    Methodology.LINDDUN: "Privacy threats (LINDDUN)",
    Methodology.MAESTRO: "Threats to AI agents (MAESTRO)",
}
"""What may be chosen; the first is what most want."""


def intake(channel: str, title: str = "", description: str = "") -> Json:
    """The form for a new threat model, its title filled in; private_metadata is the channel's id alone."""
    text = {"type": "plain_text_input", "max_length": TITLE_LIMIT, "focus_on_load": True}
    prose = {"type": "plain_text_input", "multiline": True, "max_length": TEXT_LIMIT}
    files = {"type": "file_input", "max_files": MAX_FILES}
    named, told = line(title, TITLE_LIMIT, ""), clip(description, TEXT_LIMIT)
    offered = [option(text, methodology.value) for methodology, text in METHODOLOGIES.items()]
    blocks = [
        field(TITLE, "Title", text | ({"initial_value": named} if named else {})),
        field(
            DESCRIPTION,
            "Description",
            prose | ({"initial_value": told} if told else {}),
            optional=True,
            hint="Who uses it, what data it holds, what protects it already. Every sentence counts.",
        ),
        field(
            FILES,
            "Diagrams and documents",
            files,
            optional=True,
            hint="You can also drop them into the thread afterwards.",
        ),
        field(METHODOLOGY, "Look for", select(METHODOLOGY, offered, "Choose what", offered[0])),
    ]
    more = {"submit": "Start", "close": "Cancel", "private_metadata": channel}
    return modal(act.INTAKE_VIEW, "New threat model", blocks, more)
