from __future__ import annotations

import socket
import threading

import pytest

from agent.errors import ConfigurationError, InputError, NotAllowed, NotFound
from bot.workspace import Workspace, WorkspaceServer
from tests.ports import free_port


def test_a_port_in_use_is_a_setting_to_mend(workspace: Workspace) -> None:
    """ConfigurationError names the port."""
    port = int(workspace.url.rpartition(":")[2])
    with pytest.raises(ConfigurationError, match=str(port)):
        WorkspaceServer(Workspace(signing_secret="s", bot_token="t"), port=port)


def test_a_stopped_server_frees_its_port() -> None:
    """The next one can have it."""
    port = free_port()
    with WorkspaceServer(Workspace(signing_secret="s", bot_token="t"), port=port) as server:
        assert server.port == port
    with socket.create_server(("127.0.0.1", port)) as again:
        assert again.getsockname()[1] == port


def test_waiting_ends_with_the_change_that_is_waited_for(workspace: Workspace) -> None:
    """The predicate's own value comes back."""
    lee = workspace.person("lee")
    later = threading.Timer(0.05, lee.say, ("payments", "now"))
    later.start()
    (message,) = workspace.wait_until(lambda: workspace.messages("payments"), 20)
    later.join()
    assert message.text == "now"


def test_waiting_for_what_never_comes_ends_too(workspace: Workspace) -> None:
    """With the predicate's last, false value."""
    assert workspace.wait_until(lambda: workspace.messages("payments"), 0.01) == []


def test_people_touch_only_what_is_theirs(workspace: Workspace) -> None:
    """Own messages, seen messages, open views, threads that exist."""
    ts = workspace.person("dana").say("security", "between us").ts
    with pytest.raises(NotAllowed):
        workspace.person("lee").edit(ts, "not mine")
    with pytest.raises(NotAllowed):
        workspace.person("gil").react(ts, "eyes")
    with pytest.raises(NotFound):
        workspace.person("lee").close()
    with pytest.raises(NotFound):
        workspace.person("lee").say("security", "x", "1.000001")
    with pytest.raises(InputError):
        workspace.person("lee").dismiss(ts)
    with pytest.raises(NotFound):
        workspace.person("nobody")


def test_a_reaction_is_taken_back_by_giving_it_again(workspace: Workspace) -> None:
    """As a click on one's own emoji does."""
    dana = workspace.person("dana")
    ts = dana.say("payments", "look").ts
    dana.react(ts, "eyes")
    workspace.person("lee").react(ts, "eyes")
    dana.react(ts, "eyes")
    assert workspace.message(ts).reactions == (("eyes", ("U0LEE",)),)


def test_public_channels_can_be_read_by_all_but_guests(workspace: Workspace) -> None:
    """A guest sees only the channels they are in."""
    channel = workspace.channel("platform")
    assert "U0DANA" in workspace.store.audience(channel)
    assert "U0GIL" not in workspace.store.audience(channel)


def test_messages_in_direct_channels_reach_the_app(workspace: Workspace) -> None:
    """The word dm means the person's own channel with it."""
    message = workspace.person("dana").say("dm", "hello")
    assert message.channel == workspace.direct("dana").id
    assert workspace.person("lee").sees("dm") == []
