"""What the ingress does not load: a cold start answers before Slack's three seconds are over."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from agent.domain.request import Request
from agent.domain.verdict import Verdict, VerdictKind
from bot.jobs import Ask, GiveVerdict, Refuse
from bot.local import threat_model
from bot.queues.sqlite import SqliteQueue
from bot.records.base import ModelEntry
from bot.records.sqlite import SqliteRecords

HEAVY = {
    "pydantic", "pydantic_core", "pydantic_settings", "yaml", "langgraph", "langchain", "langchain_core",
    "numpy", "opensearchpy", "PIL", "boto3", "botocore", "onnxruntime", "starlette", "uvicorn", "click",
    "agent.catalog", "agent.diagrams", "agent.analysts", "agent.graph", "agent.domain.base", "knowledge",
}  # fmt: skip

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVE = """
import hashlib, hmac, sys, time
folder, body = sys.argv[1:]
from bot.app import make_app
from bot.ingress import handle
from bot.ingress_settings import read_ingress_settings
from bot.wiring import make_ingress

settings = read_ingress_settings({"THREATBOT_SLACK_SIGNING_SECRET": "shh", "THREATBOT_DATA_DIR": folder,
    "THREATBOT_SLACK_BOT_TOKEN": "xoxb-1", "THREATBOT_SLACK_API_URL": "http://127.0.0.1:1/api/"})
services = make_ingress(settings)
stamp = str(int(time.time()))
signature = hmac.new(b"shh", f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + signature,
    "Content-Type": "application/json" if body[0] == "{" else "application/x-www-form-urlencoded"}
answer = handle(make_app(settings, services), services, headers, body.encode())
print(answer.status, answer.body)
print(*sorted(sys.modules))
"""


def served(folder: Path, body: str) -> tuple[str, set[str]]:
    """What a fresh process answers to its first signed delivery, and the modules it has loaded by then."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVE, str(folder), body],
        check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    answer, modules = done.stdout.strip().rsplit("\n", 1)
    return answer, set(modules.split())


def command(text: str) -> str:
    """The slash command's form."""
    about = {"team_id": "T0", "user_id": "U1", "channel_id": "C0", "trigger_id": "1"}
    return urlencode({"command": "/threatmodel", "text": text, **about})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [("help", "/threatmodel new"), ("new Shop", "Press again"), ("list", "no threat model in this channel")],
)
def test_a_first_command_loads_nothing_heavy(tmp_path: Path, text: str, said: str) -> None:
    """A fresh process answers a signed command without pydantic, YAML, the graph, the domain or AWS."""
    answer, modules = served(tmp_path, command(text))

    assert answer.startswith("200 ")
    assert said in answer
    assert modules & HEAVY == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("list", "Shop"),
        ("status", "To review"),
        ("stats", "3 proposed"),
        ("export csv", "as CSV"),
        ("ask why?", "the answer goes into its thread"),
    ],
)
def test_models_are_told_of_without_anything_heavy(tmp_path: Path, text: str, said: str) -> None:
    """A fresh process tells of a model with threats and a verdict as quickly: it reads neither."""
    records = SqliteRecords(tmp_path / "records.db")
    records.add_model(an_entry())
    made = threat_model([("shop.mmd", b"flowchart LR\n  user([User]) -->|HTTP| shop[Shop]\n")])
    records.save_revision(made.model_copy(update={"id": "tm-1", "threats": made.threats[:3]}))
    about = {"id": "a", "who": "U1", "when": NOON, "model": "tm-1", "revision": 1}
    threat, kind = made.threats[0].id, VerdictKind.STATUS
    records.add_verdicts((Verdict(**about, threat=threat, kind=kind, after="accepted"),))
    records.close()
    answer, modules = served(tmp_path, command(text))

    assert answer.startswith("200 ")
    assert said in answer
    assert modules & HEAVY == set()


def a_press(name: str, **route: object) -> str:
    """The form of a pressed button of a threat."""
    press = {"type": "button", "action_id": name, "block_id": "b"}
    value = json.dumps({"m": "tm-1", "r": 1, "t": "T-001", **route})
    payload = {
        "type": "block_actions",
        "team": {"id": "T0"},
        "user": {"id": "U1", "team_id": "T0"},
        "channel": {"id": "C0"},
        "trigger_id": "1",
        "actions": [{**press, "value": value}],
    }
    return urlencode({"payload": json.dumps(payload)})


@pytest.mark.slow
def test_a_first_press_loads_nothing_heavy(tmp_path: Path) -> None:
    """Nor does a fresh process for a pressed Accept, which it checks and puts on the queue."""
    answer, modules = served(tmp_path, a_press("tm_accept"))
    claim = SqliteQueue(tmp_path / "queue.db").claim()

    assert answer.startswith("200 ")
    assert claim is not None
    assert isinstance(claim.job, GiveVerdict)
    assert modules & HEAVY == set()


@pytest.mark.slow
def test_a_dismissal_is_asked_about_without_anything_heavy(tmp_path: Path) -> None:
    """Its form needs nothing but what the button carries; here Slack, which is to show it, is away."""
    answer, modules = served(tmp_path, a_press("tm_dismiss", x="Orders are read in transit"))
    claim = SqliteQueue(tmp_path / "queue.db").claim()

    assert answer.startswith("200 ")
    assert claim is not None
    assert isinstance(claim.job, Refuse)
    assert "Press again" in claim.job.reason
    assert modules & HEAVY == set()


def an_entry() -> ModelEntry:
    """A model in a known thread."""
    return ModelEntry(
        id="tm-1",
        workspace="T0",
        channel="C0",
        thread="17.1",
        owner="U1",
        created=NOON,
        request=Request(title="Shop"),
    )


@pytest.mark.slow
def test_a_first_question_loads_nothing_heavy(tmp_path: Path) -> None:
    """Nor for a question in a known thread, which it finds in the records and puts on the queue."""
    SqliteRecords(tmp_path / "records.db").add_model(an_entry())
    event = {
        "type": "message",
        "channel": "C0",
        "user": "U1",
        "ts": "18.2",
        "thread_ts": "17.1",
        "text": "why?",
    }
    body = {"type": "event_callback", "team_id": "T0", "event_id": "Ev1", "event": event}
    answer, modules = served(tmp_path, json.dumps(body))
    claim = SqliteQueue(tmp_path / "queue.db").claim()

    assert answer.startswith("200 ")
    assert claim is not None
    assert isinstance(claim.job, Ask)
    assert modules & HEAVY == set()
