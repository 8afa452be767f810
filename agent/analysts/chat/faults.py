"""What a failed call means, and the sentence that says what to change. The table is faults.yaml."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from agent.analysts.chat.settings import setting
from agent.domain.base import Value
from agent.errors import AnalystError, ModelUnavailable

_DETAIL = 300
"""Characters of the service's own words that a person is shown."""


class Fault(Value):
    """One way to fail, as faults.yaml explains it."""

    cause: str
    types: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    says: str = ""
    again: bool = False
    lasting: bool = False
    setting: str
    sentence: str

    def fits(self, names: frozenset[str], codes: frozenset[str], text: str) -> bool:
        """Whether an error with these class names, codes and words is of this kind."""
        return (
            (not self.types or not names.isdisjoint(self.types))
            and (not self.codes or not codes.isdisjoint(self.codes))
            and (not self.says or re.search(self.says, text, re.IGNORECASE) is not None)
        )


class Place(Value):
    """Where a call went, for the sentence."""

    model: str
    provider: str
    """As a sentence may begin with it, such as "Amazon Bedrock"."""
    field: str
    """The field of the settings that names the model."""
    region: str = ""
    endpoint: str = ""


@cache
def faults() -> tuple[Fault, ...]:
    """All kinds, in the order they are tried; the last takes every error."""
    text = files("agent.analysts.chat").joinpath("faults.yaml").read_text(encoding="utf-8")
    return tuple(Fault.load(entry) for entry in yaml.safe_load(text)["faults"])


def fault_of(error: BaseException) -> Fault:
    """What kind of failure an error of a provider's client is; looks at what caused it as well."""
    chain = _chain(error)
    names = frozenset(c.__name__ for e in chain for c in type(e).__mro__)
    codes = frozenset(code for e in chain for code in _codes(e))
    text = "\n".join(str(e) for e in chain)
    return next(f for f in faults() if f.fits(names, codes, text))


def wait_of(error: BaseException) -> float | None:
    """The seconds that the provider asks to wait (Retry-After), when it says so in seconds."""
    for link in _chain(error):
        headers = _headers(link)
        value = str(headers.get("retry-after", ""))
        if value.replace(".", "", 1).isdigit():
            return float(value)
    return None


def explained(error: BaseException, branch: str, place: Place, attempts: int) -> AnalystError:
    """The error to raise: its message names the branch, what happened and the setting to change."""
    fault = fault_of(error)
    name = setting(place.field if fault.setting == "role" else fault.setting)
    where = f"the endpoint of {place.provider}"
    sentence = fault.sentence.format(
        model=place.model,
        provider=place.provider,
        region=place.region or "the region of the AWS environment",
        endpoint=place.endpoint or (f"{where} in {place.region}" if place.region else where),
        setting=name,
        tries="once" if attempts == 1 else f"{attempts} times in a row",
        detail=_detail(error),
    )
    message = f"{branch}: {sentence}"
    if fault.lasting:
        return ModelUnavailable(message, cause=fault.cause, setting=name)
    return AnalystError(message)


def _chain(error: BaseException) -> tuple[BaseException, ...]:
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in found:
        found.append(link)
        link = link.__cause__
    return tuple(found)


def _codes(error: BaseException) -> tuple[str, ...]:
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    status = getattr(error, "status_code", "")
    own = getattr(error, "code", "")
    return tuple(str(c) for c in (code, status, own) if c)


def _headers(error: BaseException) -> dict[str, Any]:
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        headers: dict[str, Any] = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return headers
    return dict(getattr(response, "headers", None) or {})


def _detail(error: BaseException) -> str:
    response = getattr(error, "response", None)
    words = response.get("Error", {}).get("Message", "") if isinstance(response, dict) else ""
    text = " ".join(str(words or error).split())
    cut = text if len(text) <= _DETAIL else text[: _DETAIL - 1] + "…"
    return cut if cut.endswith((".", "…", "!")) else f"{cut}."
