"""What people say in a thread after the model stands, through the front door."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, ThreatStatus
from bot.handlers.ask import OR_START, TOO_EARLY
from bot.records.standing import standing
from bot.render import actions
from bot.workspace.values import Message

if TYPE_CHECKING:
    from tests.e2e.conftest import Thread

Opened = Callable[..., "Thread"]
SHOP = b"""flowchart LR
  buyer([Buyer]) -->|HTTPS| shop[Web shop]
  shop -->|SQL| db[(Orders DB)]
  payer([Payment provider]) -->|webhook| shop
"""


def modelled(opened: Opened) -> Thread:
    """A thread with the shop's first revision."""
    thread = opened("Corner shop", "Orders are kept for five years. The web shop runs in one region.")
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    return thread


def id_of(thread: Thread) -> str:
    """The id of the thread's model."""
    place = thread.bot.workspace.channel(thread.channel).id
    found = thread.bot.services.records.find_thread("T0LOCAL", place, thread.ts)
    assert found is not None
    return found


def model_of(thread: Thread) -> ThreatModel:
    """The thread's model as it stands."""
    return standing(thread.bot.services.records, id_of(thread))


def asked(thread: Thread, text: str) -> Message:
    """What is answered to it, once the answer is whole."""
    said = thread.person.say(thread.channel, text, thread.ts)

    def answers() -> list[Message]:
        return [m for m in thread.messages if m.from_app and m.ts > said.ts]

    thread.wait(answers)
    return answers()[0]


def confirmed(thread: Thread, text: str) -> str:
    """What the message of the proposal reads once its Confirm was pressed."""
    answer = asked(thread, text)

    def buttons() -> list[tuple[str, str]]:
        return [
            (str(block["block_id"]), actions.CONFIRM)
            for block in thread.bot.workspace.message(answer.ts).blocks
            for element in block.get("elements", ())
            if isinstance(element, dict) and element.get("action_id") == actions.CONFIRM
        ]

    thread.wait(buttons)
    assert thread.person.click(answer.ts, buttons()[0]).ok
    thread.wait(lambda: "confirmed by" in thread.bot.workspace.message(answer.ts).plain)
    return thread.bot.workspace.message(answer.ts).plain


def test_a_question_points_to_the_one_before(opened: Opened) -> None:
    """“Why?” and “how do we fix that” are about what was spoken of; an id is told once and in bold."""
    thread = modelled(opened)
    first = model_of(thread).threats[0]
    assert first.id in asked(thread, "what should we fix first?").plain
    why = asked(thread, "why?")
    fix = asked(thread, "how do we fix that")

    assert why.plain.startswith(f"{first.id} is ")
    assert fix.plain.startswith(f"{first.id} · ")
    assert f"Sources: {first.id}," in fix.plain
    assert {"type": "text", "text": first.id, "style": {"bold": True}} in fix.blocks[0]["elements"][0][
        "elements"
    ]


def test_the_description_answers(opened: Opened) -> None:
    """What nobody drew but somebody wrote is quoted."""
    assert "Orders are kept for five years." in asked(modelled(opened), "how long are orders kept?").plain


@pytest.mark.parametrize(
    ("said", "status", "severity"),
    [
        ("accept {id}", ThreatStatus.ACCEPTED, None),
        ("{id} is already fixed", ThreatStatus.MITIGATED, None),
        ("dismiss {id} because the provider is ours", ThreatStatus.DISMISSED, None),
        ("set {id} to critical", ThreatStatus.PROPOSED, Severity.CRITICAL),
    ],
)
def test_a_decision_by_a_sentence(
    opened: Opened, said: str, status: ThreatStatus, severity: Severity | None
) -> None:
    """It is proposed, and done once it is confirmed, as if its button had been pressed."""
    thread = modelled(opened)
    threat = next(t for t in model_of(thread).threats if t.severity is not Severity.CRITICAL)
    confirmed(thread, said.format(id=threat.id))

    after = model_of(thread).threat(threat.id)
    assert after.status is status
    assert after.effective_severity is (severity or threat.severity)


def test_a_sentence_joins_the_description(opened: Opened) -> None:
    """What is no one fact is proposed as a sentence; confirmed it stands in the request, for the next run."""
    thread = modelled(opened)
    said = "the web shop stands in a locked room"
    shown = confirmed(thread, said)

    assert "Added to the description. Press Re-run" in shown
    request = thread.bot.services.records.model(id_of(thread)).request
    assert request.description.endswith(f"\n\n{said}")


def test_what_was_answered_is_asked_no_more(opened: Opened) -> None:
    """Once a button has answered the first question, “what first?” names the next one."""
    thread = modelled(opened)
    question = model_of(thread).questions[0]
    assert question.text in asked(thread, "what first?").plain
    message, block, element = thread.buttons(actions.answer(1))[0]
    thread.person.click(message.ts, (block, str(element["action_id"])))
    thread.wait(lambda: any(m.plain.startswith(question.text) for m in thread.messages))

    assert question.text not in asked(thread, "what first?").plain


def test_an_unreadable_file_is_refused_at_once(opened: Opened) -> None:
    """It is named with what to send instead; no run begins, and later runs do not tell of it again."""
    thread = opened()
    thread.drop(("setup.exe", b"MZ\x00\x01\x00\x02"))
    thread.wait(lambda: "This file was not taken:" in thread.text())
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()

    assert "Failed" not in thread.text()
    assert thread.text().count("setup.exe") == 1


@pytest.mark.parametrize(("description", "words"), [("", TOO_EARLY), ("A shop with a database.", OR_START)])
def test_a_question_before_there_is_a_model(opened: Opened, description: str, words: str) -> None:
    """It says what to do, and names the button only where there is one."""
    assert asked(opened("Early", description), "what is the worst?").plain == words
