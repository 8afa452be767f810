from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self

import pytest

from bot.workspace import Timing, Workspace
from bot.workspace.deliver import sign

PAYMENTS = "C0PAYMENTS"


def test_the_signature_is_slacks(workspace: Workspace) -> None:
    """The example of Slack's own documentation: secret, time and body give this signature."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


def test_a_message_is_an_event(workspace: Workspace, echo: Any) -> None:
    """Envelope and event as Slack writes them."""
    workspace.person("dana").say("payments", "hello <there> @lee https://example.com/a")
    assert workspace.settle()
    (body,) = echo.heard
    assert (body["type"], body["team_id"], body["api_app_id"]) == ("event_callback", "T0LOCAL", "A0THREATBOT")
    assert body["authorizations"][0]["user_id"] == "U0THREATBOT"
    event = body["event"]
    assert event["text"] == "hello &lt;there&gt; <@U0LEE> <https://example.com/a>"
    assert (event["user"], event["channel"], event["channel_type"]) == ("U0DANA", PAYMENTS, "channel")
    runs = event["blocks"][0]["elements"][0]["elements"]
    assert [run["type"] for run in runs] == ["text", "user", "text", "link"]
    assert runs[0]["text"] == "hello <there> "


def test_an_upload_in_a_thread_is_a_file_share(workspace: Workspace, echo: Any) -> None:
    """It has the subtype file_share, files and thread_ts."""
    dana = workspace.person("dana")
    root = dana.say("payments", "root").ts
    dana.upload("payments", root, [("a.mmd", b"flowchart LR"), ("b.png", b"\x89PNG")], "two")
    assert workspace.settle()
    (event,) = echo.events("file_share")
    assert (event["thread_ts"], [f["name"] for f in event["files"]]) == (root, ["a.mmd", "b.png"])
    assert event["files"][0]["url_private_download"].startswith(workspace.url)


def test_files_from_another_company_come_as_stubs(workspace: Workspace, echo: Any) -> None:
    """Only files.info tells more."""
    message = workspace.person("mo").upload("partners", "", [("a.mmd", b"flowchart LR")])
    assert workspace.settle()
    (body,) = echo.heard
    assert body["is_ext_shared_channel"] is True
    assert body["event"]["user_team"] == "T0OTHER"
    stub = {"id": message.files[0], "mode": "file_access", "file_access": "check_file_info"}
    assert body["event"]["files"] == [stub]


def test_a_mention_comes_twice_under_one_ts(workspace: Workspace, echo: Any) -> None:
    """As message with its files, and as app_mention without them."""
    workspace.person("dana").upload("payments", "", [("a.mmd", b"x")], "@threatbot look")
    assert workspace.settle()
    message, mention = echo.events()
    assert (message["type"], mention["type"]) == ("message", "app_mention")
    assert message["ts"] == mention["ts"]
    assert "files" not in mention


def test_edits_and_deletions_are_events(workspace: Workspace, echo: Any) -> None:
    """message_changed holds both versions, message_deleted the one that was."""
    dana = workspace.person("dana")
    ts = dana.say("payments", "before").ts
    dana.edit(ts, "after")
    dana.delete(ts)
    assert workspace.settle()
    (changed,), (deleted,) = echo.events("message_changed"), echo.events("message_deleted")
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("before", "after")
    assert deleted["deleted_ts"] == ts


def test_the_app_hears_of_its_own_messages(workspace: Workspace) -> None:
    """Slack sends them too, with bot_id: whoever does not look at that answers themselves."""
    from bot.workspace.api.dispatch import call

    bodies = Recorder()
    with bodies:
        workspace.request_url = bodies.url
        call(
            workspace, "chat.postMessage", {"channel": PAYMENTS, "text": "x"}, f"Bearer {workspace.bot_token}"
        )
        assert workspace.settle()
    assert '"bot_id": "B0THREATBOT"' in bodies.got[0][1]


def test_the_app_hears_nothing_of_channels_that_it_is_not_in(workspace: Workspace, echo: Any) -> None:
    """Until it is invited."""
    dana = workspace.person("dana")
    dana.say("platform", "before")
    dana.invite("platform")
    dana.say("platform", "after")
    assert workspace.settle()
    assert [event["text"] for event in echo.events()] == ["after"]


def test_the_home_tab_is_an_event(workspace: Workspace, echo: Any) -> None:
    """app_home_opened with the tab, and with the view once there is one."""
    dana = workspace.person("dana")
    dana.open_home()
    assert workspace.settle()
    echo.client.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [{"type": "divider"}]})
    dana.open_home()
    assert workspace.settle()
    first, second = echo.events()
    assert (first["tab"], "view" in first, "view" in second) == ("home", False, True)


def test_stop_is_an_event(workspace: Workspace, echo: Any) -> None:
    """agent_session_stopped names the thread."""
    dana = workspace.person("dana")
    root = dana.say("payments", "root").ts
    dana.stop("payments", root)
    assert workspace.settle()
    assert echo.events()[-1]["type"] == "agent_session_stopped"
    assert echo.events()[-1]["thread_ts"] == root


def test_events_are_sent_again_until_they_are_taken(workspace: Workspace, echo: Any) -> None:
    """Three more times, numbered and with the reason."""

    def fail(ack: Any, _body: Any, _client: Any) -> None:
        ack()
        raise LookupError("the app is broken")

    echo.on["event"] = fail
    workspace.person("dana").say("payments", "hello")
    assert workspace.settle()
    assert echo.retries == [("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert [delivery.attempt for delivery in workspace.deliveries.log] == [0, 1, 2, 3]


def test_an_event_is_not_sent_again_once_taken(workspace: Workspace, echo: Any) -> None:
    """The second attempt succeeds and is the last."""
    echo.on["event"] = lambda ack, _body, _client: ack() if len(echo.heard) > 1 else 1 / 0
    workspace.person("dana").say("payments", "hello")
    assert workspace.settle()
    assert [delivery.reply.ok for delivery in workspace.deliveries.log] == [False, True]


def test_the_app_can_refuse_to_be_asked_again() -> None:
    """x-slack-no-retry ends it."""
    with Recorder(status=500, headers={"x-slack-no-retry": "1"}) as bodies:
        assert len(deliver_one(bodies.url)) == 1


def test_an_app_that_is_not_there_is_tried_again() -> None:
    """connection_failed is a reason too."""
    attempts = deliver_one("http://127.0.0.1:9/slack/events")
    assert [a.reply.reason for a in attempts] == ["connection_failed"] * 4


def test_without_a_request_url_nothing_is_sent(workspace: Workspace) -> None:
    """Events are dropped, commands fail and say so."""
    dana = workspace.person("dana")
    dana.say("payments", "hello")
    assert dana.command("/threatmodel").error == "no_app"
    assert workspace.settle()
    assert workspace.notices("dana")[0].error == "no_app"


@pytest.mark.parametrize(("fault", "heard"), [("duplicate", 2), ("stale", 0), ("forged", 0), ("lost", 0)])
def test_commands_can_be_spoiled(workspace: Workspace, echo: Any, fault: Any, heard: int) -> None:
    """Bolt refuses what is stale or forged, and gets twice what is doubled."""
    workspace.faults.add("command", fault)
    outcome = workspace.person("dana").command("/threatmodel")
    assert len(echo.heard) == heard
    assert outcome.ok is (fault == "duplicate")


def test_events_can_be_spoiled(workspace: Workspace, echo: Any) -> None:
    """A doubled event arrives twice with one event_id; a lost one arrives with the retry."""
    workspace.faults.add("event", "duplicate")
    workspace.faults.add("event", "lost")
    dana = workspace.person("dana")
    dana.say("payments", "twice")
    dana.say("payments", "late")
    assert workspace.settle()
    ids = [body["event_id"] for body in echo.heard]
    assert (len(ids), len(set(ids))) == (3, 2)
    assert echo.retries == [("1", "connection_failed")]


class Recorder:
    """An app that keeps every request, and answers all with one status."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                recorder.got.append((dict(self.headers), body))
                self.send_response(status)
                for key, value in (headers or {}).items():
                    self.send_header(key, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/slack/events"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def deliver_one(url: str) -> list[Any]:
    """Every attempt at one message's event."""
    workspace = Workspace(
        signing_secret="s", bot_token="t", request_url=url, timing=Timing(ack=20, retry_scale=0)
    )
    workspace.deliveries.start()
    try:
        workspace.person("dana").say("payments", "hello")
        assert workspace.settle()
    finally:
        workspace.deliveries.stop()
    return list(workspace.deliveries.log)


def test_only_events_that_the_manifest_names_are_sent() -> None:
    """Reactions and joins for who subscribes to them, and nothing else."""
    names = ["reaction_added", "reaction_removed", "member_joined_channel"]
    manifest = {"settings": {"event_subscriptions": {"bot_events": names}}}
    with Recorder() as bodies:
        workspace = Workspace(
            signing_secret="s",
            bot_token="t",
            request_url=bodies.url,
            manifest=manifest,
            timing=Timing(ack=20),
        )
        workspace.deliveries.start()
        dana = workspace.person("dana")
        ts = dana.say("payments", "hello").ts
        dana.react(ts, "eyes")
        dana.react(ts, "eyes")
        dana.invite("platform")
        dana.open_home()
        assert workspace.settle()
        workspace.deliveries.stop()
    assert [delivery.name for delivery in workspace.deliveries.log] == names
