"""A stumble is tried again on the spot; a refusal and an outage are not for long."""

import pytest

from agent.errors import DeliveryError
from bot.patience import PAUSES, patiently


class _Stumbling:
    """Fails so many times, then gives "done"."""

    def __init__(self, failures: int, *, retryable: bool = True) -> None:
        self.failures = failures
        self.retryable = retryable
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.asked <= self.failures:
            raise DeliveryError(f"Slack stumbled at try {self.asked}.", retryable=self.retryable)
        return "done"


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_a_stumble_is_tried_again(failures: int) -> None:
    """Up to two failures are waited out, each with its pause."""
    waited: list[float] = []
    act = _Stumbling(failures)

    assert patiently(act, sleep=waited.append) == "done"
    assert waited == list(PAUSES[:failures])


def test_the_last_failure_is_raised() -> None:
    """After three tries the error of the third goes to the caller."""
    act = _Stumbling(9)
    with pytest.raises(DeliveryError, match="try 3"):
        patiently(act, sleep=lambda _: None)

    assert act.asked == 3


def test_a_refusal_is_not_repeated() -> None:
    """What trying again cannot mend is raised at once."""
    act = _Stumbling(1, retryable=False)
    with pytest.raises(DeliveryError):
        patiently(act)

    assert act.asked == 1


def test_the_caller_decides_what_may_be_repeated() -> None:
    """An error that `again` does not accept is raised at once, though it is passing."""
    act = _Stumbling(1)
    with pytest.raises(DeliveryError):
        patiently(act, again=lambda error: error.undone)

    assert act.asked == 1
