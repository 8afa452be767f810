"""The answer to a follow-up question: paragraphs, what they rest on, how it was found, what it proposes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.render import actions as act
from bot.render.blocks import actions, button, context
from bot.render.message import Message
from bot.render.rich import Json, block, joined, person, reference, said, section
from bot.render.routing import Route
from bot.render.text import count, fallback, line, lines, whole_lines

PARAGRAPHS = 8
PARAGRAPH = 1_200
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
        paragraphs: plain text, shown as it is; at most PARAGRAPHS of them, each at most PARAGRAPH long.
        citations: label and address of each source; the address may be empty, and is a link only on hosts
            that messages may link to.
        how: one sentence that says how the answer was found.
        proposed: what waits for a person, or what became of it; at most PROPOSALS.
        documents: the address below which the company's documents are opened; messages may link there too.
    """
    shown = [text for p in paragraphs[:PARAGRAPHS] if (text := whole_lines(p, PARAGRAPH))] or [NOTHING]
    left = len(paragraphs) - PARAGRAPHS
    if left > 0:
        shown.append(f"… and {count(left, 'more paragraph')}. Ask for a part of it.")
    told = joined([_marked(text) for text in shown], "\n\n")
    blocks = [
        block(
            section(
                *told,
                *_sources(_briefly(citations, [*shown, *(p.text for p in proposed[:PROPOSALS])]), documents),
            )
        )
    ]
    if how:
        blocks.append(context(line(how, 400)))
    for proposal in proposed[:PROPOSALS]:
        blocks += _proposal(proposal)
    return Message(fallback(" ".join(paragraphs[:2]) or NOTHING), tuple(blocks))


def growing(text: str) -> Message:
    """An answer that is not finished: what was said so far, or that somebody is looking."""
    shown = lines(text, GROWING)
    blocks = ([block(section(said(shown)))] if shown else []) + [
        context("⏳ The language model is answering.")
    ]
    return Message(fallback(shown or "Looking into it."), tuple(blocks))


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
