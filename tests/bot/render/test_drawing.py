"""What was seen in a picture, as people see it."""

from __future__ import annotations

import pytest

from agent.domain.model import Drawing
from agent.errors import NotFound
from bot.records.standing import drawing_of
from bot.render import actions as act
from bot.render import drawing, forms, modals
from bot.render.routing import Route, decode
from tests.agent.export import samples
from tests.bot.render import reader

ROUTE = Route("tm-lockers", 1, value="1")
SEEN = Drawing(source="plan.png", mermaid='flowchart LR\n  n1["Locker API"]\n')


def test_a_drawing_is_shown_as_it_is_with_a_way_to_correct_it() -> None:
    """The text in a fixed width with its lines, and one button that knows which drawing it is."""
    message = drawing.seen(SEEN, ROUTE)
    assert message is not None
    (rich, _, _) = message.blocks
    assert rich["elements"][1]["type"] == "rich_text_preformatted"
    assert rich["elements"][1]["elements"][0]["text"] == SEEN.mermaid.rstrip()
    (button,) = reader.controls(message.blocks)
    assert (button["action_id"], reader.route(button)) == (act.CORRECT, ROUTE)


@pytest.mark.parametrize(("length", "fits"), [(drawing.LONGEST, True), (drawing.LONGEST + 1, False)])
def test_what_the_form_cannot_hold_is_a_file(length: int, fits: bool) -> None:  # noqa: FBT001 - a table
    """Up to the limit of a text field there is a message; beyond it the file's sentence says how."""
    long = Drawing(source="plan.png", mermaid="x" * length)
    assert (drawing.seen(long, ROUTE) is not None) is fits
    assert "plan.png.mmd" in drawing.as_file(long)


def test_the_form_holds_the_text_and_gives_it_back() -> None:
    """The modal begins with what was seen; what is sent is read without blanks around it."""
    model = samples.model(1, drawings=(SEEN,))
    view = modals.drawing(model, 1, drawing_of(model, 1))
    assert view["blocks"][0]["element"]["initial_value"] == SEEN.mermaid
    assert decode(view["private_metadata"]) == Route(model.id, model.revision, value="1")
    state = {"values": {forms.DRAWING: {forms.DRAWING: {"value": "\n flowchart LR\n"}}}}
    assert forms.read_drawing({"state": state}) == "flowchart LR"
    with pytest.raises(NotFound, match="no such drawing"):
        drawing_of(model, 2)


def test_a_corrected_drawing_says_who_and_how_to_go_on() -> None:
    """The person's text, their name, and no button any more."""
    message = drawing.corrected(SEEN, "flowchart LR\n  a-->b", "U0123ABCD", 2)
    said = reader.text(message.blocks)
    assert "What plan.png shows, corrected by @U0123ABCD" in said
    assert "Revision 2" in said
    assert "plan.png.mmd" in said
    assert reader.controls(message.blocks) == []
