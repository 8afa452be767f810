"""What calls cost at list prices. The table is prices.yaml."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from agent.analysts.chat.profiles import bare, split
from agent.domain.base import Value

_MILLION = 1_000_000


class Price(Value):
    """US dollars per million tokens."""

    input: float
    output: float
    cache_write: float | None = None
    """None: as input."""
    cache_read: float | None = None
    """None: as input."""
    regional: float = 1.0
    """What an inference profile of one geography costs more than the global one, as a factor."""

    def cost(self, *, fresh: int, written: int, read: int, output: int) -> float:
        """US dollars for so many tokens: fresh input, input written to a cache and read from it, output."""
        write = self.input if self.cache_write is None else self.cache_write
        cached = self.input if self.cache_read is None else self.cache_read
        return (fresh * self.input + written * write + read * cached + output * self.output) / _MILLION


@cache
def _prices() -> dict[str, Price]:
    text = files("agent.analysts.chat").joinpath("prices.yaml").read_text(encoding="utf-8")
    return {name: Price.load(entry) for name, entry in yaml.safe_load(text)["models"].items()}


def price_of(model: str) -> Price | None:
    """The price of the model with this id, its geography's surcharge included; None when it is not known."""
    plain = bare(model)
    fits = [start for start in _prices() if plain.startswith(start)]
    if not fits:
        return None
    price = _prices()[max(fits, key=len)]
    geography = split(model.lower())[0]
    factor = 1.0 if geography in {"", "global"} else price.regional
    scaled = {
        name: value * factor
        for name, value in price.model_dump(exclude={"regional"}).items()
        if value is not None
    }
    return Price(**scaled)
