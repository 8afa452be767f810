from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from bot.workspace import Workspace

pytestmark = pytest.mark.browser

PAYMENTS = "C0PAYMENTS"
UPLOAD: FilePayload = {"name": "shop.mmd", "mimeType": "text/plain", "buffer": b"flowchart LR"}
DROPPED = """() => {
  const carried = new DataTransfer();
  carried.items.add(new File(["flowchart LR"], "shop.mmd"));
  return carried;
}"""
Open = Callable[..., Page]


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(name: str) -> dict[str, Any]:
    """An option whose value is the name."""
    return {"text": plain(name.title()), "value": name}


def field(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An input block."""
    element = {"action_id": "v", **element}
    return {"type": "input", "block_id": name, "label": plain(name), "element": element, **more}


FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("New model"),
    "submit": plain("Start"),
    "blocks": [
        field("title", {"type": "plain_text_input"}),
        field("kind", {"type": "static_select", "options": [option("web"), option("queue")]}, optional=True),
        field("wants", {"type": "checkboxes", "options": [option("fast"), option("deep")]}, optional=True),
        field("who", {"type": "multi_users_select"}, optional=True),
        field("files", {"type": "file_input", "max_files": 2}, optional=True),
    ],
}
CONTROLS: list[dict[str, Any]] = [
    {
        "type": "section",
        "block_id": "head",
        "text": {"type": "mrkdwn", "text": "*T-001* guessable numbers"},
        "accessory": {
            "type": "static_select",
            "action_id": "severity",
            "placeholder": plain("Severity"),
            "options": [option("high"), option("low")],
        },
    },
    {
        "type": "actions",
        "block_id": "act",
        "elements": [
            {
                "type": "button",
                "action_id": "dismiss",
                "text": plain("Dismiss"),
                "value": "T-001",
                "confirm": {
                    "title": plain("Sure?"),
                    "text": plain("It goes."),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            },
            {"type": "overflow", "action_id": "more", "options": [option("edit"), option("undo")]},
        ],
    },
]


def actions(echo: Any) -> list[dict[str, Any]]:
    """Every action that the app heard of, in order."""
    return [body["actions"][0] for body in echo.bodies("block_actions")]


def test_a_command_opens_a_form_that_is_filled_and_sent(
    workspace: Workspace, echo: Any, screen: Open
) -> None:
    """From the first slash to the submission, with an error of the app's in between."""

    def submitted(ack: Any, body: dict[str, Any], _client: Any) -> None:
        taken = body["view"]["state"]["values"]["title"]["v"]["value"] == "Shop"
        ack(response_action="errors", errors={"title": "Shop is taken."}) if taken else ack()

    echo.on["command"] = lambda ack, body, client: (
        client.views_open(trigger_id=body["trigger_id"], view=FORM),
        ack(),
    )
    echo.on["submit"] = submitted
    page = screen("dana")
    page.get_by_label("Message", exact=True).type("/thr")
    page.get_by_role("option", name="/threatmodel").click()
    page.keyboard.type("new")
    page.keyboard.press("Enter")
    modal = page.locator("dialog.modal")
    modal.get_by_role("button", name="Start").click()
    expect(modal).to_contain_text("Please complete this required field.")
    modal.locator("[data-key='title/v']").fill("Shop")
    modal.locator("[data-key='kind/v']").select_option("queue")
    modal.get_by_label("Deep").check()
    modal.locator("[data-block=who] select").select_option(label="Lee Brandt")
    modal.locator("input[type=file]").set_input_files([UPLOAD])
    expect(modal.locator(".file-list")).to_contain_text("shop.mmd")
    modal.get_by_role("button", name="Start").click()
    expect(modal).to_contain_text("Shop is taken.")
    modal.locator("[data-key='title/v']").fill("Parcels")
    modal.get_by_role("button", name="Start").click()
    expect(modal).to_have_count(0)
    state = echo.bodies("view_submission")[-1]["view"]["state"]["values"]
    assert state["title"]["v"]["value"] == "Parcels"
    assert state["kind"]["v"]["selected_option"]["value"] == "queue"
    assert [o["value"] for o in state["wants"]["v"]["selected_options"]] == ["deep"]
    assert state["who"]["v"]["selected_users"] == ["U0LEE"]
    assert state["files"]["v"]["files"][0]["name"] == "shop.mmd"


def test_a_thread_takes_files_and_shows_progress_in_place(
    workspace: Workspace, echo: Any, screen: Open
) -> None:
    """A file dropped on the thread reaches the app; its message changes without a reload."""
    root = echo.client.chat_postMessage(channel=PAYMENTS, text="Drop it here")["ts"]
    page = screen("dana")
    page.get_by_text("Drop it here").hover()
    page.get_by_role("button", name="Reply in thread").click()
    thread = page.locator("#thread")
    thread.dispatch_event("drop", {"dataTransfer": page.evaluate_handle(DROPPED)})
    expect(thread.locator(".composer .chip")).to_contain_text("shop.mmd")
    thread.get_by_role("button", name="Send").click()
    expect(thread.locator(".file")).to_contain_text("shop.mmd")
    assert workspace.settle()
    assert echo.events("file_share")[0]["thread_ts"] == root
    tasks = [{"task_id": "1", "type": "task_card", "title": "Read shop.mmd", "status": "in_progress"}]
    plan = {"type": "plan", "title": "Reading", "tasks": tasks}
    ts = echo.client.chat_postMessage(channel=PAYMENTS, thread_ts=root, text="…", blocks=[plan])["ts"]
    expect(thread.locator(".task.in_progress")).to_contain_text("Read shop.mmd")
    done = plan | {"tasks": [tasks[0] | {"status": "complete"}]}
    echo.client.chat_update(channel=PAYMENTS, ts=ts, text="…", blocks=[done])
    expect(thread.locator(".task.complete")).to_contain_text("Read shop.mmd")
    expect(thread.locator(".message")).to_have_count(3)


def test_controls_go_the_signed_way(workspace: Workspace, echo: Any, screen: Open) -> None:
    """Select, menu and a button with a question: the app hears of each, of nothing when it is denied."""
    echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=CONTROLS)
    page = screen("lee")
    page.locator("[data-key='head/severity']").select_option("low")
    assert workspace.wait_until(lambda: len(actions(echo)) == 1, 20)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Undo").click()
    assert workspace.wait_until(lambda: len(actions(echo)) == 2, 20)
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="Yes").click()
    assert workspace.wait_until(lambda: len(actions(echo)) == 3, 20)
    heard = actions(echo)
    assert [a["action_id"] for a in heard] == ["severity", "more", "dismiss"]
    assert heard[0]["selected_option"]["value"] == "low"
    assert heard[1]["selected_option"]["value"] == "undo"
    assert {body["user"]["id"] for body in echo.bodies("block_actions")} == {"U0LEE"}


def test_an_ephemeral_is_marked_and_shown_to_one_person(
    workspace: Workspace, echo: Any, screen: Open
) -> None:
    """Dana reads it and puts it away; Lee never sees it."""
    echo.client.chat_postEphemeral(channel=PAYMENTS, user="U0DANA", text="just for you")
    dana, lee = screen("dana"), screen("lee")
    expect(dana.locator(".ephemeral")).to_contain_text("Only visible to you")
    echo.client.chat_postMessage(channel=PAYMENTS, text="for all")
    expect(lee.get_by_text("for all")).to_be_visible()
    expect(lee.get_by_text("just for you")).to_have_count(0)
    dana.get_by_role("button", name="Dismiss").click()
    expect(dana.locator(".ephemeral")).to_have_count(0)


def test_an_own_message_is_edited_and_deleted(workspace: Workspace, echo: Any, screen: Open) -> None:
    """The workspace holds the new text, then nothing."""
    workspace.person("dana").say("payments", "see @lee & co")
    page = screen("dana")
    page.get_by_text("& co").hover()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(page.get_by_label("Edit the message")).to_have_value("see @lee & co")
    page.get_by_label("Edit the message").fill("see @ada")
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_contain_text("see @ada(edited)")
    assert workspace.messages("payments")[0].text == "see <@U0ADA>"
    page.get_by_text("@ada").hover()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.locator(".message")).to_have_count(0)
    assert workspace.messages("payments") == []


def test_text_is_never_markup(workspace: Workspace, echo: Any, screen: Open) -> None:
    """HTML in any place shows as it is written, and no link runs a script."""
    evil = "<img src=x onerror=document.title='owned'>"
    escaped = evil.replace("<", "&lt;").replace(">", "&gt;")
    cell = {"type": "raw_text", "text": evil}
    blocks = [
        {"type": "header", "text": plain(evil)},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"{escaped} <javascript:alert(1)|here>"}},
        {"type": "markdown", "text": f"**{evil}** [there](javascript:alert(1))"},
        {"type": "table", "rows": [[cell], [cell]]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": evil}]}],
        },
    ]
    echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=blocks)
    workspace.person("lee").upload("payments", "", [(f"{evil}.txt", b"x")], evil)
    page = screen("dana")
    message = page.locator(".message").first
    expect(message.get_by_text(evil)).to_have_count(6)
    assert page.locator(".messages img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.title() == "Local workspace"


def test_pictures_of_the_workspace_are_shown_and_others_are_not_fetched(
    workspace: Workspace, echo: Any, screen: Open
) -> None:
    """An uploaded PNG stands in the message; a picture from elsewhere is a link."""
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
        "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
    )
    message = workspace.person("lee").upload("payments", "", [("dot.png", pixel)])
    inside = {"type": "image", "slack_file": {"id": message.files[0]}, "alt_text": "inside"}
    outside = {"type": "image", "image_url": "https://pictures.example/a.png", "alt_text": "outside"}
    echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=[inside, outside])
    page = screen("dana")
    expect(page.locator("img[alt=inside]")).to_be_visible()
    expect(page.locator("img[alt=inside]")).to_have_js_property("naturalWidth", 1)
    expect(page.get_by_text("are not loaded here")).to_be_visible()
    assert page.locator("img[alt=outside]").count() == 0


def test_a_failing_app_is_a_toast(workspace: Workspace, echo: Any, screen: Open) -> None:
    """The person reads Slack's words for it."""
    echo.on["command"] = lambda _ack, _body, _client: 1 / 0
    page = screen("dana")
    page.get_by_label("Message", exact=True).fill("/threatmodel new")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("dispatch_failed")


def test_long_sections_fold_unless_they_ask_not_to(workspace: Workspace, echo: Any, screen: Open) -> None:
    """See more unfolds one, and it stays so when the message changes."""
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "A long story. " * 100}}
    blocks = [long | {"block_id": "a"}, long | {"block_id": "b", "expand": True}]
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=blocks)["ts"]
    page = screen("dana")
    expect(page.locator(".folded")).to_have_count(1)
    page.get_by_role("button", name="See more").click()
    expect(page.locator(".folded")).to_have_count(0)
    more = {"type": "context", "elements": [plain("changed by lee")]}
    echo.client.chat_update(channel=PAYMENTS, ts=ts, text="T", blocks=[*blocks, more])
    expect(page.get_by_text("changed by lee")).to_be_visible()
    expect(page.locator(".folded")).to_have_count(0)


def test_people_switch_and_see_their_own_channels(workspace: Workspace, echo: Any, screen: Open) -> None:
    """The guest has one channel; the person from outside the shared one."""
    page = screen("dana")
    page.get_by_title("Act as somebody else").click()
    page.get_by_role("menuitem", name="Gil Moreau").click()
    expect(page.locator(".me")).to_contain_text("Gil Moreau")
    expect(page.locator("[data-channel^=C]")).to_have_text(["payments"])
    expect(screen("mo").locator("[data-channel^=C]")).to_have_text(["partners"])


def test_the_home_tab_is_shown_and_used(workspace: Workspace, echo: Any, screen: Open) -> None:
    """Opening it asks the app, and its buttons work."""
    button = {"type": "button", "action_id": "open", "text": plain("Open one"), "value": "m-1"}
    view = {"type": "home", "blocks": [{"type": "actions", "block_id": "home", "elements": [button]}]}
    echo.on["event"] = lambda ack, body, client: (
        client.views_publish(user_id=body["event"]["user"], view=view),
        ack(),
    )
    page = screen("dana")
    page.locator("[data-channel^=D]").click()
    page.get_by_role("tab", name="Home").click()
    page.get_by_role("button", name="Open one").click()
    assert workspace.wait_until(lambda: actions(echo), 20)[0]["value"] == "m-1"
    assert echo.bodies("block_actions")[0]["view"]["type"] == "home"


def test_a_working_session_can_be_stopped(workspace: Workspace, echo: Any, screen: Open) -> None:
    """Status and Stop stand under the thread."""
    root = echo.client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    at = {"channel": PAYMENTS, "thread_ts": root}
    echo.client.api_call("agents.sessions.setStatus", json=at | {"status": "processing"})
    echo.client.assistant_threads_setStatus(channel_id=PAYMENTS, thread_ts=root, status="is reading…")
    page = screen("dana", channel=PAYMENTS, ts=root)
    expect(page.locator(".status")).to_contain_text("threatbot is reading…")
    page.get_by_role("button", name="Stop").click()
    assert workspace.wait_until(lambda: [e["type"] for e in echo.events()] == ["agent_session_stopped"], 20)
