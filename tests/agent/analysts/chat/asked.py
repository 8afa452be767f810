"""Small calls that several tests make."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from agent.analysts.chat.base import Asked, Call, Image, Talk, Text
from agent.analysts.chat.calls import RunCalls
from agent.analysts.chat.models import ChatModels
from agent.domain.request import Reasoning
from tests.bedrock.double import BedrockDouble

METHOD = "Look at every flow that enters from outside and say what nobody checks."
REQUEST = "A kiosk sends meter readings over plain HTTP to the collector."
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060"
    "0000000400010b0e2db40000000049454e44ae426082"
)


class Risk(BaseModel):
    """One thing that can go wrong."""

    title: str
    target: Literal["kiosk", "collector"]
    likelihood: int = Field(ge=1, le=5)


class Risks(BaseModel):
    """What can go wrong in this area."""

    risks: list[Risk] = Field(min_length=1)


GOOD: dict[str, Any] = {"risks": [{"title": "Forged reading", "target": "collector", "likelihood": 4}]}
BAD: dict[str, Any] = {"risks": [{"title": "Forged reading", "target": "moon", "likelihood": 4}]}


def a_call(**more: Any) -> Call[Risks]:
    """A call about the readings."""
    given: dict[str, Any] = {
        "stage": "find",
        "branch": "Meter readings",
        "system": METHOD,
        "varying": (Text(REQUEST),),
        "schema": Risks,
        "reasoning": Reasoning.NONE,
        **more,
    }
    return Call(**given)


def a_talk(**more: Any) -> Talk:
    """A question about the readings."""
    given: dict[str, Any] = {
        "stage": "converse",
        "branch": "The question",
        "system": METHOD,
        "turns": (Asked((Text(REQUEST),)),),
        **more,
    }
    return Talk(**given)


def a_picture() -> Image:
    """The smallest PNG there is."""
    return Image(PIXEL)


def a_run(bedrock: BedrockDouble, **settings: Any) -> RunCalls:
    """A run whose models are the double's, on the double's clock."""
    return ChatModels(bedrock.settings(**settings), time=bedrock.time()).for_run()
