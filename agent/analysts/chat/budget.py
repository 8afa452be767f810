"""What one run may use, and what it has used."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from pydantic import Field

from agent.analysts.chat.settings import ModelSettings, setting
from agent.domain.base import Value
from agent.domain.usage import Usage
from agent.errors import BudgetSpent

_Limit = tuple[str, float, float, str]
"""Name, used, allowed, and the allowed in words."""


class Budget(Value):
    """The most that one run may use; what is in flight when a limit is reached is let finish."""

    calls: int = Field(ge=1)
    tokens: int = Field(ge=1)
    """In and out, cached ones included."""
    seconds: float = Field(gt=0)
    """From the first call to the start of the last."""
    usd: float = Field(gt=0)
    """At list prices; calls to a model whose price is not known count as nothing here."""

    @classmethod
    def of(cls, settings: ModelSettings) -> Budget:
        """The budget that the settings give."""
        return cls(
            calls=settings.model_budget_calls,
            tokens=settings.model_budget_tokens,
            seconds=settings.model_budget_seconds,
            usd=settings.model_budget_usd,
        )


class Ledger:
    """What one run has used. Safe for several threads.

    Args:
        budget: what it may use.
        now: seconds of a clock that only goes forward.
        spent: what an earlier part of the same run has used.
    """

    def __init__(self, budget: Budget, now: Callable[[], float], spent: Usage | None = None) -> None:
        self._budget = budget
        self._now = now
        self._usage = spent or Usage()
        self._priced = self._usage.cost or 0.0
        self._begun: float | None = None
        self._started = self._usage.calls
        self._lock = Lock()

    @property
    def usage(self) -> Usage:
        """The sum so far."""
        with self._lock:
            return self._usage

    def begin(self, branch: str) -> None:
        """Count one more call as begun; BudgetSpent, which names the branch, when there is no room for it."""
        with self._lock:
            self._check(branch, self._limits())
            self._started += 1

    def check(self, branch: str) -> None:
        """BudgetSpent when there is no room left for a call that has begun and had to wait."""
        with self._lock:
            self._check(branch, self._limits()[1:])

    def add(self, usage: Usage) -> None:
        """Count what one answered call took."""
        with self._lock:
            self._usage = self._usage + usage
            self._priced += usage.cost or 0.0

    def _check(self, branch: str, limits: tuple[_Limit, ...]) -> None:
        for limit, used, allowed, words in limits:
            if used >= allowed:
                raise _spent(branch, limit, words)

    def _limits(self) -> tuple[_Limit, ...]:
        now = self._now()
        self._begun = now if self._begun is None else self._begun
        seconds = now - self._begun
        b = self._budget
        return (
            ("calls", self._started, b.calls, f"all {b.calls} model calls"),
            ("tokens", self._usage.tokens, b.tokens, f"all {b.tokens:,} tokens"),
            ("seconds", seconds, b.seconds, f"all {b.seconds:g} seconds"),
            ("usd", self._priced, b.usd, f"all {b.usd:.2f} US dollars"),
        )


def _spent(branch: str, limit: str, words: str) -> BudgetSpent:
    return BudgetSpent(
        f"{branch}: not looked at by the language model, because the run has used {words} that it may. "
        f"Raise {setting(f'model_budget_{limit}')} or split the system.",
        limit=limit,
    )
