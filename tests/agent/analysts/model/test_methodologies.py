"""What a language model is asked where the methodology is not STRIDE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.analysts.model import ModelAnalyst
from agent.coverage import coverage
from agent.domain.request import Methodology, Options
from agent.errors import AnalystError
from tests.agent.analysts.model.scripted import Case, ScriptedChat, shown

THREAT = {
    "title": "Loans tell what a person believes",
    "stride": ["information_disclosure"],
    "does": "read on",
}


@pytest.fixture
def private(library: Case) -> Case:
    """The same area, looked at for privacy."""
    options = Options(methodology=Methodology.LINDDUN)
    return replace(library, request=library.request.model_copy(update={"options": options}), candidates=())


def a_threat(case: Case, **more: Any) -> dict[str, Any]:
    """A threat as a model would report it."""
    return {**THREAT, "on": [case.alias("Loans DB")], **more}


def test_threats_have_the_categories_that_were_asked_for(private: Case) -> None:
    """The model is told them, and its threats stand under them."""
    chat = ScriptedChat(lambda _: {"threats": [a_threat(private, categories=["Linking", "Linking"])]})
    (threat,) = ModelAnalyst(chat, "run-1").find(private.brief()).threats

    assert threat.kinds == ("Linking",)
    assert "This review is by LINDDUN" in shown(chat.calls[0])
    assert "Unawareness" in shown(chat.calls[0])


@pytest.mark.parametrize("categories", [[], ["Spoofing"], ["Foundation models"]])
def test_a_threat_of_no_category_breaks_the_schema(private: Case, categories: list[str]) -> None:
    """A category of another methodology is none here; a threat needs at least one."""
    chat = ScriptedChat(lambda _: {"threats": [a_threat(private, categories=categories)]})
    with pytest.raises(AnalystError, match="broke the schema"):
        ModelAnalyst(chat, "run-1").find(private.brief())


def test_gaps_are_named_by_the_methodology(private: Case) -> None:
    """The review sees the cells that are empty, and names what it misses in the same words."""
    gap = {"area": "N1", "on": private.alias("Loans DB"), "category": "Linking", "reason": "loans of years"}
    chat = ScriptedChat(lambda call: {"gaps": [gap]} if call.stage == "review" else {})
    analyst = ModelAnalyst(chat, "run-1", reviews=1)
    analyst.find(private.brief())
    matrix = coverage(private.system, (), methodology=Methodology.LINDDUN)
    (found,) = analyst.review(private.system, (), matrix)

    assert found.reason.startswith("Linking on Loans DB (E")
    assert "This review is by LINDDUN" in shown(chat.calls[-1])
    assert f"{private.alias('Loans DB')} Linking" in shown(chat.calls[-1])


def test_stride_is_asked_as_ever(library: Case) -> None:
    """Neither the call nor the schema speaks of other categories."""
    chat = ScriptedChat()
    ModelAnalyst(chat, "run-1").find(library.brief())

    assert "This review is by" not in shown(chat.calls[0])
    assert "categories" not in str(chat.calls[0].schema.model_json_schema())
