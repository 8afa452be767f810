"""langchain models made from settings: the only place that imports a provider's client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.analysts.chat.faults import Place, explained
from agent.analysts.chat.profiles import bare
from agent.analysts.chat.providers import BEDROCK, Provider, provider
from agent.analysts.chat.settings import ModelSettings, setting
from agent.analysts.chat.switch import check
from agent.errors import ConfigurationError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_CONNECT_SECONDS = 10.0


def ambient_region(settings: ModelSettings) -> str:
    """The region that AWS's own chain of defaults gives, as on Lambda; "" when it gives none."""
    missing: tuple[type[Exception], ...] = (ImportError, *provider(BEDROCK).catch())
    try:
        import boto3

        return str(boto3.Session(profile_name=settings.model_aws_profile or None).region_name or "")
    except missing:
        return ""  # making the client meets the same, and says what to do


def client(settings: ModelSettings, by: Provider, place: Place) -> BaseChatModel:
    """A langchain model for the place; ConfigurationError or ModelUnavailable when there can be none."""
    check(place.model, place.endpoint)
    try:
        from langchain.chat_models import init_chat_model

        parameters = _bedrock(settings, place) if by.name == BEDROCK else _other(settings, by)
        made: BaseChatModel = init_chat_model(place.model, model_provider=by.name, **parameters)
    except ImportError as error:
        extra = f"install threatbot[{by.extra}]" if by.extra else f"install the package that {error} names"
        raise ConfigurationError(
            f"The model {place.model} needs a package that is not installed: {extra}, "
            f"or name another model in {setting(place.field)}."
        ) from None
    except by.catch() as error:
        raise explained(error, "The language model", place, 1) from error
    return made


def _bedrock(settings: ModelSettings, place: Place) -> dict[str, Any]:
    client = _runtime(settings)
    wanted: dict[str, Any] = {
        "base_model_id": base(settings, place.model),
        "provider": _maker(settings, place),
    }
    if settings.model_guardrail:
        wanted["guardrail_config"] = {
            "guardrailIdentifier": settings.model_guardrail,
            "guardrailVersion": settings.model_guardrail_version,
        }
    # its client for administration is never used: the same one twice saves half of the time to begin
    return {"client": client, "bedrock_client": client, **{k: v for k, v in wanted.items() if v}}


def _runtime(settings: ModelSettings) -> Any:
    """The client of bedrock-runtime; what the settings leave open, AWS's own chain of defaults decides."""
    import boto3
    from botocore.config import Config

    session = boto3.Session(
        profile_name=settings.model_aws_profile or None,
        region_name=settings.model_region or None,
        aws_access_key_id=settings.model_aws_access_key_id.get_secret_value() or None,
        aws_secret_access_key=settings.model_aws_secret_access_key.get_secret_value() or None,
        aws_session_token=settings.model_aws_session_token.get_secret_value() or None,
    )
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=settings.model_timeout_seconds,
        retries={"total_max_attempts": 1},  # we try again ourselves, with the reason in sight
        max_pool_connections=settings.model_parallel,
    )
    return session.client("bedrock-runtime", endpoint_url=settings.model_endpoint_url or None, config=config)


def base(settings: ModelSettings, model: str) -> str:
    """The bare id behind an ARN, where the settings say it; "" for a model that is named by its id."""
    return settings.model_base if model.startswith("arn:") else ""


def _maker(settings: ModelSettings, place: Place) -> str:
    """Who makes the model behind an ARN, such as "anthropic"; "" where the id itself says it."""
    if not place.model.startswith("arn:"):
        return ""
    maker = bare(settings.model_base or place.model).partition(".")[0]
    if not settings.model_base and "application-inference-profile" in place.model:
        raise ConfigurationError(
            f"{place.model} does not say which model it stands for. "
            f"Put the bare id of that model into {setting('model_base')}."
        )
    return maker


def _other(settings: ModelSettings, by: Provider) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "base_url": settings.model_endpoint_url,
        "api_key": settings.model_api_key.get_secret_value(),
    }
    kept = {key: value for key, value in wanted.items() if value}
    if by.name in {"openai", "anthropic"}:
        kept |= {"timeout": settings.model_timeout_seconds, "max_retries": 0}
    if by.name == "openai":
        kept["stream_usage"] = True  # off by default at a server of another address
    return kept
