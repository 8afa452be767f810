"""Whom a connection to AWS believes: Amazon's own authorities first, then all that the machine believes.

Reading the hundred and fifty authorities of a machine takes an eighth of the ingress' start; the five that
sign AWS' own certificates take a seventh of that. Nothing is believed that the machine does not believe:
those five are looked up in its file. Where a certificate comes from another one (a company's own proxy, an
endpoint of another make, a later authority of Amazon's), the whole file is read and the connection is made
again.

Source of the five: Amazon Trust Services' repository, which says that all of them should be believed.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from functools import cached_property
from pathlib import Path

AMAZON = frozenset(
    {
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",  # Amazon Root CA 1
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",  # Amazon Root CA 2
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",  # Amazon Root CA 3
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",  # Amazon Root CA 4
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",  # Starfield Services Root CA G2
    }
)
"""SHA-256 of their certificates."""
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


class Trust:
    """The contexts of connections; safe to share between threads. OSError when there is no such file.

    Args:
        authorities: a file of certificates; empty: the machine's.
        first: those that are tried alone first, by SHA-256.
    """

    def __init__(self, authorities: str = "", first: frozenset[str] = AMAZON) -> None:
        self._authorities = authorities
        some = _found(authorities or ssl.get_default_verify_paths().cafile or "", first)
        self.context = ssl.create_default_context(cadata=some) if some else self.whole
        """For the next connection."""

    @cached_property
    def whole(self) -> ssl.SSLContext:
        """For all authorities."""
        return ssl.create_default_context(cafile=self._authorities or None)

    def widened(self) -> bool:
        """Believe all authorities from now on; False when that was so already."""
        before, self.context = self.context, self.whole
        return before is not self.context


def _found(file: str, wanted: frozenset[str]) -> bytes:
    """The wanted certificates of a file, in their binary form."""
    try:
        text = Path(file).read_bytes() if file else b""
        every = [base64.b64decode(part.partition(_END)[0]) for part in text.split(_BEGIN)[1:]]
    except (OSError, ValueError):
        return b""
    return b"".join(each for each in every if hashlib.sha256(each).hexdigest() in wanted)
