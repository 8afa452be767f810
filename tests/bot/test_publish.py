"""Messages are posted once, whatever fails in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import DeliveryError
from bot.publish import Publisher
from bot.records.sqlite import SqliteRecords
from bot.render import notices
from bot.slack import Slack, web_client
from bot.workspace.faults import FaultKind
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
    """A publisher to that workspace, which does not wait between two tries."""
    return Publisher(Slack(web_client("xoxb-1", workspace.api_url)), records, sleep=lambda _: None)


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
    """When Slack takes a message and the answer is lost, the message is found and not posted again."""
    workspace.faults.add("chat.postMessage", kind="drop_after", times=1)
    ts = publisher.post("k", CHANNEL, None, HELLO)

    assert [m.ts for m in workspace.messages("payments")] == [ts]


def test_an_outage_is_left_to_the_next_try_of_the_job(publisher: Publisher, workspace: Workspace) -> None:
    """What fails three times raises an error that says to try again; that posts it once."""
    workspace.faults.add("chat.postMessage", kind="5xx", times=3)
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


def test_another_file_of_the_same_name_is_not_taken_for_it(
    publisher: Publisher, workspace: Workspace, records: SqliteRecords
) -> None:
    """An upload of unknown outcome is not found in the export that somebody took before it."""
    root = publisher.post("root", CHANNEL, None, HELLO)
    publisher.upload("first/export", CHANNEL, root, "shop.md", b"# Shop", "The export.")
    records.begin_post("second/export", CHANNEL)  # and killed before it was uploaded
    publisher.upload("second/export", CHANNEL, root, "shop.md", b"# Shop, changed", "The export.")

    assert [len(m.files) for m in workspace.thread("payments", root)] == [0, 1, 1]


def test_a_root_is_found_in_a_busy_channel(
    publisher: Publisher, workspace: Workspace, records: SqliteRecords
) -> None:
    """A message that was posted before a kill is found among hundreds that people wrote since."""
    lost = publisher.post("k", CHANNEL, None, HELLO)
    records.finish_post("k", "")
    for number in range(210):
        workspace.person("dana").say("payments", f"Lunch {number}?")

    assert publisher.post("k", CHANNEL, None, HELLO) == lost


def test_a_cut_connection_doubles_no_file(publisher: Publisher, workspace: Workspace) -> None:
    """When Slack takes a file and the answer is lost, the file is found and not put there again."""
    root = publisher.post("root", CHANNEL, None, HELLO)
    workspace.faults.add("files.completeUploadExternal", kind="drop_after", times=1)
    publisher.upload("m/export", CHANNEL, root, "shop.md", b"# Shop", "The export.")

    assert [len(m.files) for m in workspace.thread("payments", root)] == [0, 1]


@pytest.mark.parametrize("kind", ["5xx", "error"])
def test_a_whisper_that_slack_refused_is_said_by_the_next_try(
    publisher: Publisher, workspace: Workspace, kind: FaultKind
) -> None:
    """What Slack has certainly not shown is shown by the next try, here or of the job, once."""
    workspace.faults.add("chat.postEphemeral", kind=kind, times=4, error="service_unavailable")
    with pytest.raises(DeliveryError):
        publisher.whisper("k", CHANNEL, "U0DANA", None, HELLO)
    for _ in range(2):
        publisher.whisper("k", CHANNEL, "U0DANA", None, HELLO)

    assert len(workspace.ephemerals("dana")) == 1


def test_a_whisper_of_unknown_outcome_is_not_repeated(publisher: Publisher, workspace: Workspace) -> None:
    """When the answer to a whisper is lost, nobody sees it twice."""
    workspace.faults.add("chat.postEphemeral", kind="drop_after", times=1)
    with pytest.raises(DeliveryError):
        publisher.whisper("k", CHANNEL, "U0DANA", None, HELLO)
    publisher.whisper("k", CHANNEL, "U0DANA", None, HELLO)

    assert len(workspace.ephemerals("dana")) == 1


def test_a_slack_that_nobody_reaches_has_shown_nothing(records: SqliteRecords) -> None:
    """A refused connection is certain to have had no effect; the error says so."""
    with pytest.raises(DeliveryError) as caught:
        Slack(web_client("xoxb-1", "http://127.0.0.1:9/api/")).call("chat.postMessage", channel=CHANNEL)

    assert caught.value.undone


def test_put_updates_what_stands(publisher: Publisher, workspace: Workspace) -> None:
    """Putting under a known key changes that message in place."""
    ts = publisher.put("k", CHANNEL, None, HELLO)
    publisher.put("k", CHANNEL, None, notices.note("Good-bye."))

    assert "Good-bye." in workspace.message(ts).plain
    assert len(workspace.messages("payments")) == 1
