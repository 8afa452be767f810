"""The answer to a follow-up question: paragraphs, what they rest on, how it was found, what it proposes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.render import actions as act
from bot.render.blocks import actions, button, context
from bot.render.limits.payload import text_of
from bot.render.message import BUDGET, Message
from bot.render.rich import Json, block, joined, person, reference, said, section
from bot.render.routing import Route
from bot.render.text import count, fallback, line, lines, size, whole_lines

PARAGRAPHS = 8
PARAGRAPH = 1_200
LEAST = 200
"""Characters of room below which a paragraph that does not fit is left out rather than cut."""
BETWEEN = "\n\n"
SOURCES = 12
LABEL = 160
"""Characters of a source: a document's is its path, its title and its headings."""
NOTHING = "I found nothing about that."
PROPOSALS = 3
PROPOSAL = 700
GROWING = 6_000
"""Characters of an unfinished answer."""


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A proposal under an answer, open or decided."""

    text: str
    """What would be done and what that changes, as a question."""
    route: Route
    """Goes into both buttons; the `value` is the proposal's id."""
    who: str = ""
    """Who decided; empty while nobody has."""
    when: str = ""
    """Such as "2026-11-22 14:02 UTC"."""
    confirmed: bool = False
    done: str = ""
    """What was done, as a clause."""


def answer(
    paragraphs: Sequence[str],
    citations: Sequence[tuple[str, str]],
    how: str,
    proposed: Sequence[Proposed] = (),
    documents: str = "",
) -> Message:
    """A reply in the thread.

    Args:
        paragraphs: plain text, shown as it is; at most PARAGRAPHS of them, each at most PARAGRAPH long, and
            as many as the rest of the message leaves room for.
        citations: label and address of each source; the address may be empty, and is a link only on hosts
            that messages may link to.
        how: one sentence that says how the answer was found.
        proposed: what waits for a person, or what became of it; at most PROPOSALS.
        documents: the address below which the company's documents are opened; messages may link there too.
    """
    below = [context(line(how, 400))] if how else []
    for proposal in proposed[:PROPOSALS]:
        below += _proposal(proposal)
    taken = text_of([*below, *_sources(citations, documents)], size)
    shown = _within(paragraphs, BUDGET - taken) or [NOTHING]
    briefly = _briefly(citations, [*shown, *(p.text for p in proposed[:PROPOSALS])])
    told = joined([_marked(text) for text in shown], BETWEEN)
    blocks = [block(section(*told, *_sources(briefly, documents))), *below]
    return Message(fallback(" ".join(paragraphs[:2]) or NOTHING), tuple(blocks))


def growing(text: str) -> Message:
    """An answer that is not finished: what was said so far, or that somebody is looking."""
    shown = lines(text, GROWING)
    blocks = ([block(section(said(shown)))] if shown else []) + [
        context("⏳ The language model is answering.")
    ]
    return Message(fallback(shown or "Looking into it."), tuple(blocks))


def _within(paragraphs: Sequence[str], room: int) -> list[str]:
    """The paragraphs that fit into so many characters, and behind them how many did not."""
    said = [p for p in paragraphs if lines(p, LEAST)]
    room -= size(_left(len(said)))
    shown: list[str] = []
    for paragraph in said[:PARAGRAPHS]:
        text = whole_lines(paragraph, PARAGRAPH)
        if size(text) > room:
            if room < LEAST:
                break
            text = whole_lines(paragraph, room)
        room -= size(text) + len(BETWEEN)
        shown.append(text)
    left = len(said) - len(shown)
    return [*shown, _left(left)] if left else shown


def _left(many: int) -> str:
    return f"… and {count(many, 'more paragraph')}. Ask for a part of it."


def _proposal(proposal: Proposed) -> list[Json]:
    text = said(line(proposal.text, PROPOSAL), "bold")
    if not proposal.who:
        return [
            block(section(text)),
            *actions(
                button("Confirm", act.CONFIRM, proposal.route, "primary"),
                button("No", act.DECLINE, proposal.route),
            ),
        ]
    word = "confirmed by " if proposal.confirmed else "declined by "
    when = f" ({proposal.when})" if proposal.when else ""
    done = proposal.done if proposal.confirmed else "nothing was changed."
    result = [
        said(f"→ {word}"),
        person(proposal.who),
        said(f"{when}: {line(done, PROPOSAL, 'at work on it.')}"),
    ]
    return [block(section(text), section(*result))]


def _marked(text: str) -> list[Json]:
    """The text with the ids of threats in bold, by which people find them on the pages."""
    pieces = filter(None, _THREAT.split(text))
    return [said(piece, "bold") if _THREAT.fullmatch(piece) else said(piece) for piece in pieces]


def _briefly(citations: Sequence[tuple[str, str]], shown: Sequence[str]) -> list[tuple[str, str]]:
    """The sources: of a threat that the text names, the id alone; a part that it names is none any more."""
    text = "\n".join(shown)
    found = []
    for label, url in citations:
        id_, dot, _ = label.partition(" · ")
        if _THREAT.fullmatch(id_) and re.search(rf"\b{id_}\b", text):
            found.append((id_, url))
        elif dot or url or label not in text:
            found.append((label, url))
    return found


_THREAT = re.compile(r"\b(T-\d{3,})\b")


def _sources(citations: Sequence[tuple[str, str]], documents: str) -> list[Json]:
    if not citations:
        return []
    groups = [[reference(line(label, LABEL), url, documents)] for label, url in citations[:SOURCES]]
    left = len(citations) - len(groups)
    more = [[said(f"{left} more")]] if left > 0 else []
    return [said("\n\nSources: ", "italic"), *joined(groups + more)]
