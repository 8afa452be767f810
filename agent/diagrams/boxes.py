"""Rectangles on a page."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in its pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    @property
    def middle(self) -> tuple[float, float]:
        """The point in the middle."""
        return (self.x + self.width / 2, self.y + self.height / 2)

    def holds(self, other: Box, slack: float = 4) -> bool:
        """Whether the other lies inside, give or take `slack` pixels."""
        return (
            self.x - slack <= other.x
            and self.y - slack <= other.y
            and other.x + other.width <= self.x + self.width + slack
            and other.y + other.height <= self.y + self.height + slack
        )

    def distance(self, x: float, y: float) -> float:
        """Pixels from the point to the nearest point of the box; 0 inside."""
        across = max(self.x - x, 0.0, x - self.x - self.width)
        down = max(self.y - y, 0.0, y - self.y - self.height)
        return math.hypot(across, down)


NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
"""The place of what has none."""
