"""How a threat model begins: what the command does, the thread's first message, the list of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.render import actions as act
from bot.render.blocks import actions, button
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, person, quote, said, section
from bot.render.routing import Route
from bot.render.text import count, fallback, line, lines, listed

FORMATS = "Mermaid, draw.io, PlantUML, Graphviz DOT, Threat Dragon or Open Threat Model"
WITH_PICTURES = f"a picture (PNG, JPEG, WebP or GIF), {FORMATS}"
"""What can be read where a language model looks at pictures."""
MAX_FILES = 10
MEGABYTES = 10
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "new [title]": "opens a form for title, description and files, and starts a thread here",
        "list": "shows the threat models of this channel",
        "stats": "shows what became of their threats",
        "help": "shows this",
    }
)
LISTED = 20
"""Threat models in one list."""


def root(
    title: str,
    who: str,
    route: Route,
    *,
    description: str = "",
    files: Sequence[str] = (),
    waiting: bool = True,
    formats: str = FORMATS,
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
    """
    named = line(title, 150)
    told = [section(said(named, "bold"), said(" — threat model started by "), person(who))]
    if described := lines(description, 600):
        told.append(quote(said(described)))
    if files:
        told.append(section(said(f"Given: {listed(files, MAX_FILES, 60)}")))
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


@dataclass(frozen=True)
class Listed:
    """One threat model in a list."""

    title: str
    revision: int
    """The latest; 0 while the first run has not ended."""
    threats: int
    waiting: int
    """Threats without a verdict."""
    who: str
    """Who asked for it: a Slack user id."""
    day: str
    """Such as "2026-11-22"."""
    link: str = ""
    """The thread's permalink; shown as a link only when it leads to slack.com."""


def listing(models: Sequence[Listed]) -> Message:
    """The threat models of a channel, as given; at most LISTED, with how many more there are."""
    if not models:
        empty = "There is no threat model in this channel yet. /threatmodel new starts one."
        return Message(fallback(empty), (block(section(said(empty))),))
    led = count(len(models), "threat model")
    left = len(models) - LISTED
    told = [section(said(led, "bold")), *bullets(_entry(entry) for entry in models[:LISTED])]
    if left > 0:
        told.append(section(said(f"and {left} more")))
    return Message(fallback(led), (block(*told),))


def _entry(entry: Listed) -> list[Json]:
    title = line(entry.title, 150)
    led = {"type": "link", "url": entry.link, "text": title} if _own(entry.link) else said(title, "bold")
    if entry.revision:
        facts = f"revision {entry.revision}, {count(entry.threats, 'threat')}, {entry.waiting} to review"
    else:
        facts = "no revision yet"
    return [led, said(f" · {facts} · {line(entry.day, 20, 'no date')} by "), person(entry.who)]


def _own(link: str) -> bool:
    """Whether the link is a permalink of Slack's."""
    if len(link) > 500 or any(c.isspace() for c in link):  # noqa: PLR2004 - no permalink is longer
        return False
    parts = urlsplit(link)
    return parts.scheme == "https" and parts.netloc.endswith(".slack.com") and "@" not in parts.netloc
