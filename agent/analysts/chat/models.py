"""The language models of a process: made once at their first use, and shared by every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from agent.analysts.chat.base import Role
from agent.analysts.chat.budget import Budget, Ledger
from agent.analysts.chat.families import Family, family_of
from agent.analysts.chat.faults import Place, explained
from agent.analysts.chat.pacing import Pace, Time
from agent.analysts.chat.prices import Price, price_of
from agent.analysts.chat.profiles import bare, profiled
from agent.analysts.chat.providers import BEDROCK, Provider, named, provider
from agent.analysts.chat.quiet import silence
from agent.analysts.chat.settings import ModelSettings, setting
from agent.analysts.chat.switch import check
from agent.domain.usage import Usage
from agent.errors import ConfigurationError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.analysts.chat.calls import RunCalls

_CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Model:
    """One model, ready to be called."""

    chat: BaseChatModel
    place: Place
    family: Family
    provider: Provider
    price: Price | None
    """None: not known."""
    pace: Pace
    structured: str = "tool"
    """See ModelSettings.model_structured."""

    @cached_property
    def catch(self) -> tuple[type[Exception], ...]:
        """What a call may end in."""
        return self.provider.catch()

    @property
    def streams(self) -> bool:
        """Whether replies come in pieces even when they fill a tool."""
        return self.provider.name == BEDROCK and not self.chat.disable_streaming


@dataclass
class ChatModels:
    """Makes models from settings, one object a process.

    Args:
        settings: which models, where, and the limits.
        time: clock, sleep and chance; the real ones by default.
        given: models that are already made, by name, instead of making them: scripted ones, in tests.
    """

    settings: ModelSettings
    time: Time = Time()  # noqa: RUF009 - a frozen value
    given: Mapping[str, BaseChatModel] = field(default_factory=dict)
    _made: dict[str, Model] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def for_run(self, budget: Budget | None = None, spent: Usage | None = None) -> RunCalls:
        """The calls of one run.

        Args:
            budget: what the run may use; by default what the settings give.
            spent: what an earlier part of the run has used, when it goes on after an interruption.
        """
        from agent.analysts.chat.calls import RunCalls

        return RunCalls(self, Ledger(budget or Budget.of(self.settings), self.time.now, spent))

    def model(self, role: Role) -> Model:
        """The model of this role.

        ConfigurationError when the settings do not make sense or a package is missing; ModelUnavailable when
        the credentials or the region are.
        """
        name = self.settings.name_of(role)
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name, self.settings.field_of(role))
            return self._made[name]

    def _make(self, name: str, named_by: str) -> Model:
        s = self.settings
        kind, id_ = named(name)
        by = provider(kind)
        region = ""
        if kind == BEDROCK:
            region = s.model_region or ("" if name in self.given else _ambient_region(s))
            id_ = profiled(id_, s.model_inference_profile, region)
        place = Place(
            model=id_,
            provider=by.title or kind,
            field=named_by,
            region=region,
            endpoint=s.model_endpoint_url,
        )
        known = _base(s, id_) or id_
        silence()
        return Model(
            chat=self.given[name] if name in self.given else _client(s, by, place),
            place=place,
            family=family_of(known),
            provider=by,
            price=price_of(known),
            pace=Pace(s, self.time),
            structured=s.model_structured,
        )


def _ambient_region(settings: ModelSettings) -> str:
    """The region that AWS's own chain of defaults gives, as on Lambda; "" when it gives none."""
    try:
        import boto3  # type: ignore[import-untyped]  # no stubs

        return str(boto3.Session(profile_name=settings.model_aws_profile or None).region_name or "")
    except (ImportError, *provider(BEDROCK).catch()):
        return ""  # making the client meets the same, and says what to do


def _client(settings: ModelSettings, by: Provider, place: Place) -> BaseChatModel:
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
        "base_model_id": _base(settings, place.model),
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
    import boto3  # type: ignore[import-untyped]  # no stubs
    from botocore.config import Config  # type: ignore[import-untyped]  # no stubs

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


def _base(settings: ModelSettings, model: str) -> str:
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
