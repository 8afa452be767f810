"""Short messages: what went wrong, what is denied, what can be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.render import actions as act
from bot.render.blocks import actions, button
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, person, said, section
from bot.render.routing import Route
from bot.render.text import fallback, line

SENTENCE = 1_500


def error(what: str, do: str = "", retry: Route | None = None) -> Message:
    """What happened to what, what to do about it, and a Retry button when trying again can help."""
    told = [section(said(line(what, SENTENCE, "Something failed and gave no reason.")))]
    if do:
        told.append(section(said(line(do, SENTENCE))))
    buttons = actions(button("Retry", act.RETRY, retry)) if retry else []
    return Message(fallback(what or "Failed"), (block(*told), *buttons))


def unread(sentences: Sequence[str]) -> Message:
    """Files that could not be read, a sentence each: the file, the reason, what to send instead."""
    shown = [[said(line(sentence, 500))] for sentence in sentences[:10]]
    left = len(sentences) - len(shown)
    more = [section(said(f"and {left} more"))] if left else []
    led = "These files were not taken:" if len(sentences) != 1 else "This file was not taken:"
    return Message(
        fallback(" ".join([led, *sentences[:3]])), (block(section(said(led)), *bullets(shown), *more),)
    )


def denied(reason: str) -> Message:
    """For one person: why they may not do this."""
    return _plain(line(reason, SENTENCE, "You may not do this here."))


def note(text: str) -> Message:
    """One sentence of our own, for one person or for the thread."""
    return _plain(line(text, SENTENCE, "Done."))


def undo(done: str, route: Route) -> Message:
    """For one person: what their press did, and an Undo button; the route's `verdict` is taken back by it."""
    text = line(done, 300, "Done.")
    return Message(fallback(text), (block(section(said(text))), *actions(button("Undo", act.UNDO, route))))


def stale(what: str, now: str = "", who: str = "") -> Message:
    """For one person: the press came too late, because somebody changed the thing first.

    Args:
        what: what was pressed on, such as "T-003" or "This threat model".
        now: what it is now, as a participle clause such as "accepted" or "at revision 3".
        who: who changed it; empty when a run did.
    """
    by = [said(" by "), person(who)] if who else []
    told: list[Json] = [said(f"{line(what, 120)} was changed"), *by]
    told.append(said(f" since you saw it; it is now {line(now, 200)}." if now else " since you saw it."))
    end = section(said("Nothing was done. The thread shows how it stands: press again if you still mean it."))
    return Message(fallback(f"{what} was changed since you saw it"), (block(section(*told), end),))


def decided(who: str, when: str, *, confirmed: bool) -> Message:
    """For one person: the press came after somebody had decided; nothing was done.

    Args:
        who: who decided.
        when: such as "2026-11-22 14:02 UTC".
        confirmed: what was decided.
    """
    word = "confirmed" if confirmed else "declined"
    led = f"Nothing was changed: {word} already by "
    told = section(said(led), person(who), said(f" ({line(when, 40)})."))
    return Message(fallback(f"Nothing was changed: {word} already"), (block(told),))


def _plain(text: str) -> Message:
    return Message(fallback(text), (block(section(said(text))),))
