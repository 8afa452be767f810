"""What a person can do in the workspace: the page and the tests go through here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.errors import InputError, NotAllowed, NotFound
from bot.workspace import events, files, interactions, modals, posting
from bot.workspace.content import Draft
from bot.workspace.elements import Address
from bot.workspace.errors import Refused
from bot.workspace.forms import filled
from bot.workspace.mrkdwn import rich_text, typed
from bot.workspace.outcomes import ActionOutcome, CommandOutcome, SubmitOutcome
from bot.workspace.reactions import react, unreact
from bot.workspace.seed import Shortcut
from bot.workspace.state import by_ts
from bot.workspace.values import Channel, Message, User, View

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace


@dataclass(frozen=True)
class Person:
    """One person at their screen.

    Channels are given by name or id; "dm" means the direct messages with the app. Something that the page
    would not let a person do raises NotAllowed, NotFound or InputError with a sentence.
    """

    workspace: Workspace
    user: User

    @property
    def id(self) -> str:
        """The person's user id."""
        return self.user.id

    @property
    def modal(self) -> View | None:
        """The modal that the person sees now."""
        return modals.top(self.workspace, self.id)

    @property
    def home(self) -> View | None:
        """The app's Home tab as it stands for this person."""
        return self.workspace.home(self.id)

    def place(self, key: str) -> Channel:
        """A channel that this person is in."""
        store = self.workspace.store
        channel = store.direct(self.id) if key in {"dm", store.app.name} else store.channel(key)
        if self.id not in channel.members:
            raise NotAllowed(f"{self.user.name} is not in #{channel.name}.")
        return channel

    def open_modal(self, timeout: float = 5.0) -> View | None:
        """The modal that the person sees, once there is one; None when none came in `timeout` seconds."""
        return self.workspace.wait_until(lambda: self.modal, timeout)

    # messages

    def say(self, channel: str, text: str, thread_ts: str = "") -> Message:
        """Post a message; @names become mentions."""
        return self.share(channel, (), text, thread_ts)

    def upload(
        self, channel: str, thread_ts: str, attached: Sequence[tuple[str, bytes]], text: str = ""
    ) -> Message:
        """Post a message with files, given as (name, content); thread_ts "" posts in the channel."""
        place = self.place(channel)
        ids = [self.stage(name, content) for name, content in attached]
        return self.share(place.id, ids, text, thread_ts)

    def stage(self, name: str, content: bytes) -> str:
        """Upload a file without sharing it yet; its id."""
        return files.keep(self.workspace, name, content, self.id).id

    def stage_remote(self, name: str, url: str) -> str:
        """A file that lies elsewhere, at an address that somebody chose; its id."""
        return files.keep_remote(self.workspace, name, url, self.id).id

    def share(self, channel: str, file_ids: Sequence[str], text: str = "", thread_ts: str = "") -> Message:
        """Post a message with files that were staged before."""
        store = self.workspace.store
        with store.lock:
            place = self.place(channel)
            if thread_ts and not store.thread(place.id, thread_ts):
                raise NotFound(f"There is no thread {thread_ts} in #{place.name}.")
            if not (text.strip() or file_ids):
                raise InputError("A message needs text or a file.")
            said = typed(store, text)
            blocks = rich_text(said, store.new_id("b"))
            draft = Draft(said, blocks, files=tuple(file_ids), thread_ts=thread_ts)
            return posting.post(self.workspace, place, self.id, draft)

    def edit(self, ts: str, text: str) -> Message:
        """Change the text of an own message."""
        with self.workspace.store.lock:
            message = self._own(ts)
            said = typed(self.workspace.store, text)
            blocks = rich_text(said, self.workspace.store.new_id("b"))
            return posting.edit(self.workspace, message, self.id, text=said, blocks=blocks)

    def delete(self, ts: str) -> None:
        """Take an own message away."""
        with self.workspace.store.lock:
            posting.delete(self.workspace, self._own(ts))

    def react(self, ts: str, name: str) -> None:
        """Put an emoji on a message, or take one's own away again."""
        with self.workspace.store.lock:
            message = self._seen(ts)
            try:
                react(self.workspace, message, self.id, name)
            except Refused:
                unreact(self.workspace, message, self.id, name)

    def dismiss(self, ts: str) -> None:
        """Put an ephemeral message out of sight."""
        message = self._seen(ts)
        if not message.only_for:
            raise InputError("Only a message that nobody else sees can be dismissed.")
        posting.delete(self.workspace, message)

    # the app

    def command(self, name: str, text: str = "", *, channel: str = "payments") -> CommandOutcome:
        """Type a slash command; /invite puts the app into the channel without asking it."""
        place = self.place(channel)
        if name == "/invite":
            self.invite(channel)
            return CommandOutcome()
        return interactions.command(self.workspace, self.user, place, name, text.strip())

    def invite(self, channel: str) -> None:
        """Put the app into a channel."""
        store = self.workspace.store
        with store.lock:
            place = self.place(channel)
            bot = store.app.bot_user
            if bot in place.members:
                return
            joined = replace(place, members=place.members | {bot})
            store.channels[place.id] = joined
            store.publish("channel", store.audience(joined), {"id": place.id, "has_app": True})
            events.joined(self.workspace, bot, joined)

    def shortcut(self, key: str, message_ts: str = "") -> CommandOutcome:
        """Use a shortcut by callback_id or name: a global one, or one on a message."""
        wanted = "message" if message_ts else "global"
        message = self._seen(message_ts) if message_ts else None
        return interactions.shortcut(self.workspace, self.user, self._declared(key, wanted), message)

    def click(self, where: str, address: Address, value: Any = None) -> ActionOutcome:
        """Use an element of a message (by its ts) or of a view (by its id).

        Args:
            where: the message's ts, or the view's id.
            address: an action_id, or (block_id, action_id).
            value: what is chosen: an option's value, a list of them, text, a date; of several buttons with
                one action_id it names the one with this value.
        """
        if where.startswith("V"):
            return interactions.act_in_view(self.workspace, self.user, self._view(where), address, value)
        return interactions.act_on_message(self.workspace, self.user, self._seen(where), address, value)

    def select(self, where: str, address: Address, value: Any) -> ActionOutcome:
        """Choose in a select, menu, set of boxes or picker: see `click`."""
        return self.click(where, address, value)

    def fill(self, view_id: str, values: Mapping[Any, Any]) -> View:
        """Put values into a modal's inputs without sending it."""
        view = self._view(view_id)
        return modals.put_values(self.workspace, view, filled(self.workspace, view, values))

    def submit(self, view_id: str, values: Mapping[Any, Any] | None = None) -> SubmitOutcome:
        """Send a modal's form: values by "block_id/action_id", (block_id, action_id), or either alone."""
        return interactions.submit(self.workspace, self.user, self._view(view_id), values or {})

    def close(self, view_id: str = "", *, all_of_them: bool = False) -> None:
        """Close the modal that is seen (or the whole stack) without sending it."""
        view = self._view(view_id) if view_id else self.modal
        if view is None:
            raise NotFound(f"{self.user.name} has no modal open.")
        interactions.close(self.workspace, self.user, view, all_of_them=all_of_them)

    def open_home(self, tab: str = "home") -> None:
        """Open the app's Home tab (or "messages"): the app hears of it and may publish a view."""
        with self.workspace.store.lock:
            events.home_opened(self.workspace, self.user, tab)

    def stop(self, channel: str, thread_ts: str) -> None:
        """Press Stop on what the app is doing in a thread."""
        with self.workspace.store.lock:
            events.session_stopped(self.workspace, self.user, self.place(channel), thread_ts)

    # what the person sees

    def sees(self, channel: str) -> list[Message]:
        """Everything in a channel that this person sees, replies and ephemerals included, in order."""
        store = self.workspace.store
        with store.lock:
            place = self.place(channel)
            mine = [m for m in store.whispers.values() if m.only_for == self.id and m.channel == place.id]
            return sorted([*store.messages[place.id].values(), *mine], key=by_ts)

    def _seen(self, ts: str) -> Message:
        store = self.workspace.store
        message = store.message(ts)
        if self.id not in posting.readers(self.workspace, message, store.channels[message.channel]):
            raise NotAllowed(f"{self.user.name} does not see the message {ts}.")
        return message

    def _own(self, ts: str) -> Message:
        message = self._seen(ts)
        if message.user != self.id:
            raise NotAllowed(f"The message {ts} is not {self.user.name}'s own.")
        return message

    def _view(self, view_id: str) -> View:
        store = self.workspace.store
        with store.lock:
            home = store.homes.get(self.id)
            view = home if home is not None and home.id == view_id else store.views.get(view_id)
        if view is None or view.user != self.id:
            raise NotFound(f"{self.user.name} has no view {view_id} open.")
        return view

    def _declared(self, key: str, wanted: str) -> Shortcut:
        for declared in self.workspace.store.app.shortcuts:
            if declared.type == wanted and key in {declared.callback_id, declared.name}:
                return declared
        raise NotFound(f"There is no {wanted} shortcut {key!r} in this workspace.")
