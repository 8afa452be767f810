"""The whole bot in a local workspace, for every test here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo import LocalBot, example, knows_thread, local_bot
from bot.render import forms
from bot.render.pages import added_pages, shown_pages
from bot.workspace.people import Person
from bot.workspace.state import Timing
from bot.workspace.values import Message
from tests.e2e.on_aws import OnAws, on_aws

if TYPE_CHECKING:
    from tests.aws_double import AwsDouble

SECONDS = 60.0
PATIENT = Timing(ack=30, trigger=30)
"""These tests promise what happens, not how fast: a busy machine must not fail them."""


@dataclass
class Thread:
    """One threat model's thread as a person works in it."""

    bot: LocalBot
    person: Person
    channel: str
    ts: str

    @property
    def messages(self) -> list[Message]:
        """What stands in the thread."""
        return self.bot.workspace.thread(self.channel, self.ts)

    def text(self) -> str:
        """Everything that can be read in it."""
        return "\n".join(m.plain for m in self.messages)

    def drop(self, *files: tuple[str, bytes], text: str = "") -> Message:
        """Upload files."""
        return self.person.upload(self.channel, self.ts, files, text)

    def wait(self, seen: Callable[[], object]) -> None:
        """Until it is seen; the test fails with the thread's text when it never is."""
        assert self.bot.workspace.wait_until(lambda: bool(seen()), SECONDS), self.text()

    def buttons(self, action: str) -> list[tuple[Message, str, dict[str, object]]]:
        """Every element with this action: its message, its block and itself, in order."""
        return [
            (message, str(block["block_id"]), element)
            for message in self.messages
            for block in message.blocks
            for element in block.get("elements", ())
            if isinstance(element, dict) and element.get("action_id") == action
        ]

    def await_model(self, revision: int = 1) -> None:
        """Until the revision is published, its last page included."""
        self.wait(lambda: self.published(revision))

    def published(self, revision: int) -> bool:
        """Whether every message of the revision stands."""
        from bot.records.standing import standing

        model = self.bot.services.records.find_thread(
            "T0LOCAL", self.bot.workspace.channel(self.channel).id, self.ts
        )
        if model is None or self.bot.services.records.model(model).revision < revision:
            return False
        made = standing(self.bot.services.records, model, revision)
        pages = (*range(1, shown_pages(made) + 1), *added_pages(made))
        parts = ("reading", "summary", *(f"page/{n}" for n in pages))
        keys = [f"{model}/r{revision}/{part}" for part in parts]
        return all((post := self.bot.services.records.post(key)) is not None and post.ts for key in keys)


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[LocalBot]:
    """A bot in a workspace of its own."""
    with local_bot(tmp_path, progress_seconds=0, timing=PATIENT) as made:
        yield made


@pytest.fixture
def opened(bot: LocalBot) -> Callable[..., Thread]:
    """Open a thread: `opened(title, description=…, who=…)`."""

    def open_thread(
        title: str = "Lockers",
        description: str = "",
        who: str = "dana",
        channel: str = "payments",
        **more: str,
    ) -> Thread:
        person = bot.workspace.person(who)
        view = person.command("/threatmodel", f"new {title}", channel=channel).view
        assert view is not None
        assert person.submit(view.id, {forms.DESCRIPTION: description, **more}).ok
        found = bot.workspace.wait_until(
            lambda: [m for m in bot.workspace.messages(channel) if title in m.plain], SECONDS
        )
        assert found
        assert knows_thread(bot, channel, found[-1].ts)
        return Thread(bot, person, channel, found[-1].ts)

    return open_thread


@pytest.fixture
def diagram() -> tuple[str, bytes]:
    """An example's diagram."""
    return example()[1][0]


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, aws_double: AwsDouble) -> dict[str, str]:
    """Dummy credentials in the environment, where AWS's own chain finds them."""
    found = {
        "AWS_ACCESS_KEY_ID": aws_double.aws.key_id,
        "AWS_SECRET_ACCESS_KEY": aws_double.aws.secret,
        "AWS_REGION": aws_double.aws.region,
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def started(
    tmp_path: Path, aws_double: AwsDouble, credentials: dict[str, str]
) -> Iterator[Callable[..., OnAws]]:
    """Start all of it as on AWS: `started(seconds=…, THREATBOT_…=…)`."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(on_aws(tmp_path, aws_double, credentials, **more))
