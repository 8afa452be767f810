"""Traces of the worker, as AWS's own SDK gives them to X-Ray's daemon, under AWS's own runtime interface."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.render import forms
from tests.e2e.on_aws import SECRET, OnAws

TRACE = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
TITLE = "Badger lockers"
DESCRIPTION = "A quokka opens a locker through the badger service, which keeps pins in a database."


@dataclass
class Daemon:
    """What takes segments over UDP, as X-Ray's daemon does."""

    address: str
    documents: list[dict[str, Any]] = field(default_factory=list)
    told: threading.Event = field(default_factory=threading.Event)
    """Set once a call of the function was told."""

    def calls(self) -> list[dict[str, Any]]:
        """Those that stand for a call of the function; they come last, when it has ended."""
        return [d for d in self.documents if str(d["name"]).startswith("## ")]


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    """A listener on a free port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        made = Daemon(f"127.0.0.1:{bound.getsockname()[1]}")
        over = threading.Event()
        bound.settimeout(0.1)

        def listen() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    head, _, body = bound.recv(65_536).partition(b"\n")
                    assert json.loads(head) == {"format": "json", "version": 1}
                    made.documents.append(json.loads(body))
                    if made.calls():
                        made.told.set()

        thread = threading.Thread(target=listen, name="daemon", daemon=True)
        thread.start()
        yield made
        over.set()
        thread.join()


@pytest.mark.slow
def test_the_workers_calls_are_traced_without_content(started: Callable[..., OnAws], daemon: Daemon) -> None:
    """Each call is a subsegment of Lambda's segment with the calls to AWS inside it, and no content."""
    aws = started(
        THREATBOT_TRACES="true",
        LAMBDA_TASK_ROOT="/var/task",
        AWS_XRAY_DAEMON_ADDRESS=daemon.address,
        _X_AMZN_TRACE_ID=f"Root={TRACE};Parent={PARENT};Sampled=1",
    )
    dana = aws.bot.workspace.person("dana")
    view = dana.command("/threatmodel", f"new {TITLE}", channel="payments").view
    assert view is not None
    assert dana.submit(view.id, {forms.DESCRIPTION: DESCRIPTION}).ok
    posted = aws.bot.workspace.wait_until(lambda: aws.bot.workspace.messages("payments"), 60)
    assert TITLE in posted[-1].plain
    assert daemon.told.wait(60), aws.worker.output()[-3000:]

    for call in daemon.calls():
        assert (call["type"], call["trace_id"], call["parent_id"]) == ("subsegment", TRACE, PARENT)
        assert call["annotations"]["Service"] == "threatbot"
        assert "error" not in call
        assert "metadata" not in call
        inside = [d for d in daemon.documents if d.get("parent_id") == call["id"]]
        assert {d["namespace"] for d in inside} == {"aws"}
        assert "PutItem" in {d["aws"]["operation"] for d in inside}
    for said in (TITLE, DESCRIPTION, "badger", "U0DANA", SECRET, aws.bot.workspace.bot_token):
        assert said not in json.dumps(daemon.documents)
    assert "cannot find the current segment" not in aws.worker.output()
