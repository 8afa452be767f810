"""The form for a new threat model: light, because the ingress opens it within Slack's three seconds."""

from __future__ import annotations

from bot.render import actions as act
from bot.render.blocks import field, modal
from bot.render.forms import DESCRIPTION, FILES, TITLE
from bot.render.rich import Json
from bot.render.text import clip, line

TITLE_LIMIT = 150
TEXT_LIMIT = 3_000
MAX_FILES = 10


def intake(channel: str, title: str = "", description: str = "") -> Json:
    """The form for a new threat model, its title filled in; private_metadata is the channel's id alone."""
    text = {"type": "plain_text_input", "max_length": TITLE_LIMIT, "focus_on_load": True}
    prose = {"type": "plain_text_input", "multiline": True, "max_length": TEXT_LIMIT}
    files = {"type": "file_input", "max_files": MAX_FILES}
    named, told = line(title, TITLE_LIMIT, ""), clip(description, TEXT_LIMIT)
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
    ]
    more = {"submit": "Start", "close": "Cancel", "private_metadata": channel}
    return modal(act.INTAKE_VIEW, "New threat model", blocks, more)
