"""Fetching uploaded files."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from agent.diagrams.base import MAX_BYTES
from agent.errors import DeliveryError, TooLarge, UnreadableFile
from bot.files import check_file, fetch

SLACK = ("https://files.slack.com",)
GOOD = {"id": "F1", "name": "shop.mmd", "url_private_download": "https://files.slack.com/F1", "size": 10}


class _Files(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_GET(self) -> None:
        """Serve /ok, /login, /moved, /away, /gone and /huge."""
        name = self.path.strip("/")
        status = {"moved": 302, "away": 503, "gone": 404}.get(name, 200)
        kind = "text/html" if name == "login" else "text/plain"
        body = b"x" * (MAX_BYTES + 1) if name == "huge" else self.headers["Authorization"].encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", "http://127.0.0.1:1/stolen")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    """A file server's address."""
    server = HTTPServer(("127.0.0.1", 0), _Files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_file_of_this_channel_is_taken() -> None:
    """A hosted file that was shared here gives its download address."""
    shared = {**GOOD, "shares": {"public": {"C0": [{"ts": "1.1"}]}}}

    assert check_file(shared, "C0", SLACK) == "https://files.slack.com/F1"


@pytest.mark.parametrize(
    "change", [{}, {"is_external": True}, {"mode": "tombstone"}, {"size": MAX_BYTES + 1}]
)
def test_nothing_is_told_of_a_file_of_another_channel(change: dict[str, Any]) -> None:
    """Not its name, its kind or its size: only what was said when somebody named it here."""
    shared = {**GOOD, "name": "secret.mmd", "shares": {"private": {"C9": [{"ts": "1.1"}]}}, **change}
    for called, named in (("plan.mmd", "plan.mmd"), ("", "F1")):
        with pytest.raises(UnreadableFile) as refusal:
            check_file(shared, "C0", SLACK, called)
        assert f"read {named}:" in refusal.value.message
        assert "not shared in this channel" in refusal.value.message
        assert "secret" not in refusal.value.message


@pytest.mark.parametrize(
    "change",
    [
        {"is_external": True},
        {"mode": "external"},
        {"mode": "tombstone"},
        {"shares": {"public": {"C9": []}}},
        {"url_private_download": "https://evil.example/F1"},
        {"url_private_download": "http://files.slack.com/F1"},
        {"url_private_download": "https://files.slack.com:444/F1"},
        {"url_private_download": "https://me@files.slack.com/F1"},
        {"url_private_download": "https://files.slack.com.evil.example/F1"},
        {"url_private_download": "", "url_private": ""},
    ],
    ids=str,
)
def test_anything_else_is_refused_by_name(change: dict[str, Any]) -> None:
    """Remote, vanished, foreign and disguised files are refused, and the sentence names the file."""
    with pytest.raises(UnreadableFile, match=r"shop\.mmd"):
        check_file({**GOOD, **change}, "C0", SLACK, "shop.mmd")


def test_a_large_file_is_refused_before_it_is_fetched() -> None:
    """A file that says it is over 10 MB is not fetched at all."""
    with pytest.raises(TooLarge):
        check_file({**GOOD, "size": MAX_BYTES + 1}, "C0", SLACK)


def test_the_token_goes_along(files: str) -> None:
    """The bytes come with the bot token as bearer."""
    assert fetch(f"{files}/ok", "a.mmd", "xoxb-1") == b"Bearer xoxb-1"


@pytest.mark.parametrize("path", ["login", "moved", "gone", "huge"])
def test_answers_that_are_not_the_file_are_refused(files: str, path: str) -> None:
    """A login page, a redirect, a missing file and one over the limit are refused with a sentence."""
    with pytest.raises(UnreadableFile, match=r"a\.mmd"):
        fetch(f"{files}/{path}", "a.mmd", "xoxb-1")


@pytest.mark.parametrize("address", ["{files}/away", "http://127.0.0.1:1/x"])
def test_a_slack_that_is_away_can_be_tried_again(files: str, address: str) -> None:
    """A server error or no server is a DeliveryError that may be retried."""
    with pytest.raises(DeliveryError) as caught:
        fetch(address.format(files=files), "a.mmd", "xoxb-1")

    assert caught.value.retryable
