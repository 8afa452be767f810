"""What a run's language model calls took: tokens, images, seconds, money."""

from __future__ import annotations

from pydantic import Field

from agent.domain.base import Value


class Usage(Value):
    """Sums of language model calls; `+` joins two. No call at all is `Usage()`, which cost nothing."""

    calls: int = Field(default=0, ge=0)
    """Requests that were answered, repairs included."""
    repairs: int = Field(default=0, ge=0)
    """How many of the calls had to ask again for a reply that keeps to the schema."""
    input_tokens: int = Field(default=0, ge=0)
    """Input tokens at full price: neither read from a prompt cache nor written to one."""
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    images: int = Field(default=0, ge=0)
    """Images sent, each as often as it was sent."""
    seconds: float = Field(default=0.0, ge=0)
    """Time spent in calls; parallel calls count side by side, so this may exceed the run's own time."""
    cost: float | None = Field(default=0.0, ge=0)
    """US dollars at list price; None when the price of a model is not known, which is not zero."""

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.total_input + self.output_tokens

    @property
    def total_input(self) -> int:
        """All input tokens, whatever they cost."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    def __add__(self, other: Usage) -> Usage:
        """Both together; an unknown cost on either side makes the sum unknown."""
        known = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Usage(
            calls=self.calls + other.calls,
            repairs=self.repairs + other.repairs,
            input_tokens=self.input_tokens + other.input_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            images=self.images + other.images,
            seconds=self.seconds + other.seconds,
            cost=known,
        )
