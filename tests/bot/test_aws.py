"""What AWS refuses, as sentences that name the resource and what to change."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import ConfigurationError, DeliveryError, StorageError
from bot.artifacts.s3 import S3Artifacts
from bot.aws import Aws
from bot.checkpoints import dynamodb_saver
from bot.queues.sqs import SqsQueue
from bot.records.dynamodb import DynamoRecords
from tests.aws_double import REGION, AwsDouble
from tests.http_front import CUT, Front, Said, front


def at(url: str) -> Aws:
    """AWS at that address, with dummy credentials."""
    return Aws(region=REGION, endpoint_url=url, key_id="AKIADOUBLE", secret="double", attempts=2)


def light(use: Callable[[Aws], object]) -> Callable[[Aws], object]:
    """The same use, by a process that signs its calls itself."""
    return lambda aws: use(replace(aws, light=True))


USES: dict[str, tuple[Callable[[Aws], object], str, str]] = {
    "queue": (
        lambda aws: SqsQueue(aws, f"{aws.endpoint_url}/123456789012/gone.fifo", wait=0).claim(),
        "SQS queue gone.fifo",
        "THREATBOT_QUEUE_URL",
    ),
    "records": (
        lambda aws: DynamoRecords(aws, "gone").delivered("event:1"),
        "DynamoDB table gone",
        "THREATBOT_TABLE",
    ),
    "artifacts": (lambda aws: S3Artifacts(aws, "gone").get("tm-1/a"), "S3 bucket gone", "THREATBOT_BUCKET"),
    "checkpoints": (
        lambda aws: dynamodb_saver(aws, "gone").get_tuple({"configurable": {"thread_id": "run-1"}}),
        "DynamoDB table gone",
        "THREATBOT_TABLE",
    ),
}
USES |= {f"{name}, light": (light(USES[name][0]), *USES[name][1:]) for name in ("queue", "records")}
"""A use of each adapter, what its errors call the resource, and the setting that they name."""

every = pytest.mark.parametrize(("use", "name", "setting"), USES.values(), ids=USES)


def refusing(code: str, status: int = 400) -> Callable[[object, object], Said]:
    """A rule that refuses everything with that code, in the words of each service's protocol."""

    def rule(asked: object, _: object) -> Said:
        if "x-amz-target" in getattr(asked, "headers", {}):
            return Said(status, {"__type": f"com.amazonaws#{code}", "message": "as the test says."})
        return Said(status, f"<Error><Code>{code}</Code><Message>as the test says.</Message></Error>")

    return rule


pytestmark = pytest.mark.usefixtures("as_on_lambda")


def error_of(use: Callable[[Aws], object], rule: Callable[..., Said]) -> tuple[StorageError, Front]:
    """What the use fails with when AWS behaves like this."""
    with front() as one:
        one.rule = rule
        with pytest.raises(StorageError) as caught:
            use(at(one.url))
    return caught.value, one


@every
def test_what_does_not_exist_is_named(
    aws_double: AwsDouble, use: Callable[[Aws], object], name: str, setting: str
) -> None:
    """A missing queue, table or bucket: which one, where it was looked for, and the setting."""
    with pytest.raises(StorageError, match=f"{name} does not exist in {REGION}.*{setting}") as caught:
        use(aws_double.aws)
    assert (caught.value.cause, caught.value.setting) == ("missing", setting)


@every
def test_a_missing_permission_is_named(use: Callable[[Aws], object], name: str, setting: str) -> None:
    """Access denied: which action is to be allowed on what; the job may be tried again later."""
    error, _ = error_of(
        use, refusing("AccessDeniedException" if setting != "THREATBOT_BUCKET" else "AccessDenied")
    )

    assert error.cause == "denied"
    assert error.retryable
    assert name in error.message
    assert any(
        action in error.message
        for action in ("Allow sqs:ReceiveMessage", "dynamodb:GetItem", "dynamodb:Query", "s3:GetObject")
    )


@every
def test_throttling_is_waited_out_and_then_said(
    use: Callable[[Aws], object], name: str, setting: str
) -> None:
    """A throttled call is repeated; when it stays throttled the sentence says so."""
    error, asked = error_of(
        use, refusing("ThrottlingException" if setting != "THREATBOT_BUCKET" else "SlowDown")
    )

    assert len(asked.asked) == 2
    assert (error.cause, error.retryable) == ("busy", True)
    assert name in error.message


@every
def test_a_dead_connection_is_said(use: Callable[[Aws], object], name: str, setting: str) -> None:
    """Nobody answers: where it was asked, and which settings decide that."""
    error, _ = error_of(use, lambda *_: CUT)

    assert error.cause == "unreachable"
    assert name in error.message
    assert "THREATBOT_AWS_ENDPOINT_URL" in error.message
    assert error.setting == setting


@every
def test_without_credentials_it_says_so(
    use: Callable[[Aws], object],
    name: str,
    setting: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A process without a role or keys is told that, before anything is sent."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "none"))
    with front() as one, pytest.raises(StorageError, match="no AWS credentials") as caught:
        use(Aws(region=REGION, endpoint_url=one.url))

    assert name in caught.value.message
    assert caught.value.setting == setting
    assert not one.asked


@every
def test_stale_credentials_are_said(use: Callable[[Aws], object], name: str, setting: str) -> None:
    """Credentials that AWS does not take are told from a missing permission."""
    error, _ = error_of(
        use, refusing("ExpiredTokenException" if setting != "THREATBOT_BUCKET" else "ExpiredToken")
    )

    assert error.cause == "credentials"
    assert name in error.message


@pytest.mark.parametrize("code", ["InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"])
@every
def test_a_wrong_clock_is_said(use: Callable[[Aws], object], name: str, setting: str, code: str) -> None:
    """A request that AWS finds too old or too new: the clock is to be set, and not the credentials."""
    late = "Signature expired: 20260301T120000Z is now earlier than 20260301T121500Z."
    said = {"__type": f"com.amazonaws#{code}", "message": late}
    page = f"<Error><Code>{code}</Code><Message>{late}</Message></Error>"
    error, _ = error_of(use, lambda asked, _: Said(400, said if "x-amz-target" in asked.headers else page))

    assert (error.cause, error.setting) == ("credentials", setting)
    assert name in error.message
    assert "clock of this machine is wrong" in error.message


@every
def test_other_refusals_keep_their_words(use: Callable[[Aws], object], name: str, setting: str) -> None:
    """A refusal that is not known is passed on with AWS's code and words, and is not tried again."""
    error, _ = error_of(use, refusing("ValidationException"))

    assert "ValidationException, as the test says." in error.message
    assert not error.retryable
    assert name in error.message


def test_without_a_region_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No region anywhere: the setting to give it."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent/config")

    with pytest.raises(ConfigurationError, match="THREATBOT_AWS_REGION"):
        DynamoRecords(Aws(key_id="AKIADOUBLE", secret="double"), "any").delivered("event:1")


@pytest.mark.parametrize(
    "make",
    [
        lambda aws: SqsQueue(aws, "https://local/1/any.fifo"),
        lambda aws: DynamoRecords(aws, "any"),
        lambda aws: S3Artifacts(aws, "any"),
    ],
    ids=["queue", "records", "artifacts"],
)
def test_what_is_made_before_the_first_request(make: Callable[[Aws], SqsQueue]) -> None:
    """Warming an adapter makes its client, so that a wrong setting shows at once; it asks nobody."""
    with front() as one:
        make(at(one.url)).warm()
        with pytest.raises(ConfigurationError, match="THREATBOT_AWS_ENDPOINT_URL"):
            make(at("no address")).warm()

    assert not one.asked


def test_secrets_are_not_shown() -> None:
    """What is printed of an Aws value holds neither the secret key nor the token."""
    shown = repr(Aws(region=REGION, key_id="AKIADOUBLE", secret="hush-1", token="hush-2"))

    assert "hush" not in shown


def test_a_worker_tries_again_what_storage_refused() -> None:
    """A StorageError is a DeliveryError: jobs that met one are kept and tried again."""
    error = StorageError("The DynamoDB table shop is away.", cause="unreachable")

    assert isinstance(error, DeliveryError)
    assert error.retryable
