"""What is kept of a model, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.domain.request import Request
from agent.domain.verdict import fold
from agent.errors import DeliveryError
from bot.jobs import Actor, StartRun
from bot.lessons.learning import learn
from bot.records.base import ModelEntry
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_services
from tests.agent.lessons.made import MESH, NOON, a_model, said, taught
from tests.fakes import People

JOB = StartRun(
    id="j", model="tm-1", actor=Actor(user="U0", team="T0", workspace="T0", channel="C0", enterprise="E0")
)
ENTRY = ModelEntry(
    id="tm-1",
    workspace="T0",
    channel="C0",
    link="https://local/x",
    owner="U0",
    created=NOON,
    request=Request(title="Checkout"),
)
OPEN = {"is_channel": True, "is_private": False}


class Closed(People):
    """A directory that does not answer about channels."""

    def __init__(self, *, retryable: bool) -> None:
        super().__init__({})
        self.retryable = retryable

    def channel(self, channel: str) -> dict[str, Any]:
        """See bot.access.Directory."""
        raise DeliveryError(f"Slack does not say what {channel} is.", retryable=self.retryable)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    """Services with this directory: `services(directory)`."""
    settings = Settings.model_validate(
        {"slack_signing_secret": "s", "slack_bot_token": "x", "data_dir": tmp_path}
    )
    made = make_services(settings)
    yield lambda directory: replace(made, directory=directory)
    made.lessons.close()
    made.records.close()


def learned(services: Services) -> None:
    """Keep what a model teaches in which one threat was dismissed."""
    learn(services, JOB, ENTRY, fold(a_model(), [said("dismissed", reason=MESH)]))


def test_an_open_channel_teaches_the_workspace(services: Callable[..., Services]) -> None:
    """What was decided, with the model's title and where its thread is."""
    made = services(People({}, {"C0": OPEN}))
    learned(made)
    expected = taught(a_model(), said("dismissed", reason=MESH)).model_copy(
        update={"link": "https://local/x"}
    )

    assert made.lessons.of("T0", "C9") == (expected,)
    assert made.lessons.workspaces("E0") == ("T0",)


@pytest.mark.parametrize(
    "directory",
    [
        People({}, {"C0": OPEN | {"is_private": True}}),
        People({}, {"C0": {"is_group": True}}),
        People({}, {"C0": {"is_im": True}}),
        People({}, {}),
        Closed(retryable=False),
    ],
    ids=["private", "old private", "direct", "unknown", "not to be looked up"],
)
def test_what_is_not_said_to_be_open_is_private(services: Callable[..., Services], directory: People) -> None:
    """Only its own channel learns of it."""
    made = services(directory)
    learned(made)

    assert made.lessons.of("T0", "C9") == ()
    assert len(made.lessons.of("T0", "C0")) == 1


def test_while_slack_is_away_the_job_is_tried_again(services: Callable[..., Services]) -> None:
    """Whether a channel is open is not guessed where it can be asked a minute later."""
    made = services(Closed(retryable=True))
    with pytest.raises(DeliveryError):
        learned(made)

    assert made.lessons.of("T0", "C0") == ()
