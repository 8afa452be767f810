"""Every error that threatbot raises on purpose, as one tree.

::

    ThreatbotError                 anything below; `.message` is a sentence for a person
    ├── InputError                 what the person gave cannot be used as it is
    │   ├── UnreadableFile         a file that cannot be read: its name, the reason, what to send instead
    │   │   ├── TooLarge           over a limit of size, depth or count
    │   │   └── UnsupportedFormat  recognised or not, but no reader for it
    │   ├── NothingToRead          neither a diagram nor a description
    │   └── UnknownCommand         a sub-command or option that does not exist
    ├── NotAllowed                 this person may not do this, with the reason
    ├── NotFound                   a model, threat, revision or artifact that does not exist
    ├── Stale                      the revision has changed since the person saw it
    ├── ConfigurationError         a setting is missing or wrong: names the setting
    ├── CatalogError               a pattern or data file that breaks its own grammar: names the place
    ├── KnowledgeError             the knowledge store or an embedder failed
    ├── AnalystError               an analyst could not finish an area; the run goes on without it
    │   ├── BudgetSpent            the run has used the calls, tokens, seconds or money that it may
    │   └── ModelUnavailable       no call can succeed until a setting or a permission is changed
    ├── DeliveryError              Slack refused or did not answer; `.retryable` says if trying again can help
    │   └── StorageError           a queue, table or bucket did so: names it, what AWS said, and the setting
    └── Cancelled                  the person pressed Stop
"""

from __future__ import annotations


class ThreatbotError(Exception):
    """The root. `message` says what happened, to what, and what to do: it may be shown to a person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(ThreatbotError):
    """What the person gave cannot be used as it is."""


class UnreadableFile(InputError):
    """One file that cannot be read.

    Args:
        name: the file's name as the person gave it.
        reason: what is wrong with it, as a clause without a full stop.
        instead: what to send instead, as a sentence.
    """

    def __init__(self, name: str, reason: str, instead: str) -> None:
        super().__init__(f"I could not read {name}: {reason}. {instead}")
        self.name = name
        self.reason = reason
        self.instead = instead


class TooLarge(UnreadableFile):
    """A file over a limit of size, nesting or count."""


class UnsupportedFormat(UnreadableFile):
    """A format that no reader takes."""


class NothingToRead(InputError):
    """Neither a diagram that could be read nor a description that names anything."""


class UnknownCommand(InputError):
    """A sub-command or an option that does not exist."""


class NotAllowed(ThreatbotError):
    """This person may not do this."""


class NotFound(ThreatbotError):
    """A model, threat, revision or artifact that does not exist."""


class Stale(ThreatbotError):
    """The revision has changed since the person saw it."""


class ConfigurationError(ThreatbotError):
    """A setting is missing or wrong; the message names it and how to mend it."""


class CatalogError(ThreatbotError):
    """A threat pattern or data file that breaks its own grammar; the message names file and place."""


class KnowledgeError(ThreatbotError):
    """The knowledge store or an embedder failed; a run goes on without passages and says so."""


class AnalystError(ThreatbotError):
    """An analyst could not finish an area; the run goes on and names the area."""


class BudgetSpent(AnalystError):
    """The run has used the language model calls, tokens, seconds or money that its budget allows.

    Args:
        message: the sentence; it names the limit and the setting that holds it.
        limit: which limit: "calls", "tokens", "seconds" or "usd".
    """

    def __init__(self, message: str, *, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class ModelUnavailable(AnalystError):
    """The language model cannot be used until something outside the run changes.

    Args:
        message: the sentence.
        cause: which of the known causes, such as "access_denied" (agent/analysts/chat/faults.yaml).
        setting: the setting to look at first, such as "THREATBOT_MODEL_REGION"; "" when there is none.
    """

    def __init__(self, message: str, *, cause: str, setting: str = "") -> None:
        super().__init__(message)
        self.cause = cause
        self.setting = setting


class DeliveryError(ThreatbotError):
    """Slack refused a call or did not answer.

    Args:
        message: the sentence.
        retryable: whether the same call can succeed later.
        undone: whether it is certain that the call had no effect.
    """

    def __init__(self, message: str, *, retryable: bool, undone: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.undone = undone


class StorageError(DeliveryError):
    """A queue, a table or a bucket refused a call or did not answer.

    Nothing is wrong with what was to be kept, so even a missing permission is retryable: once it is given,
    the same job can be done.

    Args:
        message: the sentence; it names the resource.
        cause: "busy", "denied", "missing", "credentials", "unreachable" or "refused".
        setting: the setting to look at first, such as "THREATBOT_TABLE"; "" when there is none.
        retryable: whether the same call can succeed later.
    """

    def __init__(self, message: str, *, cause: str, setting: str = "", retryable: bool = True) -> None:
        super().__init__(message, retryable=retryable)
        self.cause = cause
        self.setting = setting


class Cancelled(ThreatbotError):
    """The person pressed Stop; what was found until then stands."""
