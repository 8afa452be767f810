from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace


def modal(title: str = "Form", *inputs: str, **more: Any) -> dict[str, Any]:
    """A modal with a text input for each name."""
    blocks: list[dict[str, Any]] = [
        {
            "type": "input",
            "block_id": name,
            "label": {"type": "plain_text", "text": name},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
        for name in inputs
    ]
    plain = {"type": "plain_text", "text": title}
    filler = [{"type": "section", "text": {"type": "mrkdwn", "text": "Nothing to fill in."}}]
    submit = {"submit": {"type": "plain_text", "text": "Send"}}
    return (
        {"type": "modal", "callback_id": "form", "title": plain, "blocks": blocks or filler} | submit | more
    )


@pytest.fixture
def trigger(workspace: Workspace) -> str:
    """A fresh trigger of dana's."""
    return workspace.store.new_trigger("U0DANA").id


def refusal(call: Any, **arguments: Any) -> str:
    """The word that the call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_a_modal_opens_for_the_person_whose_trigger_it_is(
    workspace: Workspace, client: WebClient, trigger: str
) -> None:
    """The view is seen by that person and nobody else."""
    view = client.views_open(trigger_id=trigger, view=modal("Hello"))["view"]
    seen = workspace.person("dana").modal
    assert seen is not None
    assert (seen.id, seen.title) == (view["id"], "Hello")
    assert workspace.person("lee").modal is None


def test_a_trigger_is_good_once(client: WebClient, trigger: str) -> None:
    """exchanged_trigger_id the second time."""
    client.views_open(trigger_id=trigger, view=modal())
    assert refusal(client.views_open, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"


def test_a_trigger_is_good_as_long_as_it_lasts(workspace: Workspace, client: WebClient, clock: Any) -> None:
    """expired_trigger_id when its time is over."""
    trigger = workspace.store.new_trigger("U0DANA").id
    clock.now += workspace.timing.trigger + 0.1
    assert refusal(client.views_open, trigger_id=trigger, view=modal()) == "expired_trigger_id"
    assert refusal(client.views_open, trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"


def test_a_bad_view_is_refused_and_spends_no_trigger(client: WebClient, trigger: str) -> None:
    """invalid_arguments with a sentence; the trigger can still be used."""
    with pytest.raises(SlackApiError) as caught:
        client.views_open(trigger_id=trigger, view=modal("A title with more than 24 characters"))
    assert caught.value.response["error"] == "invalid_arguments"
    assert "/title" in caught.value.response["response_metadata"]["messages"][0]
    assert client.views_open(trigger_id=trigger, view=modal())["ok"]


def test_a_view_over_250_kilobytes_is_too_large(client: WebClient, trigger: str) -> None:
    """view_too_large."""
    big = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2990}}
    view = modal() | {"blocks": [big] * 99}
    assert refusal(client.views_open, trigger_id=trigger, view=view) == "view_too_large"


def test_modals_stack_three_high(workspace: Workspace, client: WebClient, trigger: str) -> None:
    """push_limit_reached on the fourth."""
    view = client.views_open(trigger_id=trigger, view=modal("1"))["view"]
    for number in (2, 3):
        again = workspace.store.new_trigger("U0DANA", view=view["id"]).id
        view = client.views_push(trigger_id=again, view=modal(str(number)))["view"]
    again = workspace.store.new_trigger("U0DANA", view=view["id"]).id
    assert refusal(client.views_push, trigger_id=again, view=modal("4")) == "push_limit_reached"
    assert (view["previous_view_id"] is not None, workspace.person("dana").modal is not None) == (True, True)


def test_closing_shows_the_modal_below(workspace: Workspace, client: WebClient, trigger: str) -> None:
    """Cancel closes the top one; the cross closes all of them."""
    dana = workspace.person("dana")
    view = client.views_open(trigger_id=trigger, view=modal("below"))["view"]
    for number in (1, 2):
        again = workspace.store.new_trigger("U0DANA", view=view["id"]).id
        view = client.views_push(trigger_id=again, view=modal(f"above {number}"))["view"]
    dana.close()
    assert dana.modal is not None
    assert dana.modal.title == "above 1"
    dana.close(all_of_them=True)
    assert dana.modal is None


def test_an_update_keeps_what_was_typed_where_the_input_is_still_there(
    workspace: Workspace, client: WebClient, trigger: str
) -> None:
    """Values survive by block_id and action_id; those of inputs that went are forgotten."""
    dana = workspace.person("dana")
    view = client.views_open(trigger_id=trigger, view=modal("Form", "name", "gone"))["view"]
    dana.fill(view["id"], {"name": "Shop", "gone": "x"})
    state = client.views_update(view_id=view["id"], view=modal("Form", "name", "new"))["view"]["state"]
    assert state["values"]["name"]["text"]["value"] == "Shop"
    assert state["values"]["new"]["text"]["value"] is None
    assert "gone" not in state["values"]


def test_an_update_with_an_old_hash_conflicts(client: WebClient, trigger: str) -> None:
    """hash_conflict when the view has changed since."""
    view = client.views_open(trigger_id=trigger, view=modal("1"))["view"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=modal("2"))
    error = refusal(client.views_update, view_id=view["id"], hash=view["hash"], view=modal("3"))
    assert error == "hash_conflict"


def test_an_update_of_a_closed_view_finds_nothing(
    workspace: Workspace, client: WebClient, trigger: str
) -> None:
    """not_found once the person has closed it."""
    view = client.views_open(trigger_id=trigger, view=modal())["view"]
    workspace.person("dana").close()
    assert refusal(client.views_update, view_id=view["id"], view=modal()) == "not_found"


def test_an_external_id_names_one_view(workspace: Workspace, client: WebClient, trigger: str) -> None:
    """It can be updated by, and not used twice."""
    client.views_open(trigger_id=trigger, view=modal("1", external_id="mine"))
    client.views_update(external_id="mine", view=modal("2", external_id="mine"))
    again = workspace.store.new_trigger("U0LEE").id
    view = modal("3", external_id="mine")
    assert refusal(client.views_open, trigger_id=again, view=view) == "duplicate_external_id"


def test_a_home_tab_is_published_and_replaced(workspace: Workspace, client: WebClient) -> None:
    """One view a person, under one id."""
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = client.views_publish(user_id="U0DANA", view=home)["view"]
    second = client.views_publish(user_id="U0DANA", view=home, hash=first["hash"])["view"]
    assert first["id"] == second["id"]
    assert workspace.home("dana") is not None
    assert workspace.home("lee") is None
    old = refusal(client.views_publish, user_id="U0DANA", view=home, hash=first["hash"])
    assert old == "hash_conflict"
