"""The slash command's words about models that exist, as people use them in a channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.jobs import Actor, Ask, Export, Job
from bot.render import actions
from bot.workspace.people import Person
from bot.workspace.values import Message
from tests.e2e.conftest import Thread

Opened = Callable[..., Thread]
SHOP = b"flowchart LR\n  user([User]) -->|HTTP| shop[Shop]\n  shop -->|SQL| orders[(Orders)]\n"
CHANNEL = "C0PAYMENTS"


def made(opened: Opened, title: str = "Lockers", channel: str = "payments") -> Thread:
    """A thread with a model."""
    thread = opened(title, channel=channel)
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    return thread


def typed(person: Person, text: str, channel: str = "payments") -> str:
    """What a person reads at once who types it."""
    outcome = person.command("/threatmodel", text, channel=channel)
    assert outcome.ok, outcome.error
    return outcome.text


def files(thread: Thread) -> set[str]:
    """The names of all files in the thread."""
    kept = thread.bot.workspace.store.files
    return {kept[id_].name for message in thread.messages for id_ in message.files}


def whispers(thread: Thread, who: str) -> list[Message]:
    """What only this person sees in the channel, outside every thread; without the command's own answers."""
    shown = thread.bot.workspace.ephemerals(who)
    return [m for m in shown if not m.thread_ts and m.channel == CHANNEL]


def test_a_title_comes_as_it_was_typed(opened: Opened) -> None:
    """What Slack escapes on the way stands in the form as the person wrote it, and in the list after that."""
    thread = opened("Tea & cakes")
    view = thread.person.command("/threatmodel", "new Tea & cakes").view

    assert view is not None
    assert "Tea & cakes" in [b["element"].get("initial_value") for b in view.body["blocks"]]
    assert "Tea & cakes · waits for a diagram" in typed(thread.person, "list")


def test_an_export_by_name_comes_into_the_models_own_thread(opened: Opened) -> None:
    """The file lands in that thread and in no other; the answer says so at once."""
    first, second = made(opened, "Lockers"), made(opened, "Tills")
    before = len(second.messages)
    said = typed(first.person, "export lockers csv")

    assert "Lockers, revision 1, as CSV: the file is on its way into its thread." in said
    first.wait(lambda: "lockers-r1.csv" in files(first))
    assert first.bot.workspace.settle()
    assert len(second.messages) == before


def test_a_question_by_command_is_answered_in_the_thread(opened: Opened) -> None:
    """Who asked what stands in the latest model's thread, above the answer."""
    thread = made(opened)
    before = len(thread.messages)
    said = typed(thread.person, "ask what could go wrong with the orders?")
    thread.wait(lambda: len(thread.messages) == before + 2)
    asked, answered = thread.messages[-2:]

    assert "Lockers, revision 1: the answer goes into its thread." in said
    assert "asked with /threatmodel ask" in asked.plain
    assert "what could go wrong with the orders?" in asked.plain
    assert "T-0" in answered.plain


def test_what_is_picked_from_the_list_says_where_it_went(opened: Opened) -> None:
    """Of several models one is picked from a menu; the file is in its thread, and the person is told so."""
    first, _ = made(opened, "Lockers"), made(opened, "Tills")
    typed(first.person, "export json")
    menu = whispers(first, "dana")[-1]
    ((_, picked),) = (e["options"] for b in menu.blocks for e in b["elements"] if e.get("options"))
    first.person.click(menu.ts, actions.EXPORT_OF, picked["value"])
    first.wait(lambda: "lockers-r1.json" in files(first))

    first.wait(lambda: "Lockers: lockers-r1.json is in its thread." in whispers(first, "dana")[-1].plain)


def test_status_follows_a_model(opened: Opened) -> None:
    """First it waits for a diagram, then for verdicts."""
    thread = opened()
    assert "Lockers: drop it into the thread" in typed(thread.person, "status")
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()

    assert "Lockers, revision 1: all " in typed(thread.person, "status")
    assert "1 threat model" in typed(thread.person, "list")


def test_a_run_that_failed_is_told_with_its_reason(opened: Opened) -> None:
    """Why the first run failed, and what to do."""
    thread = opened()
    thread.drop(("empty.mmd", b"flowchart LR\n"))
    thread.wait(lambda: "Failed" in thread.text() or "could not read" in thread.text())
    thread.wait(lambda: "revision 1 failed: " in typed(thread.person, "status"))

    assert "first revision failed" in typed(thread.person, "list")


@pytest.mark.parametrize("text", ["export", "export Lockers otm", "ask why?"])
def test_a_guest_is_refused_where_the_guest_is(opened: Opened, text: str) -> None:
    """Nothing is put into the thread; the reason is shown in the channel, where the guest typed."""
    thread = made(opened)
    before = len(thread.messages)
    typed(thread.bot.workspace.person("gil"), text)
    thread.wait(lambda: any("Guests cannot" in m.plain for m in whispers(thread, "gil")))

    assert thread.bot.workspace.settle()
    assert len(thread.messages) == before


@pytest.mark.parametrize("text", ["list", "status", "stats", "export", "export Lockers", "ask Lockers: why?"])
def test_another_channel_knows_nothing_of_it(opened: Opened, text: str) -> None:
    """A model of a private channel is neither named nor counted elsewhere, and nothing reaches its thread."""
    thread = made(opened, channel="security")
    before = len(thread.messages)
    said = typed(thread.bot.workspace.person("ada"), text)

    assert "Lockers" not in said.replace("“Lockers”", "").replace("“lockers”", "")
    assert "/threatmodel new" in said
    assert thread.bot.workspace.settle()
    assert len(thread.messages) == before


@pytest.mark.parametrize("kind", ["export", "ask"])
def test_a_job_of_another_channel_finds_no_model(opened: Opened, kind: str) -> None:
    """Whatever a press or a command claims: asked from elsewhere, the model does not exist."""
    thread = made(opened, channel="security")
    records, before = thread.bot.services.records, len(thread.messages)
    model = records.find_thread("T0LOCAL", "C0SECURITY", thread.ts)
    assert model is not None
    ada = Actor(user="U0ADA", team="T0LOCAL", workspace="T0LOCAL", channel=CHANNEL)
    job: Job = Export(id="x", model=model, actor=ada, asked="list")
    if kind == "ask":
        job = Ask(id="x", model=model, actor=replace(ada), message_ts="", text="why?", asked="command")
    thread.bot.services.queue.send(job)
    thread.wait(lambda: whispers(thread, "ada"))

    assert "do not know this threat model" in whispers(thread, "ada")[-1].plain
    assert "Lockers" not in whispers(thread, "ada")[-1].plain
    assert len(thread.messages) == before
