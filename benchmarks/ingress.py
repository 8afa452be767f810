"""The ingress: its cold start beside a bare Bolt app's, and a steady load on the real HTTP server."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from agent.domain.request import Request
from bot.records.base import ModelEntry
from bot.server import Serving
from bot.settings import Settings
from bot.wiring import make_services

RATE = 50
"""Requests a second."""
SECONDS = 60
RUNS = 7
SECRET = "a signing secret"  # noqa: S105 - nobody else's

_SIGN = """
import hashlib, hmac, json, sys, time
body = json.dumps({"type": "event_callback", "team_id": "T0", "event_id": "Ev1", "event": {"type": "message",
    "channel": "C0", "user": "U1", "ts": "18.2", "thread_ts": "17.1", "text": "why?"}})
stamp = str(int(time.time()))
headers = {"x-slack-request-timestamp": stamp, "content-type": "application/json", "x-slack-signature":
    "v0=" + hmac.new(b"a signing secret", f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()}
"""
_BARE = (
    _SIGN
    + """
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
app = App(signing_secret="a signing secret", process_before_response=True,
    authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-1"))
app.event("message")(lambda ack: ack())
assert app.dispatch(BoltRequest(body=body, headers=headers)).status == 200
"""
)
_OURS = (
    _SIGN
    + """
from pathlib import Path
from bot.app import make_app
from bot.ingress import handle
from bot.settings import Settings
from bot.wiring import make_services
settings = Settings.model_validate({"slack_signing_secret": "a signing secret", "slack_bot_token": "xoxb-1",
    "data_dir": Path(sys.argv[1])})
services = make_services(settings)
assert handle(make_app(settings, services), services, headers, body.encode()).status == 200
heavy = {"langgraph", "langchain_core", "numpy", "opensearchpy", "PIL", "boto3"} & set(sys.modules)
assert not heavy, heavy
"""
)


def main(_: Path | None = None) -> None:
    """Print both."""
    _cold()
    print()
    _warm()


def _cold() -> None:
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(RUNS + 1):
            bare.append(_timed(_BARE, folder))
            ours.append(_timed(_OURS, f"{folder}/{run}"))
    ratios = sorted(o / b for o, b in zip(ours[1:], bare[1:], strict=True))
    print(f"cold start, import and first signed request, whole process, median of {RUNS}")
    print(f"  bare Bolt {statistics.median(bare[1:]):.2f} s, ours {statistics.median(ours[1:]):.2f} s")
    print(f"  ratio {statistics.median(ratios):.2f} (bar 1.3)")


def _timed(code: str, argument: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, argument], check=True, capture_output=True)
    return time.perf_counter() - began


def _warm() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate(
            {
                "slack_signing_secret": SECRET,
                "slack_bot_token": "xoxb-1",
                "slack_api_url": "http://127.0.0.1:1/api/",
                "data_dir": Path(folder),
                "port": 0,
            }
        )
        services = make_services(settings)
        services.records.add_model(
            ModelEntry(
                id="tm-1",
                workspace="T0",
                channel="C0",
                thread="17.1",
                owner="U1",
                created=services.now(),
                request=Request(title="Shop"),
            )
        )
        with Serving(settings, services, work=False) as serving:
            times, refused = _load(serving.url.removeprefix("http://"))
        kept = services.queue.depth()
    sent = RATE * SECONDS
    p99 = sorted(times)[int(len(times) * 0.99)] * 1000
    print(f"{RATE} requests a second for {SECONDS} s on `serve`, one process")
    print(f"  p50 {statistics.median(times) * 1000:.0f} ms, p99 {p99:.0f} ms (bar 150 ms)")
    print(f"  {sent} sent, {refused} refused, {kept} on the queue: {sent - kept} lost or doubled")


def _load(address: str) -> tuple[list[float], int]:
    times: list[float] = []
    statuses: list[int] = []
    lock = threading.Lock()
    began = time.perf_counter() + 0.2

    def send(number: int) -> None:
        connection = http.client.HTTPConnection(address, timeout=10)
        for n in range(number, RATE * SECONDS, 10):
            time.sleep(max(0.0, began + n / RATE - time.perf_counter()))
            body = _message(n)
            start = time.perf_counter()
            connection.request("POST", "/slack/events", body, _signed(body))
            response = connection.getresponse()
            response.read()
            with lock:
                times.append(time.perf_counter() - start)
                statuses.append(response.status)
        connection.close()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, sum(s != http.client.OK for s in statuses)


def _message(number: int) -> str:
    event = {
        "type": "message",
        "channel": "C0",
        "user": "U1",
        "ts": f"18.{number}",
        "thread_ts": "17.1",
        "text": "why?",
    }
    return json.dumps({"type": "event_callback", "team_id": "T0", "event_id": f"Ev{number}", "event": event})


def _signed(body: str) -> dict[str, str]:
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
        "Content-Type": "application/json",
    }
