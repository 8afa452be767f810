"""Nothing heavy is imported before a model is made."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("langchain", "langchain_core", "langchain_aws", "langsmith", "boto3", "botocore", "openai", "httpx")
LOOK = """
import sys
import agent.analysts.chat.base, agent.analysts.chat.calls, agent.analysts.chat.models
print(*(name for name in {heavy!r} if name in sys.modules))
"""


def test_the_package_is_light() -> None:
    """Importing the calls and the models brings no client library: making a model does."""
    found = subprocess.run(
        [sys.executable, "-c", LOOK.format(heavy=HEAVY)], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
