"""A real OpenSearch on this machine, started by scripts/opensearch."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from knowledge.stores.opensearch_client import Endpoint
from tests.ports import free_port

STARTER = Path(__file__).resolve().parent.parent / "scripts" / "opensearch"
NEEDED = ("javac", "mvn")
INSTALL = "install a JDK, version 17 or newer, and Maven (openjdk-17-jdk-headless, maven)"


def found() -> str | None:
    """What the starter needs, when all of it is there."""
    return " and ".join(NEEDED) if all(shutil.which(tool) for tool in NEEDED) else None


class Node:
    """One node with its data in `folder`; it keeps its port and its data when it is started again."""

    def __init__(self, folder: Path, heap: str = "512m") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._heap = heap
        self._process: subprocess.Popen[bytes] | None = None

    def endpoint(self, url: str = "") -> Endpoint:
        """This node, or what stands in front of it; patient, because tests share a machine."""
        return Endpoint(url=url or self.url, timeout=60)

    def start(self) -> None:
        """Start it, fetching it first where nobody has; returns when every index can be read."""
        options = ["--port", str(self.port), "--data", str(self._folder), "--heap", self._heap]
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen([STARTER, *options], stdout=output, stderr=output)
        while not self._ready():
            said = (self._folder / "output.txt").read_text("utf-8", "replace")
            assert self._process.poll() is None, f"OpenSearch did not start:\n{said[-3000:]}"
            time.sleep(0.2)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/_cluster/health", timeout=5) as answer:  # noqa: S310 - ours
                health = json.load(answer)
        except (urllib.error.URLError, OSError):
            return False
        return health["status"] in {"green", "yellow"} and not health["initializing_shards"]

    def kill(self) -> None:
        """SIGKILL: no time to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, as the starter promises to understand; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        os.kill(self._process.pid, how)
        return self._process.wait(60)
