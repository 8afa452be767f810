"""Reaching OpenSearch: where it answers, who asks, and what went wrong, in a sentence."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from knowledge.stores.base import StoreError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

SERVERLESS = "aoss"
"""The signing name of Amazon OpenSearch Serverless; "es" is that of Amazon OpenSearch Service."""

LONGEST = 300
"""How many characters of somebody else's answer a message quotes."""

_NEEDED = "OpenSearch needs opensearch-py and boto3: install threatbot[aws]."


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where OpenSearch answers and how to prove who asks."""

    url: str
    """scheme://host[:port][/path], http or https."""
    user: str = ""
    """With `password`: basic authentication."""
    password: str = field(default="", repr=False)
    service: str = ""
    """"es" or "aoss": sign each request (AWS Signature Version 4) for that service in `region`."""
    region: str = ""
    credentials: Any = field(default=None, repr=False)
    """botocore credentials to sign with; None takes those that boto3 finds."""
    ca_certs: str = ""
    """A file of certificates to trust; empty trusts the usual ones."""
    timeout: float = 5.0
    """Seconds that one question may take."""
    load_timeout: float = 60.0
    """Seconds that one write may take."""


def connect(endpoint: Endpoint) -> OpenSearch:
    """A client that asks each question once; it sends nothing yet. StoreError for a senseless endpoint."""
    parts = urlsplit(endpoint.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StoreError(
            f"{endpoint.url!r} is not an address of OpenSearch: give https://host or http://host:port."
        )
    try:
        from opensearchpy import OpenSearch, Urllib3HttpConnection
    except ImportError as e:
        raise StoreError(_NEEDED) from e
    # its warnings repeat, with a traceback, what we say in a sentence; without a handler they land on stderr
    logging.getLogger("opensearch").addHandler(logging.NullHandler())
    trusted: dict[str, Any] = {"ca_certs": endpoint.ca_certs} if endpoint.ca_certs else {}
    return OpenSearch(
        hosts=[endpoint.url],
        http_auth=_signer(endpoint),
        headers=_named(endpoint),
        connection_class=Urllib3HttpConnection,
        timeout=endpoint.timeout,
        max_retries=0,
        http_compress=True,
        **trusted,
    )


def _named(endpoint: Endpoint) -> dict[str, str]:
    """Name and password as a header; the client's own way knows no letters beyond Latin-1."""
    if not endpoint.user:
        return {}
    both = f"{endpoint.user}:{endpoint.password}".encode()
    return {"authorization": "Basic " + b64encode(both).decode()}


def _signer(endpoint: Endpoint) -> Any:
    """What signs each request, or None."""
    if not endpoint.service:
        return None
    if endpoint.service not in {"es", SERVERLESS}:
        raise StoreError(f'There is no signing for "{endpoint.service}": it is "es" or "{SERVERLESS}".')
    try:
        import boto3
        from opensearchpy import Urllib3AWSV4SignerAuth
    except ImportError as e:
        raise StoreError(_NEEDED) from e
    session = boto3.Session()
    credentials = endpoint.credentials or session.get_credentials()
    region = endpoint.region or session.region_name
    if not credentials or not region:
        missing = "credentials" if region else "a region"
        raise StoreError(
            f"Signing requests to {endpoint.url} needs {missing}, and the AWS configuration has none."
        )
    return Urllib3AWSV4SignerAuth(credentials, region, endpoint.service)


@contextmanager
def failing(url: str, doing: str) -> Iterator[None]:
    """Turns whatever the client raises inside into a StoreError.

    Args:
        url: where OpenSearch was asked.
        doing: what was being done, as in "while searching".
    """
    from opensearchpy import exceptions as e

    try:
        yield
    except e.ConnectionTimeout as error:
        raise StoreError(f"OpenSearch at {url} did not answer in time while {doing}.") from error
    except e.ConnectionError as error:
        raise StoreError(f"OpenSearch at {url} cannot be reached while {doing}: {cause(error)}.") from error
    except (e.AuthenticationException, e.AuthorizationException) as error:
        raise StoreError(
            f"OpenSearch at {url} does not allow {doing} ({error.status_code}: {cause(error)}):"
            " check the credentials and the access policy."
        ) from error
    except (e.OpenSearchException, e.ImproperlyConfigured) as error:
        raise StoreError(f"OpenSearch at {url} failed while {doing}: {cause(error)}.") from error


def cause(error: Exception) -> str:
    """The reason inside an error of the client, short, without a full stop."""
    info = next((a for a in reversed(error.args) if a), type(error).__name__)  # details, or only a name
    if isinstance(info, dict):
        return reason(info.get("error", info))
    if isinstance(info, Exception):
        return str(info).rsplit(": ", 1)[-1].rstrip(".") or type(info).__name__
    return str(info).strip().rstrip(".")[:LONGEST]


def reason(error: Any) -> str:
    """What an error object of OpenSearch says, innermost cause first."""
    while isinstance(error, dict) and (
        inner := error.get("caused_by") or next(iter(error.get("root_cause", [])), None)
    ):
        error = inner
    if isinstance(error, dict):
        error = error.get("reason") or error.get("message") or error.get("type") or error
    return str(error).rstrip(".")
