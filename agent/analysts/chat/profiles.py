"""Bedrock model ids with and without the geography of an inference profile. The table is profiles.yaml."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def _table() -> dict[str, Any]:
    text = files("agent.analysts.chat").joinpath("profiles.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def geographies() -> tuple[str, ...]:
    """What may stand before a model id, such as "eu" or "global"."""
    return tuple(_table()["geographies"])


def split(model: str) -> tuple[str, str]:
    """("eu", "anthropic.claude-…") for "eu.anthropic.claude-…"; the geography is "" when there is none."""
    head, dot, rest = model.partition(".")
    return (head, rest) if dot and head in geographies() else ("", model)


def bare(model: str) -> str:
    """The model's own id, lower case: no geography, no ARN around it."""
    return split(model.lower().rpartition("/")[2])[1]


def geography_of(region: str) -> str:
    """The geography whose inference profiles a region's requests go through."""
    regions: dict[str, str] = _table()["regions"]
    fits = [start for start in regions if region.startswith(start)]
    return regions[max(fits, key=len)] if fits else str(_table()["otherwise"])


def profiled(model: str, wanted: str, region: str) -> str:
    """The id to call: the model's, with a geography before it where one is wanted and none is there.

    Args:
        model: a Bedrock model id; an ARN, or an id that has a geography, comes back as it is.
        wanted: a geography, "auto" (the region's own, where the model needs one) or "none".
        region: the AWS region's name, or "" when it is not known.
    """
    if wanted == "none" or model.startswith("arn:") or split(model)[0]:
        return model
    if wanted != "auto":
        return f"{wanted}.{model}"
    if any(re.match(pattern, model) for pattern in _table()["on_demand"]):
        return model
    return f"{geography_of(region)}.{model}"
