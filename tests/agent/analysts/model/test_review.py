"""What the model's own critique may ask for."""

from __future__ import annotations

from typing import Any

from agent.analysts.areas import split
from agent.analysts.model import ModelAnalyst
from agent.coverage import coverage
from agent.domain.model import Gap
from agent.errors import ModelUnavailable
from tests.agent.analysts.model.scripted import Case, ScriptedChat, shown


def reviewed(case: Case, chat: ScriptedChat, times: int = 1) -> tuple[list[tuple[Gap, ...]], ModelAnalyst]:
    """The gaps of so many reviews by one analyst."""
    analyst = ModelAnalyst(chat, "run-1")
    matrix = coverage(case.system, case.candidates)
    return [analyst.review(case.system, case.candidates, matrix) for _ in range(times)], analyst


def gap(case: Case, part: str, area: str = "N1") -> dict[str, Any]:
    """A gap as a model would report it."""
    return {"area": area, "on": case.alias(part), "stride": "repudiation", "reason": "nobody logs it"}


def test_gaps_go_to_the_area_that_holds_the_part(library: Case) -> None:
    """Whatever area the model writes, the gap is named where its part lies."""
    ((found,), *_), _ = reviewed(library, ScriptedChat(lambda _: {"gaps": [gap(library, "Loans DB")]}))
    home = next(a for a in split(library.system) if "loans-db" in a.elements)

    assert found.area == home.id
    assert found.reason.startswith("repudiation on Loans DB (E")


def test_the_same_gap_counts_once_and_eight_are_the_most(library: Case) -> None:
    """A model that repeats itself or cannot stop does not send the run round for ever."""
    everywhere = [
        {"area": "N1", "on": f"E{i}", "stride": s, "reason": "x"}
        for i in range(1, 6)
        for s in ("spoofing", "tampering", "spoofing")
    ]
    (gaps,), _ = reviewed(library, ScriptedChat(lambda _: {"gaps": everywhere}))

    assert len(gaps) == len(set(gaps)) == 8


def test_the_model_is_asked_once_a_run_by_default(library: Case) -> None:
    """The second review adds nothing and calls nobody: left to itself, a run ends."""
    chat = ScriptedChat(lambda _: {"gaps": [gap(library, "Loans DB")]})
    (first, second), _ = reviewed(library, chat, times=2)

    assert first
    assert second == ()
    assert len(chat.calls) == 1


def test_a_failed_review_ends_the_rounds_and_says_why(library: Case) -> None:
    """Without a critique the run goes on; the reason is kept for the person."""

    def fail(_: object) -> dict[str, Any]:
        raise ModelUnavailable("The review of the whole: no access.", cause="access_denied")

    (gaps,), analyst = reviewed(library, ScriptedChat(fail))

    assert gaps == ()
    assert analyst.trouble == ("The review of the whole: no access.",)


def test_the_review_shows_threats_and_empty_cells(library: Case) -> None:
    """The model judges what is there, by ids, and sees where nothing is."""
    chat = ScriptedChat()
    reviewed(library, chat)
    text = shown(chat.calls[0])

    assert library.candidates[0].title[:60] in text
    assert "neither a threat nor a reason" in text
