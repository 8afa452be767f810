"""Keeps prompts and replies inside: no client logs them, no tracer sends them away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_TALKATIVE = ("langchain_aws", "langchain_core", "langchain", "langchain_openai", "langsmith", "botocore",
              "boto3", "openai", "anthropic", "httpx", "httpcore", "urllib3", "ollama")  # fmt: skip
"""Loggers of clients that write whole requests at level DEBUG, and addresses at INFO."""


@cache
def silence() -> None:
    """Hold the clients' loggers at WARNING, whatever the process logs otherwise."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def untraced() -> Iterator[None]:
    """No tracer that the environment may have switched on sees what is called in here."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        yield
