"""How a threat model begins: what the command does, and the thread's first message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agent.domain.states import Methodology
from bot.render import actions as act
from bot.render.blocks import actions, button
from bot.render.intake import METHODOLOGIES
from bot.render.message import Message
from bot.render.rich import block, bullets, person, quote, said, section
from bot.render.routing import Route
from bot.render.text import fallback, line, lines, listed

FORMATS = "Mermaid, draw.io, PlantUML, Graphviz DOT, Threat Dragon or Open Threat Model"
WITH_PICTURES = f"a picture (PNG, JPEG, WebP or GIF), {FORMATS}"
"""What can be read where a language model looks at pictures."""
MAX_FILES = 10
MEGABYTES = 10
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "new [title]": "opens a form for title, description and files, and starts a thread here",
        "status": "shows what runs, what waits for a verdict, and what failed",
        "list": "shows the threat models of this channel, with their numbers",
        "ask [title:] question": "answers in the thread of the latest one, or of the one you name by title "
        "or number",
        "export [title] [format]": "puts one into its thread as a file: markdown, json, threat-composer, "
        "otm or csv",
        "stats": "shows what became of their threats",
        "help": "shows this",
    }
)


def root(
    title: str,
    who: str,
    route: Route,
    *,
    description: str = "",
    files: Sequence[str] = (),
    waiting: bool = True,
    formats: str = FORMATS,
    methodology: Methodology = Methodology.STRIDE,
) -> Message:
    """The first message of a thread.

    Args:
        title: the threat model's title.
        who: the Slack user id of the person who asked.
        route: the model; goes into the button and, as the id alone, into the metadata.
        description: what the person wrote; quoted.
        files: names of files that came with the request.
        waiting: whether a diagram may still come before the run starts: asks for it.
        formats: what can be read, as a noun phrase.
        methodology: what was chosen to be looked for; said where it is not the usual.
    """
    named = line(title, 150)
    told = [section(said(named, "bold"), said(" — threat model started by "), person(who))]
    if described := lines(description, 600):
        told.append(quote(said(described)))
    if files:
        told.append(section(said(f"Given: {listed(files, MAX_FILES, 60)}")))
    if methodology is not Methodology.STRIDE:
        told.append(section(said(f"Look for: {METHODOLOGIES[methodology]}")))
    if waiting:
        told.append(section(said(_prompt(formats, bool(described)))))
    start = waiting and bool(described)
    buttons = actions(button("Start without a diagram", act.START, route)) if start else []
    metadata = {"event_type": "tm_root", "event_payload": {"model": route.model[:200]}}
    return Message(fallback(f"{named} — threat model started"), (block(*told), *buttons), metadata)


def _prompt(formats: str, described: bool) -> str:  # noqa: FBT001 - private, one caller
    also = " Or start from the description alone." if described else ""
    return (
        f"Drop the architecture diagram into this thread: {formats}, up to {MAX_FILES} files of "
        f"{MEGABYTES} MB each. Documents in Markdown or plain text help too.{also}"
    )


def usage(
    command: str = "/threatmodel", commands: Mapping[str, str] = COMMANDS, unknown: str = ""
) -> Message:
    """What the slash command does, for one person; led by the word that was not understood, if any."""
    wrong = f"There is no {command} {line(unknown, 60)}. This is what there is:"
    told = [
        *([section(said(wrong))] if unknown else []),
        section(
            said("I draft a threat model from your diagram and description, in a thread, ", "bold"),
            said("and keep what you decide about each threat."),
        ),
        *bullets([said(f"{command} {name}", "code"), said(f" {what}")] for name, what in commands.items()),
        section(
            said("In a thread: drop another diagram, press the buttons, or ask a question in plain words.")
        ),
    ]
    new = button("New threat model", act.NEW, Route("new", 0), "primary")
    return Message(fallback(f"{command}: {', '.join(commands)}"), (block(*told), *actions(new)))
