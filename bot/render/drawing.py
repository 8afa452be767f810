"""What a language model saw in a picture, shown as text that a person can correct."""

from __future__ import annotations

from agent.domain.model import Drawing
from bot.render import actions as act
from bot.render.blocks import actions, button, context
from bot.render.limits.checks import length
from bot.render.message import Message
from bot.render.rich import block, person, preformatted, said, section
from bot.render.routing import Route
from bot.render.text import clip, fallback, line

LONGEST = 3_000
"""Characters that a form's text field holds; a longer drawing goes out as a file."""
CORRECTED = ".mmd"
"""Behind a picture's name: the file that takes its place."""


def seen(drawing: Drawing, route: Route) -> Message | None:
    """The drawing with its button; None when it is too long for the form.

    Args:
        drawing: what was seen.
        route: goes into the button; the `value` is the drawing's number.
    """
    if length(drawing.mermaid) > LONGEST:
        return None
    led = f"What I saw in {line(drawing.source, 120)}"
    told = "Wrong or missing? Correct it here: the next revision reads your text in the picture's place."
    blocks = (
        block(section(said(led, "bold")), preformatted(drawing.mermaid.rstrip())),
        context(told),
        *actions(button("Correct it", act.CORRECT, route)),
    )
    return Message(fallback(led), blocks)


def as_file(drawing: Drawing) -> str:
    """The sentence beside the file of a drawing that is too long for the form."""
    name = line(drawing.source, 120)
    return (
        f"What I saw in {name}, as a Mermaid flowchart. Wrong or missing? Correct the file: one of the name "
        f"{name}{CORRECTED} that is dropped here takes the picture's place."
    )


def corrected(drawing: Drawing, text: str, who: str, revision: int) -> Message:
    """The drawing once somebody has corrected it: their text, and how to change it again."""
    name = line(drawing.source, 120)
    led = f"What {name} shows, corrected by "
    told = (
        f"Revision {revision} reads this in the picture's place. To change it again, drop a file of the name "
        f"{name}{CORRECTED} here."
    )
    blocks = (
        block(section(said(led, "bold"), person(who)), preformatted(clip(text, LONGEST))),
        context(told),
    )
    return Message(fallback(f"{led}somebody"), blocks)
