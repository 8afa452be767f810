"""What a run with a language model costs: time, calls, tokens, images and money, on a simulated Bedrock.

A system of 30 elements as a Mermaid diagram and as a picture, with a description. The model, a double that
speaks Bedrock's Converse API with 1.5 s to the first token and 60 tokens a second, writes 32 threats of its
own beside its word on the rules' candidates. Time is simulated: only waiting for the model counts.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from agent.analysts.chat.models import ChatModels
from agent.artifacts import MemoryArtifacts
from agent.domain.model import Progress, ThreatModel
from agent.domain.request import Attachment, Options, Reasoning, Request
from agent.domain.threat import Origin
from agent.graph import Task
from bot.wiring import make_agent, make_store
from tests.bedrock import tokens
from tests.bedrock.clock import SimulatedClock
from tests.bedrock.double import BedrockDouble
from tests.bedrock.records import Log, Recorded
from tests.bedrock.replies import Scripted

THREATS = 32
ZONES = 5
PARTS = ("web app", "API", "worker", "database", "queue")


def main(_: Path | None = None) -> None:
    """Print the table."""
    clock = SimulatedClock()
    with BedrockDouble(clock=clock) as bedrock:
        model, told, first, took = _run(bedrock)
        log = bedrock.log
        own = sum(t.origin is Origin.MODEL for t in model.threats)
        used = model.usage
        sent = max(log.images.values(), default=0)
        rows = [
            ("simulated seconds", f"{log.seconds:.1f}", "75"),
            ("calls deep", str(log.depth), "5"),
            ("calls", str(len(log.answered)), "–"),
            ("input tokens before caching, without images", f"{_text_in(log):,}", "60,000"),
            ("  of them read from the prompt cache", f"{used.cache_read_tokens:,}", "–"),
            ("output tokens", f"{used.output_tokens:,}", "–"),
            ("times each image was sent, at most", str(sent), "2"),
            ("cost at list prices, US dollars", "unknown" if used.cost is None else f"{used.cost:.2f}", "–"),
            ("first threats after, seconds of this machine", f"{told:.1f} ({first} threats)", "5"),
            ("seconds of this machine, waiting for the clock included", f"{took:.1f}", "–"),
        ]
    print(f"{len(model.system.elements)} elements, {len(model.system.flows)} flows, one picture; ", end="")
    print(f"{len(model.threats)} threats, {own} of them the model's own\n")
    print(f"{'what':<58} {'seen':>18} {'bar':>8}")
    for what, seen, bar in rows:
        print(f"{what:<58} {seen:>18} {bar:>8}")


def _run(bedrock: BedrockDouble) -> tuple[ThreatModel, float, int, float]:
    """The threat model; when its first threats were told, and how many; and how long all took."""
    bedrock.replying(Writer())
    models = ChatModels(bedrock.settings(), time=bedrock.time())
    artifacts = MemoryArtifacts()
    files = (("platform.mmd", diagram().encode()), ("platform.png", picture()))
    attachments = tuple(_keep(artifacts, name, content) for name, content in files)
    request = Request(
        title="Ordering platform",
        description=description(),
        attachments=attachments,
        options=Options(reasoning=Reasoning.NONE),
    )
    agent = make_agent(
        artifacts, make_store(":memory:"), None, calls=lambda _run, spent: models.for_run(spent=spent)
    )
    began, told, first = time.perf_counter(), 0.0, 0
    for event in agent.stream(Task(run="bench", model="tm-bench", revision=1, request=request)):
        if isinstance(event, Progress):
            if event.first:
                told, first = time.perf_counter() - began, len(event.first)
            continue
        return event, told, first, time.perf_counter() - began
    raise AssertionError("a run that nobody stops ends with a model")


class Writer:
    """A model that writes as much as a strong one does: its share of THREATS in each area, and two gaps."""

    def __init__(self) -> None:
        self._left = itertools.chain(range(THREATS))

    def __call__(self, request: Recorded) -> Scripted:
        """The answer to one request, by the tool that it forces."""
        match request.tool:
            case "report_system":
                return {"queries": [f"weakness of part {i} in the words of a catalogue" for i in range(10)]}
            case "report_gaps":
                return {"gaps": [_gap("E3"), _gap("E14")]}
            case _:
                return self._findings(request)

    def _findings(self, request: Recorded) -> dict[str, Any]:
        again = "gaps named by a review" in request.text
        looked_at = re.search(r"Look at: (.*) and the flows", request.last)
        parts = looked_at[1].split() if looked_at else ["E1"]
        candidates = dict.fromkeys(re.findall(r"^(C\d+)\b", request.last, re.MULTILINE))
        rejected = [{"id": c, "why": "unlikely", "reason": CLAUSE} for c in list(candidates)[:2]]
        share = 1 if again else 6
        threats = [_threat(n, parts[n % len(parts)]) for n in itertools.islice(self._left, share)]
        return {
            "confirmed": [] if again else list(candidates)[2:],
            "rejected": [] if again else rejected,
            "threats": threats,
        }


CLAUSE = "the part is reached only from inside and the data that passes there is worth little to anybody"


HARMS = ("orders", "addresses", "invoices", "refunds", "vouchers", "parcels", "ratings", "tickets")
WAYS = (
    ("changed by guessed identifiers", "send the identifiers of strangers one after the other"),
    ("read in error messages", "provoke failures and collect what their messages tell"),
    ("replayed from an old message", "record a message and send it again when it pays"),
    ("hidden by deleted entries", "remove the entries that would show what was done"),
)


def _threat(number: int, part: str) -> dict[str, Any]:
    harm, (way, does) = HARMS[number % len(HARMS)], WAYS[number // len(HARMS) % len(WAYS)]
    return {
        "title": f"{harm.capitalize()} {way} at {{{part}}}",
        "on": [part],
        "stride": ["tampering"],
        "who": "a customer with an account",
        "given": "who can read the identifiers in their own traffic",
        "does": f"{does} until {harm} come out of {{{part}}}",
        "leads_to": f"{harm} of strangers that are read and changed",
        "goals": ["confidentiality", "integrity"],
        "exposure": "internet",
        "skill": "none",
        "harm": "money",
        "data": "confidential",
        "control": "authorization",
        "quotes": ["Customers order from the web app of their zone and pay online."],
        "cites": ["CWE-639"],
        "do": [
            {"text": "check in the query itself that the order belongs to the caller", "effort": "small"},
            {"text": "log each refused access and raise an alert from ten a minute on", "effort": "small"},
        ],
    }


def _gap(part: str) -> dict[str, Any]:
    return {"area": "N1", "on": part, "stride": "repudiation", "reason": CLAUSE}


def diagram() -> str:
    """Five zones of five parts each, and five parties outside: 30 elements."""
    lines = ["flowchart LR"]
    for zone in range(ZONES):
        lines.append(f"  subgraph z{zone} [Zone {zone}]")
        lines += [f"    p{zone}{i}[{_name(zone, part)}]" for i, part in enumerate(PARTS)]
        lines.append("  end")
        lines.append(f"  c{zone}([Customer of zone {zone}]) -->|HTTPS| p{zone}0")
        lines += [f"  p{zone}0 -->|REST| p{zone}1", f"  p{zone}1 -->|SQL| p{zone}3"]
        lines += [f"  p{zone}1 -->|events| p{zone}4", f"  p{zone}4 --> p{zone}2"]
        lines.append(f"  p{zone}2 -->|REST| p{(zone + 1) % ZONES}1")
    return "\n".join(lines) + "\n"


def _name(zone: int, part: str) -> str:
    return f"{('Order', 'Payment', 'Stock', 'Delivery', 'Support')[zone]} {part}"


def description() -> str:
    """About 300 words."""
    said = ["Customers order from the web app of their zone and pay online."]
    for zone in range(ZONES):
        app, worker, store = (_name(zone, PARTS[i]) for i in (0, 2, 3))
        said.append(
            f"The {app} belongs to one team, runs in zone {zone} and is brought out once a day. The {store} "
            "keeps the names and addresses of customers for as long as the law asks for it. What the "
            f"{worker} cannot handle is tried again for a day and then told to the team."
        )
    return "\n\n".join(said)


def picture() -> bytes:
    """A picture of the usual size of a slide."""
    slide = Image.new("RGB", (1920, 1080), "white")
    draw = ImageDraw.Draw(slide)
    for zone, (i, part) in itertools.product(range(ZONES), enumerate(PARTS)):
        left, top = 40 + 370 * i, 30 + 205 * zone
        draw.rectangle((left, top, left + 300, top + 120), outline="black", width=3)
        draw.text((left + 20, top + 50), _name(zone, part), fill="black")
    kept = BytesIO()
    slide.save(kept, "PNG")
    return kept.getvalue()


def _keep(artifacts: MemoryArtifacts, name: str, content: bytes) -> Attachment:
    sha256 = hashlib.sha256(content).hexdigest()
    artifacts.put(sha256, content)
    return Attachment(name=name, key=sha256, sha256=sha256, size=len(content))


def _text_in(log: Log) -> int:
    """Input tokens of all calls as if nothing were cached, without what the images count for."""
    pictures = sum(tokens.of_block(block) for r in log.answered for block in r.blocks if "image" in block)
    return sum(r.counted.total for r in log.answered) - pictures
