from __future__ import annotations

from typing import Any

import pytest

from bot.workspace import Timing, Workspace


@pytest.fixture
def timing() -> Timing:
    """A workspace that does not wait long."""
    return Timing(ack=0.3, retry_scale=0.0)


def test_a_command_that_is_not_acknowledged_in_time_fails_once(workspace: Workspace, echo: Any) -> None:
    """The person reads operation_timeout; nothing is sent again."""
    echo.on["command"] = echo.dawdle
    outcome = workspace.person("dana").command("/threatmodel", "new")
    assert outcome.error == "operation_timeout"
    (notice,) = workspace.notices("dana")
    assert "operation_timeout" in notice.text
    assert [delivery.attempt for delivery in workspace.deliveries.log] == [0]


def test_a_form_that_is_not_acknowledged_stays_open(workspace: Workspace, echo: Any) -> None:
    """The person sees trouble and can send it again."""
    dana = workspace.person("dana")
    trigger = workspace.store.new_trigger("U0DANA").id
    plain = {"type": "plain_text", "text": "Form"}
    view = {"type": "modal", "callback_id": "form", "title": plain, "blocks": [{"type": "divider"}]}
    echo.client.views_open(trigger_id=trigger, view=view)
    assert dana.modal is not None
    echo.on["submit"] = echo.dawdle
    outcome = dana.submit(dana.modal.id)
    assert (outcome.error, dana.modal is not None) == ("operation_timeout", True)
    assert "trouble" in workspace.notices("dana")[0].text


def test_an_event_that_is_not_taken_in_time_is_sent_again(workspace: Workspace, echo: Any) -> None:
    """http_timeout is the reason that the app reads."""
    echo.on["event"] = lambda ack, body, client: (
        ack() if len(echo.heard) > 1 else echo.dawdle(ack, body, client)
    )
    workspace.person("dana").say("payments", "hello")
    assert workspace.settle()
    assert workspace.deliveries.log[0].reply.reason == "http_timeout"
    assert workspace.deliveries.log[-1].attempt >= 1
