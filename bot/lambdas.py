"""The entry points on AWS Lambda: `ingress` (HTTP API → queue) and `worker` (queue → Slack).

Lambda looks a handler up by its name while it starts the function. `__getattr__` makes the one that is asked
for then, clients and all: no request waits for them, and neither function loads what only the other needs.

    bot.lambdas.ingress     events of an API Gateway HTTP API, payload version 2.0
    bot.lambdas.worker      events of an SQS FIFO queue, with ReportBatchItemFailures

What is loaded and made here lives as long as the process. It is not searched for garbage, neither while it is
loaded, which would take a tenth of the time, nor later.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


def __getattr__(name: str) -> Handler:
    """The handler of that name, made at the first look."""
    if name not in _MAKERS:
        raise AttributeError(name)
    with _kept():
        made = _MAKERS[name]()
    globals()[name] = made
    return made


def _ingress() -> Handler:
    from bot.ingress_settings import read_ingress_settings
    from bot.lambda_ingress import IngressHandler, to_standard_output

    to_standard_output()
    return IngressHandler(read_ingress_settings())


def _worker() -> Handler:
    from bot.lambda_worker import WorkerHandler
    from bot.settings import read_settings

    return WorkerHandler(read_settings())


_MAKERS: Mapping[str, Callable[[], Handler]] = {"ingress": _ingress, "worker": _worker}


@contextmanager
def _kept() -> Iterator[None]:
    """What is made inside is no garbage, now or later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
