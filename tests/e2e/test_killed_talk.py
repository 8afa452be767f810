"""A worker killed while it answers, or while it does what was confirmed: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agent.analysts.chat.base import Talk
from agent.domain.threat import Threat
from bot.demo import LocalBot
from bot.handlers import HANDLERS
from bot.jobs import Actor, Ask, ConfirmProposal, CorrectDrawing
from bot.records.standing import standing
from bot.render import actions
from bot.render.routing import decode
from bot.services import Services
from tests.agent.analysts.model.scripted import ScriptedChat, Turns

if TYPE_CHECKING:
    from tests.e2e.conftest import Thread

Opened = Callable[..., "Thread"]
SHOP = b"""flowchart LR
  buyer([Buyer]) -->|HTTPS| web[Web shop]
  web -->|SQL| db[(Orders DB)]
  payer([Payment provider]) -->|webhook| web
"""


class Killed(BaseException):
    """The end of a worker, which no handler survives."""


class Dying:
    """A port that dies at its n-th call of one method, before or after it is done."""

    def __init__(self, port: Any, method: str, at: int, *, after: bool) -> None:
        self._port = port
        self._method = method
        self._left = at
        self._after = after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        if name != self._method:
            return real

        def call(*given: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            result = real(*given, **named)
            if self._left == 0:
                raise Killed
            return result

        return call


def shop(opened: Opened) -> tuple[Thread, str]:
    """A thread with the shop's first revision, and the model's id."""
    thread = opened("Shop")
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    route = decode(thread.buttons(actions.ACCEPT)[0][2]["value"])
    assert route is not None
    return thread, route.model


def dana(thread: Thread) -> Actor:
    """Dana, as a delivery names her."""
    place = thread.bot.workspace.channel(thread.channel).id
    return Actor(user="U0DANA", team="T0LOCAL", workspace="T0LOCAL", channel=place)


def with_model(bot: LocalBot, talker: Callable[[Talk], Turns]) -> Services:
    """The bot's services with this language model."""
    return replace(bot.services, calls=lambda _run, _spent: ScriptedChat(talker=talker))


def test_an_answer_that_was_cut_off_goes_on_in_its_message(opened: Opened) -> None:
    """Killed in the middle, the question is asked again and answered in the same message; then no more."""
    thread, model = shop(opened)
    before = len(thread.messages)
    job = Ask(id="ask-1", model=model, actor=dana(thread), message_ts="9999999999.000000", text="why?")

    def dies(_: Talk) -> Turns:
        yield "It begins well. "
        raise Killed

    with pytest.raises(Killed):
        HANDLERS["ask"](with_model(thread.bot, dies), job)
    asked: list[Talk] = []

    def answers(talk: Talk) -> Turns:
        asked.append(talk)
        return ("It is so [T-001].",)

    for _ in range(2):
        HANDLERS["ask"](with_model(thread.bot, answers), job)

    assert len(thread.messages) == before + 1
    assert "It is so (T-001)." in thread.messages[-1].plain
    assert len(asked) == 1


def kills() -> list[Any]:
    """Every port that a confirmation writes to, at each of its calls."""
    return [
        pytest.param(port, method, at, after, id=f"{port}-{at}-{'after' if after else 'before'}")
        for port, method, most in (
            ("artifacts", "put", 2),
            ("records", "add_verdicts", 1),
            ("records", "set_request", 1),
            ("publisher", "update", 1),
            ("publisher", "put", 1),
            ("publisher", "whisper", 1),
        )
        for at in range(1, most + 1)
        for after in (False, True)
    ]


@pytest.mark.parametrize(("port", "method", "at", "after"), kills())
def test_what_was_confirmed_is_done_once(
    opened: Opened, port: str, method: str, at: int, *, after: bool
) -> None:
    """Killed at any write, the job is done again and leaves what it leaves when it is not killed."""
    thread, model = shop(opened)
    uses: Turns = [
        ("propose_fact", {"on": "F3", "control": "signature", "state": "present"}),
        ("propose_threat", {"title": "late fee", "on": ["E1"], "stride": ["repudiation"], "does": "deny it"}),
        ("propose_mitigation", {"id": "T-001", "text": "ask the provider"}),
    ]
    turns: list[Turns] = [uses, ["Three wait."]]
    job = Ask(id="ask-1", model=model, actor=dana(thread), message_ts="9999999999.000000", text="do it")
    HANDLERS["ask"](with_model(thread.bot, lambda _: turns.pop(0)), job)
    buttons = thread.buttons(actions.CONFIRM)
    assert len(buttons) == 3
    services = thread.bot.services
    for number, (message, _, element) in enumerate(buttons):
        route = decode(element["value"])
        assert route is not None
        press = ConfirmProposal(
            id=f"press-{number}",
            model=model,
            actor=dana(thread),
            revision=1,
            proposal=route.value,
            message_ts=message.ts,
            confirmed=True,
        )
        dying: dict[str, Any] = {port: Dying(getattr(services, port), method, at, after=after)}
        try:
            HANDLERS["confirm_proposal"](replace(services, **dying), press)
        except Killed:
            HANDLERS["confirm_proposal"](services, press)

    made = standing(services.records, model)
    first: Threat = made.threat("T-001")
    assert [t.title for t in made.added] == ["Late fee"]
    assert [m.text for m in first.mitigations].count("ask the provider") == 1
    assert [a.value for a in services.records.model(model).request.answers] == ["yes"]
    assert len({v.id for v in services.records.verdicts(model)}) == len(services.records.verdicts(model))
    assert [m.plain.count("→ confirmed by") for m in thread.messages if "Three wait." in m.plain] == [3]
    assert len([m for m in thread.messages if "Added by engineers" in m.plain]) == 1
    assert not thread.buttons(actions.CONFIRM)


def test_a_correction_that_came_too_late_is_given_back(opened: Opened) -> None:
    """A text for a drawing of an old revision is not taken; it comes back as a file, so nothing is lost."""
    from agent.domain.model import Drawing

    thread, model = shop(opened)
    records = thread.bot.services.records
    made = records.revision(model)
    drawn = made.model_copy(update={"revision": 2, "drawings": (Drawing(source="plan.png", mermaid="x"),)})
    records.save_revision(drawn)
    records.save_revision(made.model_copy(update={"revision": 3}))
    job = CorrectDrawing(
        id="fix", model=model, actor=dana(thread), revision=2, drawing=1, text="flowchart LR\n  a-->b"
    )
    HANDLERS["correct_drawing"](thread.bot.services, job)

    files = [thread.bot.workspace.store.files[f] for m in thread.messages if m.from_app for f in m.files]
    assert [f.name for f in files] == ["plan.png.mmd"]
    assert "it was not taken" in thread.text()
    assert records.model(model).revision == 3
    assert [a.name for a in records.model(model).request.attachments] == ["shop.mmd"]
