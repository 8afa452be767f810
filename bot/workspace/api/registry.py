"""What a Web API method is, and how its arguments are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.workspace.content import parsed
from bot.workspace.errors import Refused, invalid, missing
from bot.workspace.ratelimit import TIERS, Rate
from bot.workspace.values import Channel, Message, User

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

_TRUE = {True, "1", "true", "True"}


@dataclass(frozen=True)
class Call:
    """One call of a method: the workspace and the arguments, from a form or from JSON."""

    ws: Workspace
    given: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """A text argument."""
        value = self.given.get(name)
        return default if value is None else str(value)

    def needed(self, name: str) -> str:
        """A text argument that must be there; Refused invalid_arguments when it is not."""
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def flag(self, name: str) -> bool:
        """A boolean argument, false when absent."""
        return self.given.get(name) in _TRUE

    def number(self, name: str, default: int) -> int:
        """A whole number; Refused invalid_arguments when it is none."""
        value = self.given.get(name)
        if value in (None, ""):
            return default
        try:
            return int(str(value))
        except ValueError:
            raise invalid(f"[ERROR] must be an integer [json-pointer:/{name}]") from None

    def json(self, name: str) -> Any:
        """An argument of JSON, given as such or as text; None when absent."""
        return parsed(self.given.get(name), "invalid_arguments")

    def channel(self, name: str = "channel") -> Channel:
        """The channel that is named, as far as the app may know of it; Refused channel_not_found."""
        key = self.needed(name)
        store = self.ws.store
        if key in store.users and key != store.app.bot_user:
            return store.direct(key)
        for channel in store.channels.values():
            named = not channel.is_im and key.removeprefix("#") == channel.name
            hidden = channel.is_private and store.app.bot_user not in channel.members
            if (key == channel.id or named) and not hidden:
                return channel
        raise Refused("channel_not_found")

    def joined_channel(self, name: str = "channel") -> Channel:
        """The same, and the app must be in it; Refused not_in_channel."""
        channel = self.channel(name)
        if self.ws.store.app.bot_user not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str, refusal: str = "message_not_found") -> Message:
        """A message of the channel by its ts; Refused with that word when there is none."""
        message = self.ws.store.messages[channel.id].get(self.needed(name))
        if message is None:
            raise Refused(refusal)
        return message

    def user(self, name: str) -> User:
        """The person that is named; Refused user_not_found."""
        user = self.ws.store.users.get(self.needed(name))
        if user is None:
            raise Refused("user_not_found")
        return user


Answer = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """One method of the Web API."""

    name: str
    call: Callable[[Call], Answer]
    """Gives the answer without `ok`; raises Refused."""
    scope: str = ""
    """What the token must be allowed to do."""
    rate: Rate = TIERS[3]


def page_of(call: Call, items: list[Any], default: int) -> tuple[list[Any], Answer]:
    """One page of the items by `cursor` and `limit`, and the fields that lead to the next one."""
    limit = call.number("limit", default)
    if not 1 <= limit <= 1000:  # noqa: PLR2004 - Slack's own bound
        raise Refused("invalid_limit")
    cursor = call.text("cursor")
    if cursor and not cursor.removeprefix("next:").isdigit():
        raise Refused("invalid_cursor")
    at = int(cursor.removeprefix("next:")) if cursor else 0
    more = at + limit < len(items)
    following = f"next:{at + limit}" if more else ""
    return items[at : at + limit], {"has_more": more, "response_metadata": {"next_cursor": following}}
