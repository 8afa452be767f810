"""What the ingress promises Slack."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from slack_bolt import App

from agent.domain.request import Request
from bot.app import make_app
from bot.ingress import Answer, handle
from bot.jobs import Actor, AddFiles, Ask, Refuse
from bot.records.base import ModelEntry
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_services
from tests.fakes import Clock

SECRET = "a signing secret"
NOBODY = "http://127.0.0.1:1/api/"
"""An address where nobody answers: the ingress must not need Slack."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an app whose Slack is away."""
    return Settings.model_validate(
        {
            "slack_signing_secret": SECRET,
            "slack_bot_token": "xoxb-1",
            "slack_api_url": NOBODY,
            "data_dir": tmp_path,
        }
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """Services with one model in a known thread."""
    made = make_services(settings)
    entry = ModelEntry(
        id="tm-1",
        workspace="T0",
        channel="C0",
        thread="17.1",
        owner="U1",
        created=Clock().utc(),
        request=Request(title="Shop"),
    )
    made.records.add_model(entry)
    yield made
    made.records.close()


@pytest.fixture
def app(settings: Settings, services: Services) -> App:
    """The app."""
    return make_app(settings.ingress, services)


def signed(body: str, *, secret: str = SECRET, age: float = 0) -> dict[str, str]:
    """Headers as Slack would send them `age` seconds ago."""
    stamp = str(int(time.time() - age))
    signature = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
        "Content-Type": "application/json" if body.startswith("{") else "application/x-www-form-urlencoded",
    }


def event(event_id: str = "Ev1", /, **message: object) -> str:
    """A message event in the known thread, unless said otherwise."""
    inner = {
        "type": "message",
        "channel": "C0",
        "user": "U1",
        "ts": "18.2",
        "thread_ts": "17.1",
        "text": "why?",
    }
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": "T0",
            "api_app_id": "A0",
            "event_id": event_id,
            "event": {**inner, **message},
            "authorizations": [{"team_id": "T0", "user_id": "UBOT", "is_bot": True}],
        }
    )


def deliver(app: App, services: Services, body: str, headers: dict[str, str] | None = None) -> Answer:
    """Hand a delivery to the ingress, really signed unless headers are given."""
    return handle(app, services, headers or signed(body), body.encode())


def test_a_signed_message_is_queued_without_asking_slack(app: App, services: Services) -> None:
    """A question in a known thread is on the queue when 200 goes back, although Slack itself is away."""
    assert deliver(app, services, event()).status == 200
    claim = services.queue.claim()

    assert claim is not None
    assert isinstance(claim.job, Ask)
    assert (claim.job.model, claim.job.text, claim.job.actor.user) == ("tm-1", "why?", "U1")


@pytest.mark.parametrize("why", ["wrong secret", "six minutes old", "no signature"])
def test_what_slack_did_not_sign_is_refused(app: App, services: Services, why: str) -> None:
    """A bad, stale or missing signature gets 401 and reaches nothing."""
    body = event()
    headers = {
        "wrong secret": signed(body, secret="another"),
        "six minutes old": signed(body, age=360),
        "no signature": {"Content-Type": "application/json"},
    }[why]

    assert deliver(app, services, body, headers).status == 401
    assert services.queue.depth() == 0


def test_the_same_delivery_is_done_once(app: App, services: Services) -> None:
    """A retry, and the same message told by another event, are acknowledged and not queued again."""
    for event_id in ("Ev1", "Ev1", "Ev2"):
        assert deliver(app, services, event(event_id)).status == 200

    assert services.queue.depth() == 1


def test_a_delivery_that_could_not_be_recorded_is_still_done_once(app: App, services: Services) -> None:
    """After a crash between queueing and recording, the retry does not queue a second job."""
    actor = Actor(user="U1", team="T0", workspace="T0", channel="C0")
    job = Ask(id="message:T0:C0:18.2", model="tm-1", actor=actor, message_ts="18.2", text="why?")
    services.queue.send(job)
    claim = services.queue.claim()
    assert claim is not None
    services.queue.complete(claim)

    assert deliver(app, services, event()).status == 200
    assert services.queue.depth() == 0


@pytest.mark.parametrize(
    "message",
    [
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"hidden": True},
        {"thread_ts": ""},
        {"thread_ts": "99.9"},
        {"text": "   "},
        {"text": "<@U2> what do you think?"},
    ],
    ids=str,
)
def test_what_is_not_for_us_is_acknowledged_and_left(
    app: App, services: Services, message: dict[str, object]
) -> None:
    """Bots, edits, joins, other threads and words to somebody else cause nothing."""
    assert deliver(app, services, event(**message)).status == 200
    assert services.queue.depth() == 0


def test_our_own_mention_is_taken_off(app: App, services: Services) -> None:
    """A question that begins with our mention is asked without it, and with Slack's escapes undone."""
    deliver(app, services, event(text="<@UBOT> is a &lt; b?"))
    claim = services.queue.claim()

    assert claim is not None
    assert isinstance(claim.job, Ask)
    assert claim.job.text == "is a < b?"


def test_an_upload_is_queued_with_its_files(app: App, services: Services) -> None:
    """A file_share in the thread is queued with the files it names."""
    files = [{"id": "F1", "name": "shop.mmd", "size": 12}]
    deliver(app, services, event(subtype="file_share", files=files, text="the new one"))
    claim = services.queue.claim()

    assert claim is not None
    assert isinstance(claim.job, AddFiles)
    assert [(f.id, f.name) for f in claim.job.files] == [("F1", "shop.mmd")]
    assert claim.job.text == "the new one"


def test_people_of_other_teams_are_refused_with_a_reason(app: App, services: Services) -> None:
    """A stranger's message becomes a refusal to be told, not a question."""
    deliver(app, services, event(user_team="T9"))
    claim = services.queue.claim()

    assert claim is not None
    assert isinstance(claim.job, Refuse)


def test_bolts_own_headers_are_dropped(app: App, services: Services) -> None:
    """A caller cannot reach a listener's inside by Bolt's lazy headers."""
    body = event()
    headers = {**signed(body), "X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "message"}

    assert deliver(app, services, body, headers).status == 200
    assert services.queue.depth() == 1


def test_help_answers_at_once(app: App, services: Services) -> None:
    """The bare command explains itself in the acknowledgement, to that person alone."""
    body = urlencode(
        {
            "command": "/threatmodel",
            "text": "",
            "team_id": "T0",
            "user_id": "U1",
            "channel_id": "C0",
            "trigger_id": "1",
        }
    )
    answer = deliver(app, services, body)

    shown = json.loads(answer.body)
    assert (answer.status, shown["response_type"]) == (200, "ephemeral")
    assert "/threatmodel new" in json.dumps(shown["blocks"])


def test_a_form_that_cannot_open_says_so(app: App, services: Services) -> None:
    """When Slack does not open the form in time the person reads what happened, and nothing is queued."""
    body = urlencode(
        {
            "command": "/threatmodel",
            "text": "new",
            "team_id": "T0",
            "user_id": "U1",
            "channel_id": "C0",
            "trigger_id": "1",
        }
    )
    answer = deliver(app, services, body)

    assert answer.status == 200
    assert "Press again" in json.loads(answer.body)["text"]
    assert services.queue.depth() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"\xff\xfe", 400), (b"x" * 1_000_001, 413), (b"{}", 401)],
    ids=["bytes", "size", "empty"],
)
def test_junk_is_refused(app: App, services: Services, body: bytes, status: int) -> None:
    """Bytes that are no text, far too many, or nothing at all are refused without a traceback."""
    assert handle(app, services, {"Content-Type": "application/json"}, body).status == status


def test_slacks_url_check_is_answered(app: App, services: Services) -> None:
    """The challenge with which Slack checks the address comes back."""
    answer = deliver(app, services, json.dumps({"type": "url_verification", "challenge": "abc"}))

    assert (answer.status, json.loads(answer.body)) == (200, {"challenge": "abc"})


def test_values_that_are_not_ours_are_acknowledged_and_left(app: App, services: Services) -> None:
    """A button value that is no route of ours causes nothing, whatever it holds."""
    for number, value in enumerate(("", "{}", '{"m": 1}', "rm -rf", '{"m":"tm-1","r":-1}')):
        payload = {
            "type": "block_actions",
            "team": {"id": "T0"},
            "user": {"id": "U1", "team_id": "T0"},
            "channel": {"id": "C0"},
            "trigger_id": f"t{number}",
            "actions": [{"type": "button", "action_id": "tm_accept", "block_id": "b", "value": value}],
        }
        assert deliver(app, services, urlencode({"payload": json.dumps(payload)})).status == 200

    assert services.queue.depth() == 0


def test_a_job_about_another_workspaces_model_is_refused_at_the_door(app: App, services: Services) -> None:
    """It does not stand among that model's own jobs, which are done one at a time."""
    route = '{"m":"tm-T0OTHER-0123456789abcdef","r":1}'
    payload = {
        "type": "block_actions",
        "team": {"id": "T0"},
        "user": {"id": "U1", "team_id": "T0"},
        "channel": {"id": "C0"},
        "trigger_id": "1",
        "actions": [{"type": "button", "action_id": "tm_start", "block_id": "b", "value": route}],
    }
    assert deliver(app, services, urlencode({"payload": json.dumps(payload)})).status == 200
    claim = services.queue.claim()

    assert claim is not None
    assert isinstance(claim.job, Refuse)
    assert claim.job.model == "T0"
    assert "do not know this threat model" in claim.job.reason
