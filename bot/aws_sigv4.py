"""AWS Signature Version 4: what a request must carry so that AWS knows who asks, and that nobody changed it.

Source: AWS IAM User Guide, "Create a signed AWS API request" (canonical request, string to sign, signing
key), with the rules for every service but S3: the path is normalised and encoded once more. A query is not
signed here, because the JSON protocols have none.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
STAMP = "%Y%m%dT%H%M%SZ"
"""The form of a time in UTC, as X-Amz-Date has it."""


class Keys(NamedTuple):
    """Credentials; a temporary one has a token, which goes into a header of its own."""

    id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Keys(id={self.id!r})"


def authorization(
    keys: Keys,
    region: str,
    service: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
) -> str:
    """The value of the Authorization header.

    Args:
        keys: who asks.
        region: such as "eu-central-1".
        service: the name that the service is signed for, such as "sqs".
        method: such as "POST".
        path: as it is sent, without a query.
        headers: all that are to be signed; Host and X-Amz-Date (see STAMP) must be among them.
        body: the body's bytes.
    """
    given = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = ";".join(sorted(given))
    lines = "".join(f"{name}:{given[name]}\n" for name in sorted(given))
    request = "\n".join((method, _canonical(path), "", lines, names, hashlib.sha256(body).hexdigest()))
    stamp = given["x-amz-date"]
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return (
        f"{ALGORITHM} Credential={keys.id}/{scope}, SignedHeaders={names}, Signature={_hmac(key, text).hex()}"
    )


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _canonical(path: str) -> str:
    """Without empty parts and dots (RFC 3986, section 5.2.4), and encoded."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in {"", "."}:
            kept.append(part)
    end = "/" if path.endswith("/") and kept else ""
    return quote(f"/{'/'.join(kept)}{end}", safe="/~")
