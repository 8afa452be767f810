"""How a threat model begins."""

from __future__ import annotations

from agent.domain.states import Methodology
from bot.render import actions as act
from bot.render.opening import COMMANDS, root, usage
from bot.render.routing import Route
from tests.bot.render import reader

ROUTE = Route("tm-lockers", 0)
WHO = "U0123ABCD"


def test_the_root_says_what_is_looked_for_where_it_is_not_the_usual() -> None:
    """Privacy or agents are named; security goes without saying."""
    assert "LINDDUN" in reader.text(root("P", WHO, ROUTE, methodology=Methodology.LINDDUN).blocks)
    assert "STRIDE" not in reader.text(root("P", WHO, ROUTE).blocks)


def test_the_root_says_who_started_what_and_asks_for_a_diagram() -> None:
    """Title and person; the description quoted; formats and limits; a way to start without a diagram."""
    message = root("Parcel lockers", WHO, ROUTE, description="Recipients open lockers.\nCouriers fill them.")
    said = reader.text(message.blocks)
    assert said.startswith(
        f"Parcel lockers — threat model started by @{WHO}\nRecipients open lockers.\nCouriers"
    )
    assert "PlantUML, Graphviz DOT, Threat Dragon or Open Threat Model, up to 10 files of 10 MB each" in said
    (start,) = reader.controls(message.blocks)
    assert (start["action_id"], reader.route(start)) == (act.START, ROUTE)
    assert message.text == "Parcel lockers — threat model started"


def test_without_a_description_there_is_nothing_to_start_from() -> None:
    """The button is there only when the run would have something to read."""
    message = root("Parcel lockers", WHO, ROUTE)
    assert reader.controls(message.blocks) == []
    assert "description" not in reader.text(message.blocks)


def test_files_that_came_along_are_named_and_nothing_more_is_asked() -> None:
    """With files from the form the root does not ask for a diagram."""
    message = root("P", WHO, ROUTE, description="d", files=["a.mmd", "b.drawio"], waiting=False)
    assert reader.text(message.blocks).splitlines()[-1] == "Given: a.mmd, b.drawio"
    assert reader.controls(message.blocks) == []


def test_the_metadata_holds_the_id_alone() -> None:
    """Everybody in a workspace can read metadata, so nothing of the system is in it."""
    message = root("Secret project", WHO, ROUTE, description="do not tell")
    assert message.post()["metadata"] == {"event_type": "tm_root", "event_payload": {"model": "tm-lockers"}}


def test_a_post_unfurls_and_parses_nothing() -> None:
    """Slack is told to read no link and no name out of the text, in a post and in an update."""
    message = root("P", WHO, ROUTE)
    assert message.post()["unfurl_links"] is False
    assert message.post()["unfurl_media"] is False
    for arguments in (message.post(), message.update()):
        assert (arguments["parse"], arguments["link_names"]) == ("none", False)


def test_the_explanation_names_every_command() -> None:
    """Each sub-command with what it does, and a button that opens the form."""
    message = usage()
    said = reader.text(message.blocks)
    for name, what in COMMANDS.items():
        assert f"• /threatmodel {name} {what}" in said
    assert reader.controls(message.blocks)[0]["action_id"] == act.NEW


def test_an_unknown_word_is_named() -> None:
    """What was typed is shown before what there is."""
    assert reader.text(usage(unknown="nwe").blocks).startswith("There is no /threatmodel nwe.")
