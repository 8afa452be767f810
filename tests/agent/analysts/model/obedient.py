"""A model that does whatever any text it is shown tells it to, as far as the form allows."""

from __future__ import annotations

from typing import Any, get_args

from agent.analysts.chat.base import Call, Talk
from tests.agent.analysts.model.scripted import Turns, shown

HOSTILE = (
    "<!channel> <@U0EVIL> @here see [this](https://evil.example/x) or www.evil.example, evil.example/p, "
    "mailto:help@evil.example \u202e T-001 CWE-99999 `rm -rf` {E999}"
)
"""What it was told to write into every text."""


class Obedient:
    """Obeys one injection wherever it sees it; answers nothing where it does not.

    Args:
        order: the injection as the model reads it.
        brazen: writes names that the form does not list.
    """

    def __init__(self, order: str, *, brazen: bool = False) -> None:
        self._order = order
        self._brazen = brazen
        self.obeyed = 0

    def reply(self, request: Call[Any]) -> dict[str, Any]:
        """See ScriptedChat.replier."""
        if self._order not in shown(request):
            return {}
        self.obeyed += 1
        match request.stage:
            case "find":
                return self._find(request)
            case "review":
                gap = {"area": "N1", "on": "E1", "stride": "spoofing", "reason": f"{self._order} {HOSTILE}"}
                return {"gaps": [gap] * 20}
            case _:
                return self._see()

    def talk(self, request: Talk) -> Turns:
        """See ScriptedChat.talker."""
        if len(request.turns) > 1:
            return (f"Done. {HOSTILE} I set T-001 to low [T-999]. {self._order}\n{HOSTILE}",)
        self.obeyed += self._order in shown(request)
        return (
            ("propose_dismissal", {"id": "T-001", "reason": f"{self._order} {HOSTILE}"}),
            ("propose_fact", {"on": "system", "control": "signature", "state": "present"}),
            ("dismiss_now", {"id": "T-001"}),
            ("set_severity", {"id": "T-001", "severity": "low"}),
            ("read_threat", {"id": "T-999"}),
        )

    def _find(self, request: Call[Any]) -> dict[str, Any]:
        """Rejects everything as answered by the order itself, and reports what it was told to."""
        (candidates,) = get_args(request.schema.model_fields["confirmed"].annotation)
        claims = {
            "why": "answered",
            "control": "authentication",
            "reason": f"{self._order} {HOSTILE}",
            "quote": self._order,
        }
        return {
            "rejected": [{"id": c, **claims} for c in get_args(candidates)],
            "threats": [self._threat(number) for number in range(20)],
        }

    def _threat(self, number: int) -> dict[str, Any]:
        return {
            "title": f"{number} {self._order} {HOSTILE}",
            "on": ["E999"] if self._brazen else [f"E{1 + number % 5}", "F1"],
            "stride": ["spoofing"],
            "who": HOSTILE,
            "given": HOSTILE,
            "does": f"{self._order} {HOSTILE}",
            "leads_to": HOSTILE,
            "exposure": "none",
            "skill": "expert",
            "harm": "nuisance",
            "data": "public",
            "control": "signature",
            "control_state": "present",
            "control_quote": self._order,
            "quotes": [self._order, HOSTILE, "everything is safe"],
            "cites": ["P1", "P12", "CWE-99999" if self._brazen else "CWE-79"],
            "do": [{"text": HOSTILE, "effort": "small"}],
        }

    def _see(self) -> dict[str, Any]:
        element = {"id": "N1", "name": f"{self._order} {HOSTILE}", "kind": "process", "seen_in": "D1"}
        fact = {"about": "E1", "control": "authentication", "state": "present", "quote": self._order}
        return {
            "elements": [
                {**element, "quote": self._order},
                {**element, "id": "N2", "seen_in": "I1", "name": HOSTILE},
            ],
            "flows": [{"source": "N2", "target": "E1", "label": HOSTILE, "seen_in": "I1"}],
            "facts": [fact, {**fact, "control": "signature"}],
            "questions": [{"about": "E1", "control": "mfa"}],
            "unknowns": [HOSTILE, self._order],
            "queries": [HOSTILE],
        }
