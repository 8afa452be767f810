"""Budgets of a run: what stops it, and what the error says."""

from __future__ import annotations

import pytest

from agent.analysts.chat.budget import Budget, Ledger
from agent.analysts.chat.settings import PREFIX, ModelSettings
from agent.domain.usage import Usage
from agent.errors import BudgetSpent
from tests.agent.analysts.chat.asked import BAD, GOOD, a_call, a_run
from tests.bedrock.double import BedrockDouble
from tests.fakes import Clock

WIDE = Budget(calls=100, tokens=10_000, seconds=60, usd=1.0)


@pytest.mark.parametrize(
    ("limit", "used"),
    [("tokens", Usage(calls=1, input_tokens=9_000, output_tokens=1_000)), ("usd", Usage(calls=1, cost=1.0))],
)
def test_each_limit_stops_the_next_call(limit: str, used: Usage) -> None:
    """The error says which limit it is, what it was, and the setting that holds it."""
    ledger = Ledger(WIDE, Clock())
    ledger.begin("Orders")
    ledger.add(used)
    with pytest.raises(BudgetSpent, match="Orders: ") as caught:
        ledger.begin("Orders")
    assert caught.value.limit == limit
    field = f"model_budget_{limit}"
    assert PREFIX + field.upper() in caught.value.message
    assert field in ModelSettings.model_fields


def test_seconds_count_from_the_first_call() -> None:
    """A run that only waited to begin has its whole time; a call that had to wait too long does not start."""
    clock = Clock()
    ledger = Ledger(WIDE, clock)
    clock.advance(1000)
    ledger.begin("Orders")
    clock.advance(61)
    with pytest.raises(BudgetSpent, match="all 60 seconds"):
        ledger.check("Orders")


def test_an_unknown_cost_leaves_the_other_limits() -> None:
    """A model without a known price counts as nothing in money, and its cost stays unknown."""
    ledger = Ledger(WIDE, Clock())
    ledger.add(Usage(calls=1, cost=None))
    ledger.begin("Orders")
    assert ledger.usage.cost is None


def test_a_repair_counts_as_a_call(bedrock: BedrockDouble) -> None:
    """With one call allowed a broken reply ends the branch by the budget."""
    bedrock.reply(BAD, GOOD)
    run = a_run(bedrock, model_budget_calls=1)
    with pytest.raises(BudgetSpent, match="all 1 model calls"):
        run.call(a_call())
    assert run.usage.calls == 1


def test_another_try_is_no_other_call(bedrock: BedrockDouble) -> None:
    """What throttling made to repeat does not use up the number of calls."""
    bedrock.throttle(3)
    assert a_run(bedrock, model_budget_calls=1).call(a_call()).usage.calls == 1
