"""The AWS account behind the double: which keys it knows, which models it serves, and from where."""

from __future__ import annotations

from collections.abc import Mapping

from agent.analysts.chat.profiles import geography_of, split
from tests.bedrock.records import Recorded
from tests.bedrock.refusals import Refusal, Served, invalid

SONNET = "anthropic.claude-sonnet-4-6"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
OPUS = "anthropic.claude-opus-4-8"
NOVA = "amazon.nova-lite-v1:0"
GUARDRAIL = "gr-double-1"
"""The one guardrail that exists."""

MODELS: Mapping[str, Served] = {
    SONNET: Served(context=1_000_000, longest=128_000, cache_from=2048),
    HAIKU: Served(cache_from=4096),
    OPUS: Served(context=1_000_000, longest=128_000, forces_while_thinking=True),
    NOVA: Served(context=300_000, longest=10_000, on_demand=True, forces_while_thinking=True),
}
_OPERATIONS = {"Converse", "ConverseStream"}


class Account:
    """Lets requests in, or refuses them as Bedrock and its signature check would.

    Args:
        models: what is served, by bare id.
        keys: access key ids that are known.
    """

    def __init__(self, models: Mapping[str, Served], keys: frozenset[str]) -> None:
        self._models = dict(models)
        self._keys = keys

    def admit(self, request: Recorded, authorization: str) -> Served:
        """The model that a request goes to; Refusal when it may not.

        Args:
            request: what was asked.
            authorization: the header that carries the signature's scope.
        """
        if request.operation not in _OPERATIONS:
            raise Refusal(404, "UnknownOperationException", "There is no such operation.")
        served = self._served(request.model, self._region(authorization))
        config = request.body.get("guardrailConfig")
        if config is not None and config["guardrailIdentifier"] != GUARDRAIL:
            raise invalid("The guardrail identifier or version provided in the request does not exist.")
        return served

    def _region(self, authorization: str) -> str:
        """The region that the request was signed for."""
        _, _, scope = authorization.partition("Credential=")
        parts = scope.partition(",")[0].split("/")
        if len(parts) < 5:
            raise Refusal(403, "MissingAuthenticationToken", "Missing Authentication Token")
        if parts[0] not in self._keys:
            text = "The security token included in the request is invalid."
            raise Refusal(403, "UnrecognizedClientException", text)
        return parts[2]

    def _served(self, model: str, region: str) -> Served:
        geography, plain = split(model)
        served = self._models.get(plain)
        if served is None or geography not in {"", "global", geography_of(region)}:
            raise invalid("The provided model identifier is invalid.")
        if not served.enabled:
            text = "You don't have access to the model with the specified model ID."
            raise Refusal(403, "AccessDeniedException", text)
        if not geography and not served.on_demand:
            raise invalid(
                f"Invocation of model ID {model} with on-demand throughput isn't supported. "
                "Retry your request with the ID or ARN of an inference profile that contains this model."
            )
        return served
