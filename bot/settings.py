"""Settings: one model, and the only reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that can be set, by environment variables that start with THREATBOT_."""

    model_config = SettingsConfigDict(env_prefix="THREATBOT_", frozen=True, extra="ignore")

    slack_signing_secret: SecretStr = SecretStr("")
    """Slack app → Basic Information → Signing Secret."""
    slack_bot_token: SecretStr = SecretStr("")
    """Slack app → OAuth & Permissions → Bot User OAuth Token (xoxb-…)."""
    slack_api_url: str = "https://slack.com/api/"
    """Where the Web API answers; the local workspace and GovSlack have another."""
    slack_file_origins: tuple[str, ...] = ("https://files.slack.com", "https://slack-files.com")
    """Where uploaded files may be downloaded from, as scheme://host[:port]; nowhere else."""

    data_dir: Path = Path(".threatbot")
    """Where the embedded parts keep their files: records, queue, checkpoints, knowledge, artifacts."""
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)

    knowledge_url: str = ""
    """An OpenSearch endpoint for the knowledge base; empty keeps it in the data folder."""
    knowledge_service: Literal["", "es", "aoss"] = ""
    """Sign requests for Amazon OpenSearch Service ("es") or Serverless ("aoss")."""
    knowledge_region: str = ""
    """The AWS region of that service, and of Titan embeddings."""
    embedder: Literal["none", "local", "titan"] = "none"
    """Search by meaning as well as by words: with a model on this machine, or Titan on Bedrock."""

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
