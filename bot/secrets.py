"""Secrets by reference: a setting says where they lie, and only the process that needs them reads them.

They are one JSON object, in AWS Secrets Manager or in an SSM SecureString::

    {"slack_signing_secret": "…", "slack_bot_token": "xoxb-…"}
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from agent.errors import ConfigurationError
from bot.aws import Aws, Refusal, Resource

NAMES = ("slack_signing_secret", "slack_bot_token", "slack_client_secret", "model_api_key")
"""What may lie there: settings, under their own names."""
SOONEST = 60.0
"""Seconds between two looks at a secret: strangers can send wrong signatures as often as they like."""
_SETTING = "THREATBOT_SECRET"


class Secret:
    """Where the secrets lie, and what was there when somebody looked last.

    Args:
        aws: where Secrets Manager and SSM are.
        reference: the ARN of a secret, or the path or ARN of an SSM parameter.
        clock: seconds.
    """

    def __init__(self, aws: Aws, reference: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._reference = reference
        self._clock = clock
        self._in_ssm = reference.startswith(("/", "arn:aws:ssm:")) or ":ssm:" in reference
        service = "ssm" if self._in_ssm else "secretsmanager"
        self._place = Resource(aws, service, f"the secret {reference}", _SETTING)
        self._looked = self._clock()
        self.values = self._read()

    def changed(self, after: float = SOONEST) -> bool:
        """Look again, if the last look is so many seconds ago; whether `values` are others now."""
        if self._clock() - self._looked < after:
            return False
        self._looked = self._clock()
        before, self.values = self.values, self._read()
        return self.values != before

    def _read(self) -> Mapping[str, str]:
        try:
            return _checked(self._text(), self._reference)
        except Refusal as refusal:
            raise ConfigurationError(
                f"There is no secret {self._reference} ({refusal.code}). Create it, or correct {_SETTING}."
            ) from refusal

    def _text(self) -> str:
        if self._in_ssm:
            answer = self._place.call(
                "get_parameter",
                expect={"ParameterNotFound"},
                Name=self._reference.partition(":parameter")[2] or self._reference,
                WithDecryption=True,
            )
            return str(answer["Parameter"]["Value"])
        answer = self._place.call(
            "get_secret_value", expect={"ResourceNotFoundException"}, SecretId=self._reference
        )
        return str(answer.get("SecretString", ""))


def _checked(text: str, reference: str) -> Mapping[str, str]:
    """The secrets; ConfigurationError, which quotes nothing of them, when they are not as they should be."""
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        raise ConfigurationError(
            f"The secret {reference} must be a JSON object with texts under {', '.join(NAMES)}."
        )
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        raise ConfigurationError(
            f"The secret {reference} has a {unknown[0]}, which nothing reads: it may have {', '.join(NAMES)}."
        )
    return given
