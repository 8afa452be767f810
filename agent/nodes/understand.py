"""understand: fragments and description become one system, with a language model's eyes when there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.artifacts import Artifacts
from agent.domain.base import Value
from agent.domain.model import Drawing
from agent.domain.request import Request
from agent.domain.system import UNREADABLE, Question, System, SystemFragment
from agent.errors import AnalystError, NothingToRead
from agent.understanding import understand as join

if TYPE_CHECKING:
    from agent.analysts.filled.pictures import Picture
    from agent.analysts.model_run import ModelRun

CORRECTED = ".mmd"
"""A file with a picture's name and this behind it says what the picture shows, and stands in its place."""


class Seen(Value):
    """What a language model adds to a system, beyond its parts."""

    questions: tuple[Question, ...] = ()
    unknowns: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    trouble: str = ""
    """Why the model saw nothing; the system is then the one without it."""


def understand(request: Request, fragments: Sequence[SystemFragment]) -> System:
    """One system out of every fragment and the answers given so far; NothingToRead when there is none."""
    fragments = current(request, fragments)
    drawn = [f for f in fragments if f.source != "description"]
    said = next((f for f in fragments if f.source == "description"), None)
    return join(request.title, drawn, said, request.assumptions, request.answers)


def see(
    request: Request, fragments: Sequence[SystemFragment], artifacts: Artifacts, model: ModelRun
) -> tuple[System, Seen]:
    """The same with a language model, which looks at the pictures that no reader could read as well.

    A model that fails costs only what it would have seen. NothingToRead when neither finds a system.
    """
    from agent.analysts.filled.seeing import joined

    fragments = current(request, fragments)
    pictures = pictures_of(request, fragments, artifacts)
    try:
        found = model.understand(request, fragments, pictures)
    except AnalystError as error:
        return _without(request, fragments, pictures, error), Seen(trouble=error.message)
    looked_at = {p.name for p in pictures}
    left = [f for f in fragments if f.format != UNREADABLE or f.source not in looked_at]
    seen = Seen(
        questions=found.questions,
        unknowns=found.unknowns,
        queries=found.queries,
        drawings=tuple(Drawing(source=name, mermaid=text) for name, text in found.mermaid),
    )
    return joined(request, left, found), seen


def current(request: Request, fragments: Sequence[SystemFragment]) -> tuple[SystemFragment, ...]:
    """The fragments but for pictures whose corrected drawing a person has sent."""
    corrected = {a.name for a in request.attachments if a.name.endswith(CORRECTED)}
    return tuple(f for f in fragments if f.format != UNREADABLE or f"{f.source}{CORRECTED}" not in corrected)


def pictures_of(
    request: Request, fragments: Sequence[SystemFragment], artifacts: Artifacts
) -> tuple[Picture, ...]:
    """The attachments that no reader could read and that are pictures."""
    from agent.analysts.filled.pictures import picture_of

    unread = {f.source for f in fragments if f.format == UNREADABLE}
    given = {a.name: a for a in request.attachments if a.name in unread}
    found = (picture_of(a.name, artifacts.get(a.key)) for a in given.values())
    return tuple(p for p in found if p is not None)


def _without(
    request: Request, fragments: Sequence[SystemFragment], pictures: Sequence[Picture], error: AnalystError
) -> System:
    try:
        return understand(request, fragments)
    except NothingToRead as nothing:
        if not pictures:
            raise
        raise NothingToRead(f"{nothing.message} {error.message}") from error
