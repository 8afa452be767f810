"""The thread as people live in it: through the front door, over signed HTTP, on the real parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from agent.domain.model import ThreatModel
from agent.domain.threat import Origin, Stride, ThreatStatus
from bot.demo import LocalBot, Session
from bot.jobs import Actor, GiveVerdict, Judgement
from bot.records.standing import standing
from bot.render import actions, forms
from bot.render.routing import Route, decode

if TYPE_CHECKING:
    from tests.e2e.conftest import Thread

Opened = Callable[..., "Thread"]
SHOP = b"flowchart LR\n  customer([Customer]) -->|HTTPS| shop[Web shop]\n  shop -->|SQL| db[(Orders DB)]\n"


def test_the_demo_session_is_seen_to_its_end(bot: LocalBot, capsys: pytest.CaptureFixture[str]) -> None:
    """From slash command to export, every step of the demo shows its effect in the workspace."""
    assert Session(bot).run()
    assert "✗" not in capsys.readouterr().out


def route_of(element: dict[str, object]) -> Route:
    """What a button is about."""
    route = decode(element["value"])
    assert route is not None
    return route


def test_several_files_in_one_message_are_one_run(opened: Opened, diagram: tuple[str, bytes]) -> None:
    """Two diagrams dropped together become one system, and the unreadable third is named."""
    thread = opened()
    thread.drop(diagram, ("shop.mmd", SHOP), ("photo.png", b"\x89PNG\r\n\x1a\n0000"))
    thread.await_model()

    assert "photo.png" in thread.text()
    names = {
        e.name
        for e in standing(
            thread.bot.services.records, route_of(thread.buttons(actions.ACCEPT)[0][2]).model
        ).system.elements
    }
    assert "Web shop" in names
    assert len(names) > 3


PLANTUML = b"""@startuml
actor Customer
rectangle "Cloud account" {
  [Web shop] as shop
  database "Orders DB" as db
}
Customer --> shop : HTTPS
shop --> db : SQL
@enduml
"""


def test_a_plantuml_file_gives_its_threat_model(opened: Opened) -> None:
    """A PlantUML diagram dropped into the thread is read as well as a Mermaid one."""
    thread = opened()
    thread.drop(("shop.puml", PLANTUML))
    thread.await_model()

    assert "3 elements, 2 flows, 1 boundary" in thread.text()


def test_a_new_upload_makes_the_next_revision(opened: Opened) -> None:
    """Dropping a changed diagram makes revision 2; a click on revision 1 is refused as too late."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    old, block, element = thread.buttons(actions.ACCEPT)[0]
    thread.drop(("shop.mmd", SHOP + b"  shop --> mail([Mail provider])\n"))
    thread.await_model(2)
    thread.person.click(old.ts, (block, actions.ACCEPT))

    thread.wait(lambda: any("revision 2" in m.plain for m in thread.bot.workspace.ephemerals("dana")))
    model = standing(thread.bot.services.records, route_of(element).model)
    assert model.revision == 2
    assert all(t.status is ThreatStatus.PROPOSED for t in model.threats)


def test_a_verdict_can_be_taken_back(opened: Opened) -> None:
    """Accept shows who accepted; Undo, offered to that person alone, brings the page back."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    page, block, _ = thread.buttons(actions.ACCEPT)[0]
    thread.person.click(page.ts, (block, actions.ACCEPT))
    thread.wait(lambda: "→ accepted by" in thread.bot.workspace.message(page.ts).plain)
    thread.wait(lambda: thread.bot.workspace.ephemerals("dana"))
    whisper = thread.bot.workspace.ephemerals("dana")[-1]
    assert thread.bot.workspace.ephemerals("lee") == []
    thread.person.click(whisper.ts, actions.UNDO)

    thread.wait(lambda: "→ accepted by" not in thread.bot.workspace.message(page.ts).plain)


def test_mitigations_are_kept_and_added_to(opened: Opened) -> None:
    """The mitigations form sets a status and takes one of the engineer's own."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    page, block, element = thread.buttons(actions.MITIGATIONS)[0]
    view = thread.person.click(page.ts, (block, actions.MITIGATIONS)).view
    assert view is not None
    sent = thread.person.submit(
        view.id, {forms.mitigation_field("M-1"): "done", forms.OWN: "Ask the database team."}
    )
    assert sent.ok

    route = route_of(element)

    def kept() -> bool:
        threat = standing(thread.bot.services.records, route.model).threat(route.threat)
        return {"Ask the database team."} <= {m.text for m in threat.mitigations} and threat.mitigations[
            0
        ].status == "done"

    thread.wait(kept)
    thread.wait(lambda: "Ask the database team." in thread.bot.workspace.message(page.ts).plain)


@pytest.mark.parametrize("who", ["gil"])
def test_guests_may_look_and_not_touch(opened: Opened, who: str) -> None:
    """A guest's click, upload and question change nothing, and each tells the guest why."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    guest = thread.bot.workspace.person(who)
    page, block, element = thread.buttons(actions.ACCEPT)[0]
    before = len(thread.messages)
    guest.click(page.ts, (block, actions.ACCEPT))
    guest.say("payments", "what about the database?", thread.ts)
    guest.upload("payments", thread.ts, [("mine.mmd", SHOP)])

    thread.wait(lambda: len(thread.bot.workspace.ephemerals(who)) == 3)
    assert all("Guests cannot" in m.plain for m in thread.bot.workspace.ephemerals(who))
    assert len(thread.messages) == before + 2
    route = route_of(element)
    assert thread.bot.services.records.verdicts(route.model) == ()


def test_another_workspaces_person_reaches_nothing(opened: Opened) -> None:
    """A verdict that names this model but comes from another workspace changes nothing."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    route = route_of(thread.buttons(actions.ACCEPT)[0][2])
    stranger = Actor(user="U0DANA", team="T9", workspace="T9", channel="C0PAYMENTS")
    judgement = Judgement(threat=route.threat, kind="status", after="dismissed")
    services = thread.bot.services
    services.queue.send(
        GiveVerdict(id="forged", model=route.model, actor=stranger, revision=1, judgements=(judgement,))
    )
    thread.wait(lambda: services.queue.depth() == 0)

    assert services.records.verdicts(route.model) == ()


def test_a_question_before_there_is_a_model_is_answered_with_what_to_do(opened: Opened) -> None:
    """Asked too early, the bot says that there is nothing to ask about yet and how to begin."""
    thread = opened()
    thread.person.say("payments", "is this safe?", thread.ts)

    thread.wait(lambda: "no threat model in this thread yet" in thread.text())


def test_a_threat_in_an_engineers_words_is_added_after_a_press(opened: Opened) -> None:
    """“Add a threat that …” waits with its computed severity; one press makes it a threat of the model."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    before = _model(thread)
    thread.person.say("payments", "Add a threat that a former clerk deletes the Orders DB", thread.ts)
    thread.wait(lambda: thread.buttons(actions.CONFIRM))
    assert _model(thread) == before
    asked, block, _ = thread.buttons(actions.CONFIRM)[0]
    thread.person.click(asked.ts, (block, actions.CONFIRM))
    thread.wait(lambda: "was added" in thread.text())

    (added,) = [t for t in _model(thread).threats if t.origin is Origin.ENGINEER]
    assert added.title == "A former clerk deletes the Orders DB"
    assert added.statement.text() == "A former clerk can delete the Orders DB."
    assert added.stride == (Stride.TAMPERING,)
    assert added.targets == ("orders-db",)
    assert added.id not in {t.id for t in before.threats}


def test_thanks_want_no_answer(opened: Opened) -> None:
    """What people say to be kind is left alone; the next question is answered as ever."""
    thread = opened()
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    before = len(thread.messages)
    for said in ("thanks!", "LGTM :+1:", "what did you not look at?"):
        thread.person.say("payments", said, thread.ts)
    thread.wait(lambda: "no language model was used" in thread.messages[-1].plain)

    assert len(thread.messages) == before + 3 + 1


def _model(thread: Thread) -> ThreatModel:
    return standing(thread.bot.services.records, route_of(thread.buttons(actions.ACCEPT)[0][2]).model)


def test_start_without_a_diagram_works_on_words(opened: Opened) -> None:
    """A description alone becomes a model that lists what it assumed."""
    thread = opened(
        description="Customers order in the web shop. The web shop stores orders in a PostgreSQL database."
    )
    root, block, _ = thread.buttons(actions.START)[0]
    thread.person.click(root.ts, (block, actions.START))
    thread.await_model()

    assert "assum" in thread.text().lower()


def test_privacy_can_be_looked_for_instead(opened: Opened) -> None:
    """LINDDUN, chosen in the form, is what the root, the threats and the coverage speak; a re-run too."""
    thread = opened(
        description="Patients book visits in the portal. Diagnoses are kept in the Visits DB.",
        methodology="linddun",
    )
    thread.drop(("clinic.mmd", b"flowchart LR\n  p([Patient]) --> w[Portal] --> d[(Visits DB)]\n"))
    thread.await_model()
    thread.drop(("clinic.mmd", b"flowchart LR\n  p([Patient]) --> w[Portal] --> d[(Diagnoses DB)]\n"))
    thread.await_model(2)

    assert "Privacy threats (LINDDUN)" in thread.text()
    assert "element × LINDDUN cells" in thread.text()
    assert "Data disclosure" in thread.text()
    assert "Information disclosure" not in thread.text()


def test_a_picture_alone_fails_with_a_sentence(opened: Opened) -> None:
    """A photograph of a whiteboard is refused by name, with what to send instead; nothing is invented."""
    thread = opened()
    thread.drop(("whiteboard.png", b"\x89PNG\r\n\x1a\n0000"))

    thread.wait(lambda: "whiteboard.png" in thread.text() and "Mermaid" in thread.text())
    assert thread.buttons(actions.ACCEPT) == []


def test_every_message_is_one_that_slack_takes(opened: Opened, diagram: tuple[str, bytes]) -> None:
    """The workspace refused nothing that the bot sent for a whole model."""
    thread = opened(description="Couriers open lockers with an app.")
    thread.drop(diagram)
    thread.await_model()

    assert thread.bot.services.queue.dead_letters() == ()


def test_two_models_are_worked_on_at_once(opened: Opened, diagram: tuple[str, bytes]) -> None:
    """Uploads in two threads both become models; neither gets the other's messages."""
    first, second = opened("First"), opened("Second")
    first.drop(("shop.mmd", SHOP))
    second.drop(diagram)
    first.await_model()
    second.await_model()

    assert "Web shop" in first.text()
    assert "Web shop" not in second.text()
