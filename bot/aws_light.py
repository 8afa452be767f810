"""Where a JsonClient can take botocore's place: where the environment says all that there is to know.

On Lambda it does. With a profile, a container's role, a proxy, an endpoint in the environment, or in a
partition with other addresses, AWS is asked through botocore, which knows about them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.aws_json import SERVICES, JsonClient
from bot.aws_sigv4 import Keys
from bot.aws_trust import Trust

if TYPE_CHECKING:
    from bot.aws import Aws

REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+|us-gov-[a-z]+-\d+")
"""Regions whose services answer at <service>.<region>.amazonaws.com, as botocore's partitions have them."""
BEYOND = frozenset(
    {
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_AUTH_SCHEME_PREFERENCE",
        "AWS_CONFIG_FILE",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_DATA_PATH",
        "AWS_DEFAULT_PROFILE",
        "AWS_PROFILE",
        "AWS_SECURITY_TOKEN",
        "AWS_SIGV4A_SIGNING_REGION_SET",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
    }
)
"""Variables that change what botocore does, and that are left to it; so is each AWS_ENDPOINT_URL."""
PRINTABLE = re.compile("[!-~]*")
"""What can stand in a header."""
CONFIG = Path("~/.aws/config")


def light_client(aws: Aws, service: str, environment: Mapping[str, str] = os.environ) -> JsonClient | None:
    """A client that asks what botocore's would, of the same place and as the same; None where it may not."""
    region = aws.region or environment.get("AWS_DEFAULT_REGION", "")
    keys = _keys(aws, environment)
    if service not in SERVICES or keys is None or not REGION.fullmatch(region) or _beyond(environment):
        return None
    url = aws.endpoint_url or f"https://{service}.{region}.amazonaws.com"
    if not _direct(url):
        return None
    try:
        authorities = environment.get("AWS_CA_BUNDLE") or environment.get("REQUESTS_CA_BUNDLE") or ""
        trust = _trust(authorities) if url.startswith("https:") else None
    except OSError:
        return None
    return JsonClient(service, url, region, keys, trust=trust, attempts=aws.attempts)


@cache
def _trust(authorities: str) -> Trust:
    """One for all clients: it takes longer than a call."""
    return Trust(authorities)


def _keys(aws: Aws, environment: Mapping[str, str]) -> Keys | None:
    if aws.key_id or aws.secret or aws.token:
        found = Keys(aws.key_id, aws.secret, aws.token)
    else:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        found = Keys(*(environment.get(name, "") for name in names))
    whole = found.id and found.secret and all(PRINTABLE.fullmatch(part) for part in found)
    return found if whole else None


def _beyond(environment: Mapping[str, str]) -> bool:
    """Whether something is configured that only botocore knows how to follow."""
    named = (n in BEYOND or n.startswith("AWS_ENDPOINT_URL") for n, value in environment.items() if value)
    return any(named) or _configured()


def _configured() -> bool:
    try:
        return CONFIG.expanduser().exists()
    except (OSError, RuntimeError):  # nobody's home, or one that may not be looked into
        return False


def _direct(url: str) -> bool:
    """Whether it is an address without a path, and no proxy stands before it."""
    try:
        place = urlsplit(url)
        known = place.scheme in {"http", "https"} and place.hostname and (place.port or True)
    except ValueError:
        return False
    if not known or place.path.strip("/") or place.query or place.username:
        return False
    return place.scheme not in getproxies() or bool(proxy_bypass(place.netloc))
