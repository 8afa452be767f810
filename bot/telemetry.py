"""What the worker on Lambda says about itself: log lines with the ids of what it does, and metrics in EMF.

Ids, kinds, counts and durations; never what people wrote, drew or were told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from agent.domain.verdict import VerdictKind

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from agent.domain.verdict import Verdict
    from bot.jobs import Claim

NAMESPACE = "Threatbot"


class Telemetry:
    """Logs and metrics of one function.

    Args:
        stage: the dimension by which metrics are told apart.
    """

    def __init__(self, stage: str) -> None:
        self.log = Logger(service="threatbot")  # the parent of every logger of ours
        self._metrics = Metrics(namespace=NAMESPACE, service="worker")
        self._metrics.set_default_dimensions(stage=stage or "none")

    @contextmanager
    def about(self, claim: Claim, message: str, request: str) -> Iterator[None]:
        """While the block lasts, log lines say which delivery, job, run and try they are about."""
        job = claim.job
        known = {
            "delivery": job.id,
            "job": job.kind,
            "model": job.model,
            "run": f"run:{job.id}",
            "attempt": claim.attempt,
            "sqs_message": message,
            "request": request,
        }
        with self.log.append_context_keys(**known):
            yield

    def count(self, name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
        """One more value of a metric."""
        self._metrics.add_metric(name=name, unit=unit, value=value)

    def seconds(self, name: str, value: float) -> None:
        """One more duration."""
        self.count(name, round(value, 3), MetricUnit.Seconds)

    def run(self, model: ThreatModel, seconds: float) -> None:
        """A run has ended with a threat model, after so many seconds in this function."""
        self.count("Runs")
        self.count("PartialRuns", int(model.partial))
        self.seconds("RunSeconds", seconds)
        self.count("ModelCalls", model.usage.calls)
        self.count("Tokens", model.usage.tokens)
        if model.usage.cost is not None:
            self.count("Cost", round(model.usage.cost, 4), MetricUnit.NoUnit)  # US dollars

    def verdict(self, verdict: Verdict) -> None:
        """A verdict was kept; accepted ÷ (accepted + dismissed) is the acceptance rate."""
        self.count("Verdicts")
        if verdict.kind is VerdictKind.STATUS:
            self.count("Accepted", int(verdict.after == "accepted"))
            self.count("Dismissed", int(verdict.after == "dismissed"))

    def flush(self) -> None:
        """Write the metrics since the last time, if there are any."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()


def traced(handler: Any) -> Any:
    """The handler, with a trace in AWS X-Ray of each call and of the calls to AWS in it; no content."""
    from aws_lambda_powertools import Tracer

    tracer = Tracer(service="threatbot", patch_modules=("botocore",))
    return tracer.capture_lambda_handler(handler, capture_response=False, capture_error=False)
