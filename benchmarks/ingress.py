"""The ingress: its cold start beside a bare Bolt app's, and a steady load on the real HTTP server."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from agent.domain.request import Request
from benchmarks.process import HERE, compiled
from bot.jobs import Ask, JobQueue
from bot.records.base import ModelEntry
from bot.server import Serving
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_queue, make_services

RATE = 50
"""Requests a second."""
SECONDS = 60
RUNS = 9
SECRET = "a signing secret"  # noqa: S105 - nobody else's

_SIGN = """
import hashlib, hmac, json, sys, time
stamp = str(int(time.time()))
body = json.dumps({"type": "event_callback", "team_id": "T0", "event_id": "Ev1", "event": {"type": "message",
    "channel": "C0", "user": "U1", "ts": f"{time.time_ns()}.1", "thread_ts": "17.1", "text": "why?"}})
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
from bot.app import make_app
from bot.ingress import handle
from bot.ingress_settings import read_ingress_settings
from bot.wiring import make_ingress
settings = read_ingress_settings({"THREATBOT_SLACK_SIGNING_SECRET": "a signing secret",
    "THREATBOT_SLACK_BOT_TOKEN": "xoxb-1", "THREATBOT_DATA_DIR": sys.argv[1]})
services = make_ingress(settings)
assert handle(make_app(settings, services), services, headers, body.encode()).status == 200
"""
)


def main(_: Path | None = None) -> None:
    """Print both."""
    _cold()
    print()
    _warm()


def _cold() -> None:
    """A question in a known thread, asked of a process that has just started; both from compiled modules."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        data, environment = Path(folder, "data"), compiled(Path(folder, "bytecode"))
        _known_thread(_settings(data))
        for _ in range(RUNS + 1):
            bare.append(_timed(_BARE, data, environment))
            ours.append(_timed(_OURS, data, environment))
        kept = make_queue(_settings(data).ingress).depth()
    if kept != RUNS + 1:
        raise SystemExit(f"{kept} of {RUNS + 1} questions are on the queue")
    ratios = sorted(o / b for o, b in zip(ours[1:], bare[1:], strict=True))
    print(f"cold start, import and first signed request, whole process, median of {RUNS}")
    print(f"  bare Bolt {statistics.median(bare[1:]):.2f} s, ours {statistics.median(ours[1:]):.2f} s")
    print(f"  ratio {statistics.median(ratios):.2f} (bar 1.3)")


def _timed(code: str, data: Path, environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-c", code, str(data)]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=HERE)
    return time.perf_counter() - began


def _settings(data: Path) -> Settings:
    return Settings.model_validate(
        {
            "slack_signing_secret": SECRET,
            "slack_bot_token": "xoxb-1",
            "slack_api_url": "http://127.0.0.1:1/api/",
            "data_dir": data,
            "port": 0,
        }
    )


def _known_thread(settings: Settings) -> Services:
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
    return services


def _warm() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        services = _known_thread(settings)
        with (
            Serving(settings, services, work=False) as serving,
            ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart,
        ):
            times, refused = apart.submit(_load, serving.url.removeprefix("http://")).result()
        kept = _kept(services.queue)
    sent = RATE * SECONDS
    asked = {_ts(n) for n in range(sent)}
    p99 = sorted(times)[int(len(times) * 0.99)] * 1000
    print(f"{RATE} requests a second for {SECONDS} s on `serve`, one process")
    print(f"  p50 {statistics.median(times) * 1000:.0f} ms, p99 {p99:.0f} ms (bar 150 ms)")
    print(f"  {sent} sent, {sent - len(asked)} of them for the second time, {refused} refused")
    lost, doubled = len(asked - set(kept)), len(kept) - len(set(kept))
    print(f"  {lost} lost, {doubled} doubled")


def _kept(queue: JobQueue) -> list[str]:
    """The questions on the queue, in order, by what was asked."""
    kept = []
    while claim := queue.claim():
        kept.append(claim.job.message_ts if isinstance(claim.job, Ask) else claim.job.kind)
        queue.complete(claim)
    return kept


def _load(address: str) -> tuple[list[float], int]:
    """Seconds from when each message was due to its answer, and how many were refused."""
    times: list[float] = []
    statuses: list[int] = []
    lock = threading.Lock()
    began = time.perf_counter() + 0.2

    def send(number: int) -> None:
        connection = http.client.HTTPConnection(address, timeout=10)
        for n in range(number, RATE * SECONDS, 10):
            due = began + n / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            body = _message(n)
            connection.request("POST", "/slack/events", body, _signed(body))
            response = connection.getresponse()
            response.read()
            with lock:
                times.append(time.perf_counter() - due)
                statuses.append(response.status)
        connection.close()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, sum(s != http.client.OK for s in statuses)


def _ts(number: int) -> str:
    """The message that is sent as this one: every tenth delivery repeats the one before, as Slack may."""
    return f"18.{number - (number % 10 == 9)}"


def _message(number: int) -> str:
    event = {
        "type": "message",
        "channel": "C0",
        "user": "U1",
        "ts": _ts(number),
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
