"""Grows workers that a test can kill: imports everything once, then forks a worker for every line it reads.

Speaks over its standard streams: a line of settings as JSON first; then, for every further line, the process
id of a new worker.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import agent.conversation
import agent.resumable
import bot.wiring
import knowledge.corpora.starter
import knowledge.stores.sqlite
from agent.analysts import rules
from bot.server import make_worker
from bot.settings import Settings

_WARM = (
    agent.conversation,
    agent.resumable,
    bot.wiring,
    knowledge.corpora.starter,
    knowledge.stores.sqlite,
    rules,
)


def work(settings: Settings) -> None:
    """Do jobs until killed; what the parent speaks over is not the child's to hold."""
    for stream in (0, 1):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    make_worker(settings, bot.wiring.make_services(settings)).start()
    while True:
        time.sleep(60)


def main() -> None:
    """Fork a worker for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    settings = Settings.model_validate(json.loads(sys.stdin.readline()))
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            work(settings)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
