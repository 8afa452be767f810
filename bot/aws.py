"""AWS: clients from explicit values, and what a queue, a table or a bucket refuses as an error of our own.

The worker asks through botocore, which is loaded at the first call and without boto3 on top. The ingress asks
with signed JSON of its own where it can (bot.aws_light): people wait for its start.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from agent.errors import ConfigurationError, StorageError
from bot.aws_json import JsonClient, RefusedError, SilentError

CONNECT_SECONDS = 3.0
READ_SECONDS = 25.0
"""Longer than the longest poll of a queue."""

BUSY = frozenset(
    {
        "InternalError",
        "InternalServerError",
        "LimitExceededException",
        "OverLimit",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "403"})
MISSING = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
SKEWED = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
EARLY_OR_LATE = ("Signature expired", "Signature not yet current")
"""How InvalidSignatureException says that the request's time is not AWS's."""
_MAKING = threading.Lock()

IAM_ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject"}
"""Calls whose permission has another name."""


class Refusal(StorageError):
    """A refusal that the caller expects and answers; `answer` is the whole of it, as AWS gave it."""

    def __init__(self, message: str, code: str, answer: Mapping[str, Any]) -> None:
        super().__init__(message, cause="refused", retryable=False)
        self.code = code
        self.answer = answer


@dataclass(frozen=True)
class Aws:
    """Where AWS answers, and as whom it is asked."""

    region: str = ""
    """Such as "eu-central-1"; empty: what the AWS environment says."""
    endpoint_url: str = ""
    """Answers instead of AWS for every service: a VPC endpoint, or a server that speaks the protocols."""
    key_id: str = ""
    """An access key; empty takes AWS's own chain, which on Lambda is the function's role."""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    attempts: int = 4
    """How often a call is tried: throttling, broken connections, 5xx."""
    light: bool = False
    """Ask without botocore where that is possible, and wait two seconds: for whoever must start quickly."""

    def client(self, service: str) -> Any:
        """A new client; safe to share between threads. ConfigurationError without a region.

        It is a JsonClient where `light` asks for one and the environment allows it, else botocore's.
        """
        if self.light:
            from bot.aws_light import light_client

            if made := light_client(self, service):
                return made
        try:
            from botocore.exceptions import BotoCoreError
        except ImportError as error:
            raise ConfigurationError("AWS needs botocore: install threatbot[aws].") from error
        try:
            return _session(self).create_client(
                service,
                region_name=self.region or None,
                endpoint_url=self.endpoint_url or None,
                aws_access_key_id=self.key_id or None,
                aws_secret_access_key=self.secret or None,
                aws_session_token=self.token or None,
                config=self.config(service),
            )
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(
                f"AWS cannot be asked for {service}: {str(error).rstrip('.')}. "
                "Set THREATBOT_AWS_REGION, and THREATBOT_AWS_ENDPOINT_URL only if it is not AWS that answers."
            ) from error

    def config(self, service: str = "") -> Any:
        """What botocore is told: our time-outs, its retries."""
        from botocore.config import Config

        return Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=32,
            signature_version="s3v4" if service == "s3" else None,  # what KMS wants of a presigned link
            s3={"addressing_style": "path"} if self.endpoint_url else None,
        )


@lru_cache(maxsize=4)
def _session(_: Aws) -> Any:
    """One for all clients of an Aws value: half of a client's making is what they share."""
    import botocore.session

    return botocore.session.Session()


class Resource:
    """One queue, table or bucket, and the calls on it.

    Args:
        aws: where it is.
        service: "sqs", "dynamodb" or "s3".
        name: how a person finds it, such as "the DynamoDB table shop-prod".
        setting: the setting that names it.
    """

    def __init__(self, aws: Aws, service: str, name: str, setting: str) -> None:
        self._aws = aws
        self._service = service
        self.name = name
        self.setting = setting

    @property
    def client(self) -> Any:
        """The client; made at the first use. Making one is no work for two threads at once."""
        with _MAKING:
            return self._made

    @cached_property
    def _made(self) -> Any:
        return self._aws.client(self._service)

    def call(self, operation: str, *, expect: Collection[str] = (), **arguments: Any) -> Any:
        """The answer to a call such as "put_item".

        Refusal when AWS answers with a code that the caller expects; StorageError for every other failure.
        """
        client = self.client
        if isinstance(client, JsonClient):
            with self._explained(expect, RefusedError, SilentError):
                return client.call(operation, arguments)
        with self.explained(expect):
            return getattr(client, operation)(**arguments)

    def explained(self, expect: Collection[str] = ()) -> AbstractContextManager[None]:
        """What botocore raises inside, as errors of ours: for calls that somebody else makes."""
        from botocore.exceptions import BotoCoreError, ClientError

        return self._explained(expect, ClientError, BotoCoreError)

    @contextmanager
    def _explained(
        self, expect: Collection[str], refused: type[Exception], silent: type[Exception]
    ) -> Iterator[None]:
        try:
            yield
        except refused as error:
            told: Any = error
            code, action = str(told.response["Error"].get("Code", "")), told.operation_name
            if code in expect:
                raise Refusal(f"{self._start} refused {action}: {code}.", code, told.response) from error
            raise self.refused(error) from error
        except silent as error:
            raise self.unanswered(error) from error

    def refused(self, error: Any) -> StorageError:
        """What a refusal, a botocore ClientError or a RefusedError, means to a person; what they can do."""
        action = error.operation_name
        code = str(error.response["Error"].get("Code", ""))
        said = str(error.response["Error"].get("Message", "")).strip().rstrip(".")
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in DENIED or code.startswith(("KMS.", "Kms")):
            permission = IAM_ACTIONS.get(f"{self._service}:{action}", f"{self._service}:{action}")
            return self._error(
                "denied",
                f"{self._start} may not be used ({code}: {said}). Allow {permission} on it for the role that "
                "threatbot runs as, and the use of its KMS key where it is encrypted with one.",
            )
        if code in MISSING:
            return self._error(
                "missing",
                f"{self._start} does not exist in {self._aws.region or 'the region of the AWS environment'}. "
                f"Create it, or correct {self.setting} and THREATBOT_AWS_REGION.",
            )
        if code in SKEWED or said.startswith(EARLY_OR_LATE):
            return self._error(
                "credentials",
                f"{self._start} does not take requests of this time ({code}: {said}). The clock of this "
                "machine is wrong: set it, and keep it by NTP.",
            )
        if code in CREDENTIALS:
            return self._error(
                "credentials",
                f"{self._start} does not take these AWS credentials ({code}: {said}). "
                "Renew them, or let the process run with a role.",
            )
        if code in BUSY or status >= 500:  # noqa: PLR2004 - HTTP status
            return self._error(
                "busy",
                f"{self._start} is asked for more than it can do now ({code or status}), "
                f"{self._aws.attempts} times in a row. Try again in a minute; if it stays, raise its "
                "capacity or its quota.",
            )
        return self._error("refused", f"{self._start} refused {action}: {code}, {said}.", retryable=False)

    def unanswered(self, error: Exception) -> StorageError:
        """What a botocore BotoCoreError or a SilentError means to a person, and what they can do."""
        if _without_credentials(error):
            return self._error(
                "credentials",
                f"There are no AWS credentials for {self.name}. Let the process run with a role, "
                "or give it credentials in one of the ways that AWS knows.",
            )
        return self._error(
            "unreachable",
            f"{self._start} does not answer: {str(error).rstrip('.')}. Look at the network, at "
            "THREATBOT_AWS_REGION and THREATBOT_AWS_ENDPOINT_URL, and in a VPC at the service's endpoint.",
        )

    @property
    def _start(self) -> str:
        return self.name[:1].upper() + self.name[1:]

    def _error(self, cause: str, message: str, *, retryable: bool = True) -> StorageError:
        return StorageError(message, cause=cause, setting=self.setting, retryable=retryable)

    def close(self) -> None:
        """Let go of connections."""
        with _MAKING:
            if "_made" in self.__dict__:
                self._made.close()


def _without_credentials(error: Exception) -> bool:
    if isinstance(error, SilentError):
        return False
    from botocore.exceptions import NoCredentialsError, PartialCredentialsError

    return isinstance(error, NoCredentialsError | PartialCredentialsError)
