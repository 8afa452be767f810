"""What people see of earlier verdicts, through the front door."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, Threat
from bot.records.standing import standing
from bot.render import actions, forms
from bot.render.routing import decode
from bot.workspace.values import Message

if TYPE_CHECKING:
    from tests.e2e.conftest import Thread

Opened = Callable[..., "Thread"]
SHOP = b"""flowchart LR
  buyer([Buyer]) -->|HTTPS| shop[Web shop]
  shop -->|SQL| db[(Orders DB)]
"""
SLY = "<!channel> it ends at the mesh, see <https://evil.example|this> and <@U0LEE>"


def modelled(opened: Opened, title: str) -> Thread:
    """A thread with the shop's first revision."""
    thread = opened(title)
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    return thread


def model_of(thread: Thread) -> ThreatModel:
    """The thread's model as it stands."""
    records = thread.bot.services.records
    id_ = records.find_thread("T0LOCAL", thread.bot.workspace.channel(thread.channel).id, thread.ts)
    assert id_ is not None
    return standing(records, id_)


def a_mild_one(model: ThreatModel) -> Threat:
    """The same medium threat in every model of the shop: not the last, so that it can move back."""
    mild = [t for t in model.threats if t.severity is Severity.MEDIUM and t.id != model.threats[-1].id]
    return min(mild, key=lambda t: t.pattern)


def page_of(thread: Thread, threat: str) -> tuple[Message, str]:
    """The message and the block with the threat's Dismiss button."""
    for message, block, element in thread.buttons(actions.DISMISS):
        route = decode(str(element["value"]))
        if route is not None and route.threat == threat:
            return message, block
    raise AssertionError(thread.text())


def dismiss(thread: Thread, threat: str, reason: str) -> None:
    """Dana gives a reason in the form, and sees it on the page."""
    page, block = page_of(thread, threat)
    view = thread.person.click(page.ts, (block, actions.DISMISS)).view
    assert view is not None
    assert thread.person.submit(view.id, {forms.REASON: reason}).ok
    thread.wait(lambda: "dismissed by" in thread.bot.workspace.message(page.ts).plain)


def leaves(value: Any) -> list[dict[str, Any]]:
    """Every element of rich text within blocks."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(leaf for item in value.values() for leaf in leaves(item))]


def test_what_two_models_dismissed_stands_last_in_the_third(opened: Opened) -> None:
    """The page says why, in words that mention nobody; the form says who; Undo of one takes it all back."""
    first, second = modelled(opened, "Checkout"), modelled(opened, "Parcels")
    threat = a_mild_one(model_of(first))
    for thread in (first, second):
        dismiss(thread, threat.id, SLY)
    third = modelled(opened, "Tills")
    made = model_of(third)
    page, block = page_of(third, threat.id)
    said = leaves(list(page.blocks))
    earlier = f"Dismissed in 2 earlier models here, last in “Parcels”: “{SLY}”"

    assert made.threats[-1].pattern == threat.pattern
    assert made.threat(threat.id).severity is threat.severity
    assert "1 threat was moved back by earlier verdicts of this workspace." in third.text()
    assert {"type": "text", "text": earlier} in said
    assert not {"user", "broadcast", "usergroup"} & {str(leaf.get("type")) for leaf in said}
    assert not [leaf for leaf in said if "evil" in str(leaf.get("url"))]

    menu = next(e for m, b, e in third.buttons(actions.MORE) if (m.ts, b) == (page.ts, block))
    details = next(o for o in menu["options"] if actions.DETAILS in str(o["value"]))  # type: ignore[attr-defined]
    view = third.person.click(page.ts, (block, actions.MORE), details["value"]).view
    assert view is not None
    assert {"type": "user", "user_id": "U0DANA"} in leaves(view.body["blocks"])

    whisper = third.bot.workspace.ephemerals("dana")[0]
    third.person.click(whisper.ts, actions.UNDO)
    third.wait(lambda: not [t for t in model_of(first).threats if t.status == "dismissed"])
    fourth = model_of(modelled(opened, "Returns"))
    assert [t.key for t in fourth.threats] == [t.key for t in model_of(first).threats]
    assert "Dismissed in an earlier model here, “Parcels”" in str(fourth.dump())
