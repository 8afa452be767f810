"""Settings: one model of everything that can be set, read from the environment.

The ingress reads its few of them without pydantic (bot.ingress_settings); nobody else reads it.
"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from agent.analysts.chat.settings import ModelSettings
from agent.errors import ConfigurationError
from bot.ingress_settings import PREFIX, IngressSettings


def _address(value: str) -> str:
    if value and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~%+-]+)*/?", value):
        raise ValueError("it must be an https address without spaces or a question mark")
    return value


class Settings(BaseSettings, ModelSettings):
    """Everything that can be set, by environment variables that start with THREATBOT_.

    What concerns language models (model_…) comes from agent.analysts.chat.settings, under the same names.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    slack_signing_secret: SecretStr = SecretStr("")
    """Slack app → Basic Information → Signing Secret."""
    slack_bot_token: SecretStr = SecretStr("")
    """Slack app → OAuth & Permissions → Bot User OAuth Token (xoxb-…)."""
    slack_client_id: str = ""
    """Slack app → Basic Information → Client ID. With it and the client secret, workspaces install the app
    themselves from /slack/install, and the bot token is not used."""
    slack_client_secret: SecretStr = SecretStr("")
    """Slack app → Basic Information → Client Secret."""
    slack_redirect_url: str = ""
    """Where Slack sends people back to after they consented: https://…/slack/oauth_redirect. Empty takes the
    first redirect URL of the Slack app."""
    slack_workspaces: str = ""
    """Which workspaces or organisations may install the app: their ids, with commas between. Empty: all that
    Slack lets."""
    secret: str = ""
    """Where these secrets lie, and model_api_key where there is one: the ARN of a secret in AWS Secrets
    Manager, or the path or ARN of a SecureString in SSM. What is there is a JSON object under these names."""
    slack_api_url: str = "https://slack.com/api/"
    """Where the Web API answers; the local workspace and GovSlack have another."""
    slack_file_origins: tuple[str, ...] = ("https://files.slack.com", "https://slack-files.com")
    """Where uploaded files may be downloaded from, as scheme://host[:port]; nowhere else."""

    data_dir: Path = Path(".threatbot")
    """Where the embedded parts keep their files: records, queue, checkpoints, knowledge, artifacts."""
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)

    queue_url: str = ""
    """An SQS FIFO queue for jobs; empty keeps them in the data folder."""
    table: str = ""
    """A DynamoDB table for records; empty keeps them in the data folder."""
    kms_key: str = ""
    """A KMS key (id, ARN or alias) for workspaces' tokens in that table; needed where workspaces install."""
    bucket: str = ""
    """An S3 bucket for diagrams, documents and exports; empty keeps them in the data folder."""
    aws_region: str = ""
    """The AWS region of these three; empty: what the AWS environment says."""
    aws_endpoint_url: str = ""
    """Where all three answer instead of AWS: a VPC endpoint, or a server that speaks their protocols."""

    knowledge_url: str = ""
    """An OpenSearch endpoint for the knowledge base; empty keeps it in the data folder."""
    knowledge_service: Literal["", "es", "aoss"] = ""
    """Sign requests for Amazon OpenSearch Service ("es") or Serverless ("aoss")."""
    knowledge_region: str = ""
    """The AWS region of that service, and of Titan embeddings."""
    embedder: Literal["none", "local", "titan"] = "none"
    """Search by meaning as well as by words: with a model on this machine, or Titan on Bedrock."""

    documents: str = ""
    """Where the company's own documents lie: a folder, or s3://bucket/prefix. Empty: there are none."""
    documents_url: Annotated[str, AfterValidator(_address)] = ""
    """The https address below which people open them, under the same paths; empty: answers name them without
    a link."""

    analyst: Literal["rules", "model"] = "rules"
    """Who proposes: "rules" asks no language model; "model" adds the model analyst to the rules."""
    transcripts: bool = False
    """Keep what was said to and by the language model as an artifact of each run."""
    retention_days: int = Field(default=365, ge=1)
    """After how many days without a change a threat model and all that belongs to it are forgotten."""

    stage: str = ""
    """What metrics are told apart by, such as "prod"."""
    traces: bool = False
    """Send traces of jobs to AWS X-Ray, on Lambda."""

    workers: int = Field(default=4, ge=1, le=64)
    """How many models one process works on at the same time."""
    lease_seconds: float = Field(default=30.0, gt=0)
    """After how long without a heartbeat a job is taken to be abandoned."""
    attempts: int = Field(default=4, ge=1)
    """How often a job is tried before it goes to the dead letters."""
    progress_seconds: float = Field(default=3.0, ge=0)
    """The shortest time between two updates of one progress message."""
    threats_budget: int = Field(default=25, ge=1, le=500)
    """How many threats are shown before a person asks for the rest."""
    allow_guests: bool = False
    """Let guests start and judge threat models."""
    allow_external: bool = False
    """Let people of other organisations do so, and work in shared channels."""

    @property
    def ingress(self) -> IngressSettings:
        """The part that the ingress needs."""
        return IngressSettings(**{f.name: _plain(getattr(self, f.name)) for f in fields(IngressSettings)})

    @property
    def models(self) -> ModelSettings:
        """The part that concerns language models."""
        return ModelSettings(**{name: getattr(self, name) for name in ModelSettings.model_fields})


def read_settings() -> Settings:
    """What the environment says; ConfigurationError, with the variable's name, for a value that is none."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        name = PREFIX + str(wrong["loc"][0]).upper()
        raise ConfigurationError(f"{name} cannot be used: {wrong['msg']}.") from error
    except SettingsError as error:  # a list that is no JSON
        field = next(name for name in Settings.model_fields if f'"{name}"' in str(error))
        raise ConfigurationError(
            f"{PREFIX}{field.upper()} cannot be used: it must be a JSON list."
        ) from error


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
