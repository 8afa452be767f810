"""Messages are posted once, whatever fails in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import DeliveryError
from bot.publish import Publisher
from bot.records.sqlite import SqliteRecords
from bot.render import notices
from bot.slack import Slack, web_client
from bot.workspace.server import WorkspaceServer
from bot.workspace.workspace import Workspace

HELLO = notices.note("Hello.")
CHANNEL = "C0PAYMENTS"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A served workspace without an app."""
    made = Workspace(signing_secret="secret", bot_token="xoxb-1")
    with WorkspaceServer(made):
        yield made


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqliteRecords]:
    """Empty records."""
    made = SqliteRecords(tmp_path / "records.db")
    yield made
    made.close()


@pytest.fixture
def publisher(workspace: Workspace, records: SqliteRecords) -> Publisher:
    """A publisher to that workspace."""
    return Publisher(Slack(web_client("xoxb-1", workspace.api_url)), records)


def test_a_key_posts_once(publisher: Publisher, workspace: Workspace) -> None:
    """Posting under one key again gives the same message back and posts nothing."""
    first = publisher.post("k", CHANNEL, None, HELLO)

    assert publisher.post("k", CHANNEL, None, HELLO) == first
    assert len(workspace.messages("payments")) == 1


@pytest.mark.parametrize("in_thread", [True, False])
def test_a_post_of_unknown_outcome_is_looked_for(
    publisher: Publisher, workspace: Workspace, records: SqliteRecords, *, in_thread: bool
) -> None:
    """A message that was posted by a worker killed before it could say so is found, not posted again."""
    root = publisher.post("root", CHANNEL, None, HELLO) if in_thread else None
    lost = publisher.post("k", CHANNEL, root, HELLO)
    records.finish_post("k", "")  # as if the worker had been killed before it wrote the ts down

    assert publisher.post("k", CHANNEL, root, HELLO) == lost
    shown = workspace.thread("payments", root) if root else workspace.messages("payments")
    assert len(shown) == (2 if root else 1)


def test_a_post_that_never_arrived_is_posted(
    publisher: Publisher, workspace: Workspace, records: SqliteRecords
) -> None:
    """A key that was begun but stands nowhere is posted."""
    records.begin_post("k", CHANNEL)
    publisher.post("k", CHANNEL, None, HELLO)

    assert len(workspace.messages("payments")) == 1


def test_a_cut_connection_doubles_nothing(publisher: Publisher, workspace: Workspace) -> None:
    """When Slack takes a message and the answer is lost, trying again finds it."""
    workspace.faults.add("chat.postMessage", kind="drop_after", times=1)
    with pytest.raises(DeliveryError) as caught:
        publisher.post("k", CHANNEL, None, HELLO)
    publisher.post("k", CHANNEL, None, HELLO)

    assert caught.value.retryable

    assert len(workspace.messages("payments")) == 1


def test_rate_limits_are_waited_out(publisher: Publisher, workspace: Workspace) -> None:
    """A 429 is tried again after Retry-After."""
    workspace.faults.add("chat.postMessage", kind="ratelimited", times=1)
    publisher.post("k", CHANNEL, None, HELLO)

    assert len(workspace.messages("payments")) == 1


def test_a_refusal_says_what_to_do(publisher: Publisher) -> None:
    """A channel without the bot gives an error that cannot be retried and says to invite it."""
    with pytest.raises(DeliveryError, match="/invite") as caught:
        publisher.post("k", "C0PLATFORM", None, HELLO)

    assert not caught.value.retryable


def test_whispers_are_said_at_most_once(publisher: Publisher, workspace: Workspace) -> None:
    """A message for one person is not repeated, and nobody else sees it."""
    for _ in range(2):
        publisher.whisper("k", CHANNEL, "U0DANA", None, HELLO)

    assert len(workspace.ephemerals("dana")) == 1
    assert workspace.ephemerals("lee") == []


def test_a_file_is_uploaded_once(publisher: Publisher, workspace: Workspace, records: SqliteRecords) -> None:
    """An upload of unknown outcome is found by its title, not repeated."""
    root = publisher.post("root", CHANNEL, None, HELLO)
    publisher.upload("m/export", CHANNEL, root, "shop.md", b"# Shop", "The export.")
    records.finish_post("m/export", "")
    publisher.upload("m/export", CHANNEL, root, "shop.md", b"# Shop", "The export.")

    assert [len(m.files) for m in workspace.thread("payments", root)] == [0, 1]


def test_put_updates_what_stands(publisher: Publisher, workspace: Workspace) -> None:
    """Putting under a known key changes that message in place."""
    ts = publisher.put("k", CHANNEL, None, HELLO)
    publisher.put("k", CHANNEL, None, notices.note("Good-bye."))

    assert "Good-bye." in workspace.message(ts).plain
    assert len(workspace.messages("payments")) == 1
