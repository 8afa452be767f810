"""The few settings that the ingress needs, read without pydantic: loading that would double its cold start.

Names, values and defaults are those of bot.settings.Settings, which gives them as `Settings.ingress`; a test
holds the two together. See docs/decisions/0007-two-readers-of-the-environment.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from agent.errors import ConfigurationError

PREFIX = "THREATBOT_"
"""What stands before a field's name, in capitals, in the environment."""
_TRUE = {"1", "true", "t", "yes", "y", "on"}
_FALSE = {"0", "false", "f", "no", "n", "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressSettings:
    """Who signs, who we are, where jobs and records go. What each one means stands in bot.settings."""

    slack_signing_secret: str = field(default="", repr=False)
    slack_bot_token: str = field(default="", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = field(default="", repr=False)
    slack_redirect_url: str = ""
    slack_workspaces: str = ""
    secret: str = ""
    slack_api_url: str = "https://slack.com/api/"
    data_dir: Path = Path(".threatbot")
    queue_url: str = ""
    table: str = ""
    kms_key: str = ""
    aws_region: str = ""
    aws_endpoint_url: str = ""
    allow_guests: bool = False
    allow_external: bool = False


def read_ingress_settings(environment: Mapping[str, str] = os.environ) -> IngressSettings:
    """What the environment says; ConfigurationError, with the variable's name, for a value that is none."""
    given = {name.upper(): value for name, value in environment.items()}
    found = {
        f.name: _READERS[str(f.type)](PREFIX + f.name.upper(), given[PREFIX + f.name.upper()])
        for f in fields(IngressSettings)
        if PREFIX + f.name.upper() in given
    }
    return IngressSettings(**found)  # type: ignore[arg-type] # each reader makes its field's type


def _truth(name: str, value: str) -> bool:
    if value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise ConfigurationError(f"{name} is {value!r}. Set it to true or to false.")


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "str": lambda _, value: value,
    "Path": lambda _, value: Path(value),
    "bool": _truth,
}
