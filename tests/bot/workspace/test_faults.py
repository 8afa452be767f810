from __future__ import annotations

import threading
from http.client import RemoteDisconnected
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.workspace import Workspace, WorkspaceServer
from bot.workspace.faults import Faults
from bot.workspace.ratelimit import POSTING, TIERS, RateLimits

PAYMENTS = "C0PAYMENTS"


def quiet(workspace: Workspace, **more: Any) -> WebClient:
    """A client that tries once."""
    return WebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[], **more)


def test_a_fault_strikes_as_often_as_ordered() -> None:
    """Strokes and skips are counted for each method; "*" is for any."""
    faults = Faults()
    faults.add("a", "5xx", times=2, skip=1)
    faults.add("*", "error", error="fatal_error")
    struck = [faults.take("a") for _ in range(5)]
    assert [fault and fault.kind for fault in struck] == ["error", "5xx", "5xx", None, None]
    faults.add("a", "5xx")
    faults.clear()
    assert faults.take("a") is None


def test_too_many_requests_say_when_to_come_back(workspace: Workspace) -> None:
    """429 with Retry-After, which the SDK's handler obeys."""
    workspace.faults.add("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        quiet(workspace).chat_postMessage(channel=PAYMENTS, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert workspace.messages("payments") == []
    workspace.faults.add("chat.postMessage", "ratelimited", retry_after=0)
    client = quiet(workspace)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert client.chat_postMessage(channel=PAYMENTS, text="x")["ok"]


def test_a_broken_gateway_answers_without_json(workspace: Workspace) -> None:
    """503, and nothing was done."""
    workspace.faults.add("chat.postMessage", "5xx")
    with pytest.raises(SlackApiError) as caught:
        quiet(workspace).chat_postMessage(channel=PAYMENTS, text="x")
    assert caught.value.response.status_code == 503
    assert workspace.messages("payments") == []


def test_silence_lasts_until_the_caller_gives_up(workspace: Workspace) -> None:
    """Nothing was done, and the next call passes."""
    workspace.faults.add("chat.postMessage", "timeout")
    with pytest.raises(TimeoutError):
        quiet(workspace, timeout=1).chat_postMessage(channel=PAYMENTS, text="x")
    assert quiet(workspace).chat_postMessage(channel=PAYMENTS, text="y")["ok"]
    assert [m.text for m in workspace.messages("payments")] == ["y"]


def test_a_cut_connection_hides_that_the_call_was_done(workspace: Workspace) -> None:
    """The message stands although the caller saw an error: who tries again posts it twice."""
    workspace.faults.add("chat.postMessage", "drop_after")
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        quiet(workspace).chat_postMessage(channel=PAYMENTS, text="x")
    assert [m.text for m in workspace.messages("payments")] == ["x"]


def test_any_error_word_can_be_ordered(workspace: Workspace) -> None:
    """As when the token is revoked in the middle of a job."""
    workspace.faults.add("*", "error", error="token_revoked")
    with pytest.raises(SlackApiError, match="token_revoked"):
        quiet(workspace).auth_test()


@pytest.mark.parametrize("method", ["files.upload", "files.download", "response_url"])
def test_the_other_addresses_have_faults_too(workspace: Workspace, fetch: Any, method: str) -> None:
    """Uploads, downloads and answers can break like any method."""
    paths = {
        "files.upload": "/upload/F1",
        "files.download": "/files-pri/T-F1/a.txt",
        "response_url": "/response/R1",
    }
    workspace.faults.add(method, "5xx")
    data = None if method == "files.download" else b"{}"
    assert fetch(workspace.url + paths[method], data).status == 503


def test_a_server_stops_although_a_call_is_kept_waiting() -> None:
    """Silence ends with the server."""
    workspace = Workspace(signing_secret="s", bot_token="t")
    workspace.faults.add("auth.test", "timeout")
    failed: list[BaseException] = []

    def call() -> None:
        try:
            quiet(workspace).auth_test()
        except OSError as error:
            failed.append(error)

    with WorkspaceServer(workspace):
        caller = threading.Thread(target=call)
        caller.start()
        assert workspace.wait_until(lambda: not workspace.faults.standing, 20)
    caller.join()
    assert len(failed) == 1


def test_buckets_refill_with_time() -> None:
    """A burst passes, then one call a second in each channel; the wait is told in whole seconds."""
    now = [0.0]
    limits = RateLimits(lambda: now[0])

    def post(channel: str) -> int:
        return limits.wait("chat.postMessage", POSTING, channel)

    assert [post("C1") for _ in range(POSTING.burst + 1)] == [0] * POSTING.burst + [1]
    assert post("C2") == 0
    now[0] = 1.0
    assert [post("C1"), post("C1")] == [0, 1]


def test_tiers_count_a_method_over_all_channels() -> None:
    """Tier 1 is one call a minute."""
    limits = RateLimits(lambda: 0.0)
    waits = [limits.wait("m", TIERS[1], channel) for channel in ("C1", "C2")]
    assert waits == [0, 60]


def test_rates_hold_only_where_they_are_switched_on(clock: Any) -> None:
    """A workspace with rate_limits answers 429 by itself."""
    from bot.workspace.api.dispatch import call

    workspace = Workspace(signing_secret="s", bot_token="t", clock=clock, rate_limits=True)
    given = {"channel": PAYMENTS, "text": "x"}
    replies = [call(workspace, "chat.postMessage", given, "Bearer t") for _ in range(POSTING.burst + 1)]
    assert [reply.status for reply in replies] == [200] * POSTING.burst + [429]
    assert replies[-1].headers == {"Retry-After": "1"}
