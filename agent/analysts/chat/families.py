"""Model families: what a model can do, by its id. The table is families.yaml."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from agent.analysts.chat.profiles import bare
from agent.domain.base import Value
from agent.domain.request import Reasoning


class Family(Value):
    """What the models of one family can do; the fields are explained in families.yaml."""

    name: str
    match: str
    thinking: Literal["budget", "adaptive", "nova", "effort", "none"]
    resting: Literal["", "disabled"] = ""
    forces: Literal["always", "unthinking", "never"]
    cache: int
    images: int
    side: int

    def forced(self, reasoning: Reasoning) -> bool:
        """Whether a reply can be forced into one tool while it reasons so."""
        if self.forces == "unthinking":
            return self.thinking == "none" or reasoning is Reasoning.NONE
        return self.forces == "always"

    def fields(self, reasoning: Reasoning) -> dict[str, Any]:
        """What a request has to say for this level of reasoning, in the provider's own words."""
        if reasoning is Reasoning.NONE:
            return {"thinking": {"type": "disabled"}} if self.resting else {}
        level = reasoning.value
        match self.thinking:
            case "budget":
                return {"thinking": {"type": "enabled", "budget_tokens": thinking_tokens(reasoning)}}
            case "adaptive":
                return {"thinking": {"type": "adaptive"}, "output_config": {"effort": level}}
            case "nova":
                return {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": level}}
            case "effort":
                return {"reasoning_effort": level}
            case "none":
                return {}

    def room(self, reasoning: Reasoning) -> int:
        """Tokens that thinking may take, to be allowed on top of the answer's own."""
        thinks = self.thinking != "none" and reasoning is not Reasoning.NONE
        return thinking_tokens(reasoning) if thinks else 0


@cache
def _table() -> dict[str, Any]:
    text = files("agent.analysts.chat").joinpath("families.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def thinking_tokens(reasoning: Reasoning) -> int:
    """Tokens of thinking at this level; 0 for none."""
    return int(_table()["thinking_budget"].get(reasoning.value, 0))


@cache
def families() -> tuple[Family, ...]:
    """All families, in the order they are tried; the last takes every id."""
    return tuple(Family.load(entry) for entry in _table()["families"])


def family_of(model: str) -> Family:
    """The family of the model with this id; "other" for one that the table does not know."""
    plain = bare(model)
    return next(f for f in families() if re.search(f.match, plain))
