"""The form that asks why a threat is dismissed: light, because a press opens it before anything is read."""

from __future__ import annotations

from dataclasses import replace

from bot.render import actions as act
from bot.render.blocks import field, modal
from bot.render.forms import REASON
from bot.render.rich import Json, block, said, section
from bot.render.routing import MAX_ROUTE, Route, encode
from bot.render.text import line

LIMIT = 1_000
TITLE = 150
"""Characters of a threat's title that its button carries."""


def dismissable(route: Route, title: str) -> Route:
    """The route of a Dismiss button: it carries what the form shows, so that nothing need be read for it."""
    return replace(route, value=line(title, TITLE))


def dismissal(route: Route) -> Json:
    """Asks for the reason of a dismissal; of a button without a title, the threat's id stands alone."""
    prose = {"type": "plain_text_input", "multiline": True, "max_length": LIMIT, "focus_on_load": True}
    threat = line(route.threat, 24, "Threat")
    blocks = [
        block(section(said(f"{threat} · {route.value}" if route.value else threat, "bold"))),
        field(
            REASON,
            "Why does it not apply?",
            prose,
            hint="It stands beside the threat, for everybody to read.",
        ),
    ]
    about = encode(replace(route, value=""))
    metadata = {"private_metadata": about} if len(about) <= MAX_ROUTE else {}
    more = {"submit": "Dismiss", "close": "Cancel", **metadata}
    return modal(act.DISMISS_VIEW, f"Dismiss: {threat}", blocks, more)
