"""Which models, where, and how hard they may be driven: the part of the settings that this package reads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from agent.analysts.chat.base import Role
from agent.domain.base import Value

PREFIX = "THREATBOT_"
"""What stands before a field's name, in capitals, where a person sets it."""

DEFAULT_MODEL = "anthropic.claude-sonnet-4-6"


def setting(field: str) -> str:
    """How a person sets the field: THREATBOT_MODEL_REGION for "model_region"."""
    return PREFIX + field.upper()


class ModelSettings(Value):
    """Everything about language models that can be set; field names are those of bot.settings.

    A model's name is an Amazon Bedrock model id or inference profile ARN, or "provider:model" as
    langchain's init_chat_model takes it, such as "openai:gpt-4.1" or "ollama:llama3.2:3b".
    """

    model_thinking: str = DEFAULT_MODEL
    """Finds, reviews and answers."""
    model_seeing: str = ""
    """Reads images; empty: the thinking one."""
    model_small: str = ""
    """Short tasks; empty: the thinking one."""

    model_region: str = ""
    """The AWS region that Bedrock is called in; empty: what the AWS environment says."""
    model_inference_profile: str = "auto"
    """The geography put before a Bedrock model id that has none: us, eu, apac, jp, au, global. "auto" takes
    the region's own where there is one, else global; "none" calls the bare id, on demand."""
    model_base: str = ""
    """The bare id of the model behind an inference profile ARN."""
    model_endpoint_url: str = ""
    """Where the provider answers: a VPC endpoint of bedrock-runtime, or an OpenAI-compatible server."""
    model_api_key: SecretStr = SecretStr("")
    """For providers that take one; Bedrock goes by AWS credentials."""
    model_aws_profile: str = ""
    """A profile of the shared AWS configuration; empty: the default credential chain (a role, on AWS)."""
    model_aws_access_key_id: SecretStr = SecretStr("")
    model_aws_secret_access_key: SecretStr = SecretStr("")
    model_aws_session_token: SecretStr = SecretStr("")
    model_guardrail: str = ""
    """The id or ARN of a Bedrock guardrail that every call passes; empty: none."""
    model_guardrail_version: str = "DRAFT"
    model_structured: Literal["tool", "json_schema"] = "tool"
    """How an answer is held to its schema: by one forced tool, or by the server's JSON-schema output, for
    OpenAI-compatible servers of small models that cannot call tools."""

    model_parallel: int = Field(default=8, ge=1, le=64)
    """Calls to one model at the same time, in one process."""
    model_requests_per_minute: int = Field(default=100, ge=0)
    """Calls to one model a minute, in one process; 0: no limit of our own."""
    model_tokens_per_minute: int = Field(default=200_000, ge=0)
    """Tokens, in and out, to one model a minute, in one process; 0: no limit of our own."""
    model_timeout_seconds: float = Field(default=180.0, gt=0)
    """How long a call may stay silent."""
    model_attempts: int = Field(default=5, ge=1, le=20)
    """How often a call is tried when the provider throttles or fails for a moment."""

    model_budget_calls: int = Field(default=60, ge=1)
    """Calls a run, repairs included."""
    model_budget_tokens: int = Field(default=1_000_000, ge=1)
    """Tokens a run, in and out, cached ones included."""
    model_budget_seconds: float = Field(default=900.0, gt=0)
    """From a run's first call to the start of its last."""
    model_budget_usd: float = Field(default=5.0, gt=0)
    """US dollars a run, at list prices; a model whose price is not known counts as nothing here."""

    def name_of(self, role: Role) -> str:
        """The name of the model that has this role."""
        named = {Role.SEEING: self.model_seeing, Role.SMALL: self.model_small}
        return named.get(role, "") or self.model_thinking

    def field_of(self, role: Role) -> str:
        """The field that names the model of this role."""
        own = f"model_{role.value}"
        return own if getattr(self, own) else "model_thinking"
