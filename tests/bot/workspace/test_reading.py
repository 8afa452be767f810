from __future__ import annotations

from typing import Any

import pytest

from bot.workspace import Workspace
from bot.workspace.elements import with_ids
from bot.workspace.mrkdwn import rich_text, typed
from bot.workspace.reading import plain


def runs(*elements: dict[str, Any]) -> dict[str, Any]:
    """A rich_text block of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


@pytest.mark.parametrize(
    ("block", "read"),
    [
        ({"type": "header", "text": {"type": "plain_text", "text": "Shop"}}, "Shop"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "a &lt; <https://x.example|b>"}}, "a < b"),
        (runs({"type": "text", "text": "by "}, {"type": "user", "user_id": "U0LEE"}), "by @U0LEE"),
        ({"type": "divider"}, ""),
        (
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "text": {"type": "plain_text", "text": "Accept"}},
                    {
                        "type": "static_select",
                        "placeholder": {"type": "plain_text", "text": "Severity"},
                        "initial_option": {"text": {"type": "plain_text", "text": "High"}, "value": "h"},
                    },
                    {"type": "overflow", "options": []},
                ],
            },
            "[Accept] [High ▾] [⋯]",
        ),
        (
            {
                "type": "plan",
                "title": "Reading",
                "tasks": [
                    {"type": "task_card", "title": "One", "details": runs({"type": "text", "text": "1"})}
                ],
            },
            "Reading One 1",
        ),
        (
            {
                "type": "table",
                "rows": [[{"type": "raw_text", "text": "a"}, runs({"type": "text", "text": "b"})]],
            },
            "a b",
        ),
    ],
)
def test_blocks_are_read_as_a_person_reads_them(block: dict[str, Any], read: str) -> None:
    """One line a block, without marks, with buttons in brackets."""
    assert plain([block]) == read


def test_a_person_reads_text_where_there_are_no_blocks(workspace: Workspace) -> None:
    """Message.plain falls back to the text."""
    assert workspace.person("dana").say("payments", "hello").plain == "hello"


def test_what_people_type_becomes_text_and_runs(workspace: Workspace) -> None:
    """Escaped text for the app, unescaped runs beside it."""
    said = typed(workspace.store, "@lee see https://x.example/?a=1&b=2 <b> :eyes: at 10:30:15 @nobody")
    assert said == ("<@U0LEE> see <https://x.example/?a=1&amp;b=2> &lt;b&gt; :eyes: at 10:30:15 @nobody")
    (block,) = rich_text(said, "b1")
    assert block["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U0LEE"},
        {"type": "text", "text": " see "},
        {"type": "link", "url": "https://x.example/?a=1&b=2"},
        {"type": "text", "text": " <b> "},
        {"type": "emoji", "name": "eyes"},
        {"type": "text", "text": " at 10:30:15 @nobody"},
    ]


def test_ids_are_the_same_in_every_workspace(workspace: Workspace) -> None:
    """Two workspaces that do the same things give the same identifiers."""
    other = Workspace(signing_secret="s", bot_token="t", clock=workspace.store.clock)
    made = [ws.person("dana").upload("payments", "", [("a.txt", b"a")], "x") for ws in (workspace, other)]
    assert made[0] == made[1]


def test_elements_that_cannot_be_used_get_no_id() -> None:
    """Pictures in a context or accessory stay as they are."""
    image = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}
    (block,) = with_ids([{"type": "section", "accessory": image}], lambda: "made")
    assert block == {"type": "section", "accessory": image, "block_id": "made"}
