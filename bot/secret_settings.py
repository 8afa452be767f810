"""Settings with the secrets that they only refer to: for processes that run as long as these hold."""

from __future__ import annotations

from pydantic import SecretStr

from bot.settings import Settings


def with_secret(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """The settings with the values that lie in the secret, and the names of these; as they are without one.

    What lies there takes the place of what the environment says, as in the worker on Lambda.
    ConfigurationError for a secret that is not there or not as it should be, StorageError when it may not be
    read or nobody answers; neither quotes anything of it.
    """
    if not settings.secret:
        return settings, ()
    from bot.secrets import Secret
    from bot.wiring import make_aws

    values = Secret(make_aws(settings), settings.secret).values
    known = {name: SecretStr(value) for name, value in values.items()}
    return settings.model_copy(update=known), tuple(sorted(name for name, value in values.items() if value))
