"""Providers of models: what a name means, and what a provider's client may raise. Table: providers.yaml."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Literal

import yaml

from agent.domain.base import Value

BEDROCK = "bedrock_converse"


class Provider(Value):
    """One provider, as providers.yaml explains it."""

    name: str
    title: str
    """As a sentence may begin with it; "" when only its name is known."""
    extra: str
    """The optional dependency that brings it; "" when we have none for it."""
    output: str
    cache: Literal["converse", "anthropic", "none"]
    errors: tuple[str, ...]

    def catch(self) -> tuple[type[Exception], ...]:
        """What a call may end in. ValueError and OSError are what langchain's own adapters raise."""
        return (OSError, ValueError, *(e for name in self.errors for e in _class(name)))


def named(model: str) -> tuple[str, str]:
    """("openai", "gpt-4.1") for "openai:gpt-4.1"; a Bedrock id or ARN is of "bedrock_converse"."""
    head, colon, rest = model.partition(":")
    if not colon or head == "arn" or "." in head or "/" in head:
        return BEDROCK, model
    return head, rest


@cache
def provider(name: str) -> Provider:
    """The provider with this name; one that the table does not know is taken as "other" has it."""
    text = files("agent.analysts.chat").joinpath("providers.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    return Provider.load({"name": name, **table.get(name, table["other"])})


def _class(dotted: str) -> tuple[type[Exception], ...]:
    module, _, name = dotted.rpartition(".")
    try:
        return (getattr(import_module(module), name),)
    except ModuleNotFoundError:
        return ()
