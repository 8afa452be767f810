"""The fence: everything from outside goes to a model as data between markers, with its secrets masked."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from agent.domain.text import clean
from agent.secrets import mask

_TAGS = re.compile("[\U000e0000-\U000e01ef\ufe00-\ufe0f]")
"""Tag characters and variation selectors: text that a model reads and a person does not see."""
_BRACKETS = str.maketrans({"⟦": "[", "⟧": "]"})


class Fence:
    """Wraps texts from outside for one run.

    The marker is derived from the run's id, so that the same run gives the same bytes and a prompt cache
    holds; nobody who writes a diagram knows it.

    Args:
        run: the run's id.
        salt: something that outsiders do not know, where run ids can be guessed.
    """

    def __init__(self, run: str, salt: str = "") -> None:
        self.marker = hashlib.sha256(f"fence\x1f{salt}\x1f{run}".encode()).hexdigest()[:16]

    def data(self, kind: str, text: str) -> str:
        """The text as a block of data.

        Args:
            kind: what it is, in our own words only.
            text: as it came; what nobody can see is taken out, secrets are masked, markers cannot be forged.
        """
        return f"⟦data {self.marker} {kind}⟧\n{self.safe(text)}\n⟦end {self.marker}⟧"

    def safe(self, text: str) -> str:
        """The text as it stands within a block."""
        return mask(visible(text).replace(self.marker, "").translate(_BRACKETS)).text


def visible(text: str) -> str:
    """The text without anything that a person does not see; may be empty."""
    kept = clean(_TAGS.sub("", text))
    return "".join(c for c in kept if c in "\n\t" or unicodedata.category(c) not in {"Cf", "Cc"})
