"""The language models of a process: made once at their first use, and shared by every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from agent.analysts.chat.base import Role
from agent.analysts.chat.budget import Budget, Ledger
from agent.analysts.chat.clients import ambient_region, base, client
from agent.analysts.chat.families import Family, family_of
from agent.analysts.chat.faults import Place
from agent.analysts.chat.pacing import Pace, Time
from agent.analysts.chat.prices import Price, price_of
from agent.analysts.chat.profiles import profiled
from agent.analysts.chat.providers import BEDROCK, Provider, named, provider
from agent.analysts.chat.quiet import silence
from agent.analysts.chat.settings import ModelSettings
from agent.domain.usage import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.analysts.chat.calls import RunCalls


@dataclass(frozen=True)
class Model:
    """One model, ready to be called."""

    chat: BaseChatModel
    place: Place
    family: Family
    provider: Provider
    price: Price | None
    """None: not known."""
    pace: Pace
    structured: str = "tool"
    """See ModelSettings.model_structured."""

    @cached_property
    def catch(self) -> tuple[type[Exception], ...]:
        """What a call may end in."""
        return self.provider.catch()

    @property
    def streams(self) -> bool:
        """Whether replies come in pieces even when they fill a tool."""
        return self.provider.name == BEDROCK and not self.chat.disable_streaming


@dataclass
class ChatModels:
    """Makes models from settings, one object a process.

    Args:
        settings: which models, where, and the limits.
        time: clock, sleep and chance; the real ones by default.
        given: models that are already made, by name, instead of making them: scripted ones, in tests.
    """

    settings: ModelSettings
    time: Time = Time()  # noqa: RUF009 - a frozen value
    given: Mapping[str, BaseChatModel] = field(default_factory=dict)
    _made: dict[str, Model] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def for_run(self, budget: Budget | None = None, spent: Usage | None = None) -> RunCalls:
        """The calls of one run.

        Args:
            budget: what the run may use; by default what the settings give.
            spent: what an earlier part of the run has used, when it goes on after an interruption.
        """
        from agent.analysts.chat.calls import RunCalls

        return RunCalls(self, Ledger(budget or Budget.of(self.settings), self.time.now, spent))

    def model(self, role: Role) -> Model:
        """The model of this role.

        ConfigurationError when the settings do not make sense or a package is missing; ModelUnavailable when
        the credentials or the region are.
        """
        name = self.settings.name_of(role)
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name, self.settings.field_of(role))
            return self._made[name]

    def _make(self, name: str, named_by: str) -> Model:
        s = self.settings
        kind, id_ = named(name)
        by = provider(kind)
        region = ""
        if kind == BEDROCK:
            region = s.model_region or ("" if name in self.given else ambient_region(s))
            id_ = profiled(id_, s.model_inference_profile, region)
        place = Place(
            model=id_,
            provider=by.title or kind,
            field=named_by,
            region=region,
            endpoint=s.model_endpoint_url,
        )
        known = base(s, id_) or id_
        silence()
        return Model(
            chat=self.given[name] if name in self.given else client(s, by, place),
            place=place,
            family=family_of(known),
            provider=by,
            price=price_of(known),
            pace=Pace(s, self.time),
            structured=s.model_structured,
        )
