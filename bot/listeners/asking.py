"""The sub-commands of /threatmodel about models that exist: answered from what lists show of them."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.acceptance import acceptance
from bot.glance import Glance
from bot.jobs import Actor, Ask, Export
from bot.listeners import naming
from bot.listeners.conversation import MAX_TEXT
from bot.render import channel
from bot.render.formats import EXPORTS
from bot.render.message import Message
from bot.render.notices import note
from bot.render.stats import stats
from bot.render.text import count, line
from bot.services import Ingress

NOTHING_YET = (
    "No threat model of this channel has a revision yet. Drop a diagram into its thread, "
    "or start one with /threatmodel new."
)
NO_QUESTION = (
    "Ask something: /threatmodel ask who can read the orders? To ask about another model than the latest, "
    "name it first: /threatmodel ask 2: who can read the orders?"
)


@dataclass(frozen=True)
class Asked:
    """Somebody asks about the threat models of a channel."""

    services: Ingress
    who: Actor
    delivery: str
    models: tuple[Glance, ...]

    def answer(self, word: str, rest: str) -> Message:
        """The answer to a sub-command with what stands behind it."""
        match word:
            case "list":
                return channel.listing(self.models)
            case "status":
                return channel.status(self.models)
            case "stats":
                made = [m.tally for m in self.models if m.revision]
                lessons = self.services.lessons.counts(self.who.workspace, self.who.channel)
                return stats(len(made), acceptance(made), lessons)
            case "ask":
                return self._ask(rest)
        return self._export(rest)

    def _ask(self, text: str) -> Message:
        name, question = naming.addressed(self.models, text) or ("", text)
        if not question:
            return note(NO_QUESTION)
        found = naming.fitting(self.models, name) if name else self._ready()[:1]
        if len(found) != 1:
            how = "Say which by its number: /threatmodel ask {number}: your question"
            return note(self._which(found, name, how))
        model = found[0][1]
        if not model.revision:
            return note(_too_early(model))
        job = Ask(
            id=self.delivery,
            model=model.id,
            actor=self.who,
            message_ts="",
            text=question[:MAX_TEXT],
            asked="command",
        )
        self.services.queue.send(job)
        return channel.asked(model, question)

    def _export(self, text: str) -> Message:
        name, format_ = _format(text, self.models)
        found = naming.fitting(self.models, name) if name else self._ready()
        if len(found) == 1:
            return self._send(found[0][1], format_)
        led = self._which(
            found, name, f"Pick one, or type its number: /threatmodel export {{number}} {format_}"
        )
        if found:
            return channel.picking(found, format_, led)
        return note(f"{led} Formats: {', '.join(EXPORTS)}." if name and self.models else led)

    def _send(self, model: Glance, format_: str) -> Message:
        if not model.revision:
            return note(_too_early(model))
        self.services.queue.send(
            Export(id=self.delivery, model=model.id, actor=self.who, name=format_, asked="command")
        )
        return channel.under_way(model, format_)

    def _ready(self) -> list[channel.Numbered]:
        """The models that have a revision."""
        return [(place, m) for place, m in naming.numbered(self.models) if m.revision]

    def _which(self, found: list[channel.Numbered], name: str, how: str) -> str:
        """Why it is not clear which model is meant, and what to do."""
        if not self.models:
            return channel.EMPTY
        if not found and not name:
            return NOTHING_YET
        called = f"“{line(name, 60)}”"
        if not found:
            every = channel.numbered(naming.numbered(self.models))
            return f"There is no threat model {called} in this channel. There are: {every}."
        several = count(len(found), "threat model")
        led = f"{called} fits {several}" if name else f"There are {several} to export"
        return f"{led}: {channel.numbered(found)}. {how.format(number=found[0][0])}"


def _format(text: str, models: tuple[Glance, ...]) -> tuple[str, str]:
    """A model's name, which may be empty, and the format behind or before it; Markdown when none is named."""
    words = text.split()
    if words and not any(line(m.title, 150).casefold() == text.casefold() for m in models):
        for at in (-1, 0):
            if words[at].lower() in EXPORTS:
                format_ = words.pop(at).lower()
                return " ".join(words), format_
    return text, "markdown"


def _too_early(model: Glance) -> str:
    title = line(model.title, 100)
    if model.run:
        return f"{title} has no revision yet. /threatmodel status says where it stands."
    return f"{title} has no revision yet. Drop a diagram into its thread."
