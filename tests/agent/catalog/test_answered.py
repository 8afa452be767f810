"""What the description answers is heard: controls that answer or ease a threat, and what is quoted for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.analysts.areas import split
from agent.analysts.base import Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.catalog.controls import Reach, load_controls
from agent.catalog.patterns import Pattern, load_patterns
from agent.catalog.vocabulary import ControlName
from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.request import Methodology, Options, Request
from agent.domain.system import Control, Element, ElementKind, Evidence, EvidenceKind, Flow, Known, System
from agent.domain.threat import Severity, Threat
from agent.merge import merge
from agent.risk import is_answered
from agent.understanding.understand import understand
from tests.sketching import sketch, traits_of

ROOT = Path(__file__).parents[3]
PATTERNS = {p.id: p for p in load_patterns()}
EXAMPLES = sorted(p.parent.name for p in (ROOT / "examples").glob("*/description.md"))
SOFTWARE = ("update-", "boot-", "firmware-", "enclave-", "token-")

WORKSHOP = b"""flowchart LR
    clerk([Clerk]) --> desk[Parcel desk]
    locker[Parcel locker] <-->|MQTT| hub[Locker hub]
    desk --> hub
    locker -->|HTTPS, download image| images[(Firmware bucket)]
    desk -->|HTTPS, upload image| images
    hub --> db[(Parcels database)]
"""
LOCKERS = "Each parcel locker is a device that installs new firmware from the firmware bucket."


@cache
def cases() -> dict[str, dict[str, Any]]:
    """Every pattern's system, by the pattern's id."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((ROOT / "tests" / "cases" / "patterns").glob("*.yaml")):
        found |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def stated(of: str) -> list[tuple[str, str]]:
    """Each pattern that has a case, with each control that answers or eases it."""
    known = (p for p in load_patterns() if p.id in cases())
    return [(p.id, c.value) for p in known for c in (p.answered_by if of == "answer" else p.eased_by)]


def proposed(
    system: System, *patterns: Pattern, methodology: Methodology = Methodology.STRIDE
) -> list[Threat]:
    """What the patterns, or all of the catalog, find."""
    request = Request(title="Sketch", options=Options(methodology=methodology))
    analyst = RulesAnalyst(patterns=patterns or None, traits_of=traits_of if patterns else None)
    briefs = (Brief(request=request, system=system, area=area) for area in split(system))
    return [t for brief in briefs for t in analyst.find(brief).threats]


def alone(system: System, pattern: Pattern) -> list[Threat]:
    """What one pattern finds, by a methodology of its own."""
    return proposed(system, pattern, methodology=next(m for m in Methodology if m in pattern.categories))


def stating(system: System, control: str) -> System:
    """The system with the control stated of every part."""
    said = Evidence(kind=EvidenceKind.DESCRIPTION, quote="It is there.", source="description")
    more = (Control(name=control, state=Known.YES, evidence=said),)
    return system.model_copy(
        update={
            "elements": tuple(
                e.model_copy(update={"controls": (*_others(e.controls, control), *more)})
                for e in system.elements
            ),
            "flows": tuple(
                f.model_copy(update={"controls": (*_others(f.controls, control), *more)})
                for f in system.flows
            ),
        }
    )


def _others(controls: tuple[Control, ...], control: str) -> tuple[Control, ...]:
    return tuple(c for c in controls if c.name != control)


def lockers(*sentences: str) -> System:
    """The parcel lockers with a description."""
    fragment = read_file(SourceFile(name="lockers.mmd", content=WORKSHOP))
    return understand("Lockers", [fragment], read_prose(" ".join((LOCKERS, *sentences))))


def ranked(system: System) -> tuple[Threat, ...]:
    """The whole list for the system, as it is shown."""
    request = Request(title="Sketch")
    analyst = RulesAnalyst()
    found = [analyst.find(Brief(request=request, system=system, area=a)) for a in split(system)]
    return merge([Findings(area=f.area, threats=f.threats, questions=f.questions) for f in found], system)[0]


def about_software(threats: tuple[Threat, ...]) -> list[Threat]:
    """The threats on how software is brought to devices."""
    return [t for t in threats if t.pattern.startswith(SOFTWARE)]


def controls_of(system: System) -> set[tuple[str, str]]:
    """Every control that is stated or denied of some part."""
    parts: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
    return {(c.name, c.state.value) for part in parts for c in part.controls}


@pytest.mark.parametrize(("id_", "control"), stated("answer"))
def test_a_stated_control_that_answers_a_threat_ends_it_or_leaves_it_low(id_: str, control: str) -> None:
    """With any of its answering controls stated, a threat is gone, or kept as a control to test."""
    threats = alone(stating(sketch(cases()[id_]["fires"]), control), PATTERNS[id_])
    assert all(is_answered(t) and t.likelihood.score == 1 for t in threats)


@pytest.mark.parametrize(("id_", "control"), stated("ease"))
def test_a_stated_control_that_eases_a_threat_makes_it_less_likely(id_: str, control: str) -> None:
    """With an easing control stated, the likelihood names it and goes down unless it was the least."""
    system = sketch(cases()[id_]["fires"])
    before = max(t.likelihood.score for t in alone(system, PATTERNS[id_]))
    after = alone(stating(system, control), PATTERNS[id_])
    assert all(t.likelihood.score < before or before == 1 for t in after)
    assert all(any(f.name == "eased" for f in t.likelihood.factors) or is_answered(t) for t in after)


SAID = [
    (ControlName.UPDATE_SIGNING, "Firmware is signed by the vendor.", "Firmware is not signed."),
    (
        ControlName.UPDATE_SIGNING,
        "The locker accepts only signed firmware.",
        "Unsigned firmware is accepted.",
    ),
    (
        ControlName.ROLLBACK_PROTECTION,
        "The locker refuses firmware older than the installed one.",
        "Older firmware can be installed again.",
    ),
    (ControlName.ROLLBACK_PROTECTION, "A monotonic counter keeps old images out.", "Downgrades are allowed."),
    (ControlName.METADATA_EXPIRY, "Update metadata expires after a week.", "Update metadata never expires."),
    (ControlName.SECURE_BOOT, "The locker starts with secure boot.", "There is no secure boot."),
    (ControlName.KEY_CUSTODY, "The signing key is kept in an HSM.", "The signing key lies on a laptop."),
    (
        ControlName.THRESHOLD_SIGNING,
        "Two of three engineers must sign a release.",
        "A single engineer signs the release.",
    ),
    (ControlName.STAGED_ROLLOUT, "Firmware is rolled out in stages.", "All devices are updated at once."),
    (
        ControlName.UPDATE_FALLBACK,
        "The locker falls back to the previous image.",
        "There is no recovery image.",
    ),
    (ControlName.DEBUG_LOCK, "JTAG is disabled in production.", "The debug port is open."),
    (
        ControlName.TAMPER_RESISTANCE,
        "The chip is hardened against side channels.",
        "The chip has no tamper detection.",
    ),
    (
        ControlName.REDIRECT_ALLOWLIST,
        "Redirect URIs are matched exactly.",
        "Redirect URIs contain wildcards.",
    ),
    (ControlName.PKCE, "Every client uses PKCE.", "Clients do not use PKCE."),
    (
        ControlName.TOKEN_BINDING,
        "Tokens are bound to the client with DPoP.",
        "Only bearer tokens only are used.",
    ),
    (
        ControlName.ADMISSION_CONTROL,
        "An admission controller refuses other images.",
        "There is no admission controller.",
    ),
    (ControlName.POD_SECURITY, "Privileged pods are refused.", "The cluster runs privileged pods."),
    (ControlName.PROVENANCE, "Provenance is verified before deployment.", "Provenance is not verified."),
    (ControlName.BUILD_ISOLATION, "Builds run on ephemeral runners.", "Builds share a machine."),
    (
        ControlName.END_TO_END_ENCRYPTION,
        "Messages are encrypted end to end.",
        "The servers can read messages.",
    ),
    (ControlName.KEY_VERIFICATION, "Users compare safety numbers.", "There is no key verification."),
    (
        ControlName.ROTATING_IDENTIFIERS,
        "Identifiers change every ten minutes.",
        "The beacon sends a static identifier.",
    ),
    (ControlName.WITNESSES, "Witnesses cosign each tree head.", "There are no witnesses."),
    (ControlName.CONSENT, "We ask for consent.", "We do not ask for consent."),
    (ControlName.PRIVACY_NOTICE, "The privacy notice lists every recipient.", "There is no privacy notice."),
    (ControlName.PSEUDONYMISATION, "IDs are pseudonymised.", "Records are not pseudonymised."),
    (
        ControlName.SUBJECT_RIGHTS,
        "People can see, correct and delete their records.",
        "There is no way to delete an account.",
    ),
    (
        ControlName.PROCESSING_AGREEMENT,
        "A DPA is signed with them.",
        "There is no data processing agreement.",
    ),
    (ControlName.DATA_RESIDENCY, "Data stays in the EU.", "Data leaves the EU."),
]


@pytest.mark.parametrize(("control", "stated", "denied"), SAID)
def test_a_control_of_the_whole_system_is_heard(control: ControlName, stated: str, denied: str) -> None:
    """A sentence that states it counts though it names no part, and so does one that denies it."""
    assert (control.value, "yes") in controls_of(lockers(stated))
    assert (control.value, "no") in controls_of(lockers(denied))


@pytest.mark.parametrize(
    "sentence",
    [
        "We plan to sign firmware next year.",
        "Firmware should be signed by the vendor.",
        "Newer lockers have secure boot, the older ones do not.",
        "Is firmware signed by the vendor?",
        "Firmware images should all be signed and checked.",
        "Admission control is a key area for whoever runs a cluster.",
        "Rooms may have end-to-end encryption, which is optional.",
        "Keys for end-to-end encryption are kept per device.",
        "Block Public Access gives an account control over its buckets.",
        "You can use object lock to store objects once.",
        "Release notes are signed off by the product owner.",
        "Users who are signed in update their profile.",
        "Customers sign in to release a parcel.",
    ],
)
def test_a_wish_a_question_and_half_a_fleet_state_nothing(sentence: str) -> None:
    """What is planned, asked, or true of some devices only answers no threat."""
    stated = {name for name, state in controls_of(lockers(sentence)) if state == "yes"}
    assert stated <= {"signature", "authentication", "backup"}


@pytest.mark.parametrize(
    ("control", "text"),
    [
        (ControlName.HARDWARE_KEYS, "The parcel locker keeps its key in a secure element."),
        (ControlName.ATTESTATION, "The parcel locker proves its state by remote attestation."),
        (ControlName.IMMUTABLE_STORAGE, "The firmware bucket has object lock."),
        (ControlName.PUBLIC_ACCESS_BLOCK, "Public access is blocked for all buckets."),
        (ControlName.CSRF_PROTECTION, "The parcel desk checks the state parameter."),
        (ControlName.MESSAGE_VALIDATION, "The locker hub checks DKIM and DMARC."),
        (ControlName.HUMAN_APPROVAL, "The parcel desk requires a touch of the key."),
        (ControlName.MFA, "The parcel locker is protected by a PIN."),
        (ControlName.SECRETS_MANAGEMENT, "The keys of the parcel desk never leave the HSM."),
    ],
)
def test_a_control_of_one_part_is_heard(control: ControlName, text: str) -> None:
    """Controls that belong to a part are kept where the sentence says."""
    assert (control.value, "yes") in controls_of(lockers(text))


def test_a_sentence_of_which_a_part_counts_is_not_said_to_change_nothing() -> None:
    """What could be placed of a sentence counts, and nobody is told otherwise."""
    system = lockers("Keys are rotated and never leave the HSM.")
    assert ("secrets_management", "yes") in controls_of(system)
    assert not [a for a in system.assumptions if "changes nothing" in a.text]


def test_a_control_of_the_whole_system_that_parts_disagree_on_answers_nothing() -> None:
    """Stated of one part and denied of another, it counts only where it is stated."""
    said = Evidence(kind=EvidenceKind.DESCRIPTION, quote="It is said.", source="description")
    yes = Control(name=ControlName.SECURE_BOOT.value, state=Known.YES, evidence=said)
    no = Control(name=ControlName.SECURE_BOOT.value, state=Known.NO, evidence=said)
    system = sketch(
        "[Bootloader: service]\n[Main app: service]\n> The bootloader loads the image from flash."
    )
    loader, app = system.elements
    both = system.model_copy(update={"elements": (loader, app.model_copy(update={"controls": (yes,)}))})
    split_ = system.model_copy(
        update={
            "elements": (
                loader.model_copy(update={"controls": (no,)}),
                app.model_copy(update={"controls": (yes,)}),
            )
        }
    )
    pattern = PATTERNS["boot-unsigned"]
    assert is_answered(alone(both, pattern)[0])
    assert not is_answered(alone(split_, pattern)[0])


def test_the_question_about_such_a_control_is_about_the_whole_system() -> None:
    """One answer decides it for every part, so it is asked once and of nobody in particular."""
    request = Request(title="Sketch")
    system = lockers()
    questions = [
        q
        for a in split(system)
        for q in RulesAnalyst().find(Brief(request=request, system=system, area=a)).questions
    ]
    asked = [q for q in questions if q.fact == "control:update_signing"]
    assert {q.about for q in asked} == {""}


def test_signed_images_answer_foreign_software_and_leave_the_rollback() -> None:
    """Whoever says that devices check signatures is asked about old versions, not about foreign ones."""
    before = {t.pattern: t for t in ranked(lockers())}
    after = {t.pattern: t for t in ranked(lockers("Firmware is signed and the locker checks the signature."))}
    assert before["update-arbitrary-software"].severity is Severity.HIGH
    assert after["update-arbitrary-software"].severity is Severity.LOW
    assert "update-rolled-back" not in before
    assert after["update-rolled-back"].severity is Severity.HIGH


def test_a_refusal_of_old_versions_answers_the_rollback() -> None:
    """The sentence that an engineer would write takes the threat off the list."""
    signed = "Firmware is signed and the locker checks the signature."
    said = lockers(signed, "The locker refuses firmware older than the installed one.")
    assert "update-rolled-back" in {t.pattern for t in ranked(lockers(signed))}
    assert "update-rolled-back" not in {t.pattern for t in ranked(said)}


def quoted_against(threat: Threat, system: System) -> list[str]:
    """Sentences quoted for the threat that state a control which answers or eases it."""
    pattern = PATTERNS[threat.pattern]
    against = {c.value for c in (*pattern.answered_by, *pattern.eased_by)}
    quotes = {e.quote for e in threat.evidence if e.kind is EvidenceKind.DESCRIPTION}
    return [r.quote for r in system.remarks if r.quote in quotes and not against.isdisjoint(r.controls)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_example_quotes_a_control_for_the_threat_that_it_answers(example: str) -> None:
    """In the whole list of an example, what speaks against a threat is never given as its reason."""
    folder = ROOT / "examples" / example
    drawn = [read_file(SourceFile(p.name, p.read_bytes())) for p in sorted(folder.glob("*.mmd"))]
    said = read_prose((folder / "description.md").read_text(encoding="utf-8"))
    system = understand(example, drawn, said)
    threats = ranked(system)
    assert threats
    assert not [(t.title, q) for t in threats if not is_answered(t) for q in quoted_against(t, system)]


@pytest.mark.parametrize("id_", sorted(set(PATTERNS) & set(cases())))
def test_no_pattern_quotes_a_control_that_answers_or_eases_it(id_: str) -> None:
    """A sentence that makes a pattern fit and states such a control as well is not quoted for it."""
    pattern = PATTERNS[id_]
    controls = tuple(c.value for c in (*pattern.answered_by, *pattern.eased_by))
    system = sketch(cases()[id_]["fires"])
    remarks = tuple(
        r.model_copy(update={"controls": controls, "about": r.about or ("elsewhere",)})
        for r in system.remarks
    )
    threats = alone(system.model_copy(update={"remarks": remarks}), pattern)
    quotes = {e.quote for t in threats for e in t.evidence}
    assert threats
    assert not controls or quotes.isdisjoint(r.quote for r in remarks)


def test_a_remark_knows_what_it_states() -> None:
    """A sentence carries the controls that it states to be there, and none that it denies."""
    system = lockers("Firmware is signed by the vendor.", "The debug port is open.")
    signed = next(r for r in system.remarks if "signed" in r.quote)
    denied = next(r for r in system.remarks if "debug" in r.quote)
    assert ControlName.UPDATE_SIGNING.value in signed.controls
    assert denied.controls == ()


def test_updates_are_installed_by_what_runs_and_served_by_what_serves() -> None:
    """No store installs, starts or loads software, and no device is a source of updates."""
    system = lockers("The locker starts with a bootloader.", "Firmware is signed.")
    kinds = {e.id: e for e in system.elements}
    for threat in about_software(ranked(system)):
        names = {kinds[t].name for t in threat.targets if t in kinds}
        stores = {
            kinds[t].name for t in threat.targets if t in kinds and kinds[t].kind is ElementKind.DATA_STORE
        }
        assert not stores or names == stores, threat.title
        if threat.pattern in {"update-arbitrary-software", "update-rolled-back", "boot-unsigned"}:
            assert names == {"Parcel locker"}


def test_a_product_with_a_firmware_bucket_gets_few_threats_of_updates() -> None:
    """A system that only has updates among its concerns keeps room on the first page for the others."""
    for said in ((), ("Firmware is signed by the vendor and the locker checks the signature.",)):
        shown = [t for t in about_software(ranked(lockers(*said))[:25]) if not is_answered(t)]
        assert len(shown) <= 3
        assert {"update-frozen", "update-dropped", "update-eavesdropped"}.isdisjoint(t.pattern for t in shown)


def test_no_two_threats_of_one_place_lead_to_the_same_installation() -> None:
    """Foreign software, a tampered image and changed firmware on one device are one threat."""
    same = {"update-arbitrary-software", "boot-unsigned", "firmware-replaced"}
    shown = [t for t in ranked(lockers("The locker starts with a bootloader.")) if t.pattern in same]
    assert len(shown) == 1


def test_every_control_of_the_whole_system_can_be_kept_anywhere() -> None:
    """What is stated of a flow or of an element counts alike, so that no sentence is lost."""
    kinds = load_controls().kinds.values()
    assert all(k.kept.value == "both" for k in kinds if k.reach is Reach.WHOLE)


KEYLESS = """
    [Issuing CA: service]
    [Trust root: service]
    [Build server: ci_cd]
    {Entry log: database}
    [Log monitor: service]
    > The trust root gives out the root of trust, a list of keys and services.
    > The build server signs provenance for each artifact in the software supply chain.
"""
CAR = """
    [Update service: service]
    [Brake ECU: service]
    {Trip database: sql}
    [MQTT gateway: service]
    Update service -> Brake ECU: firmware over the air
    MQTT gateway -> Trip database: trips
    > The update service brings a firmware update to each ECU over the CAN bus.
"""
GATEWAY = """
    [Console: web_frontend]
    [Protocol gateway: service]
    (Charger: iot_device)
    Console -> Protocol gateway: firmware update
    Protocol gateway -> Charger: firmware update
"""


def places(text: str, prefix: str) -> set[str]:
    """The elements that threats of patterns with this prefix stand on, by name."""
    system = sketch(text)
    names = {e.id: e.name for e in system.elements}
    ends = {f.id: names[f.target] for f in system.flows}
    briefs = (Brief(request=Request(title="Sketch"), system=system, area=a) for a in split(system))
    threats = [t for b in briefs for t in RulesAnalyst(traits_of=traits_of).find(b).threats]
    found = {target for t in threats if t.pattern.startswith(prefix) for target in t.targets}
    return {names.get(i) or ends[i] for i in found}


def test_a_list_of_trusted_keys_is_no_trusted_processor() -> None:
    """A "root of trust" of a public key infrastructure has no secure world, registers or interrupts."""
    assert places(KEYLESS, "tee-") == set()


def test_what_builds_is_what_builds() -> None:
    """Authorities and monitors in a supply chain build and publish no packages."""
    assert places(KEYLESS, "build-") == {"Build server"}
    assert places(KEYLESS, "package-") <= {"Build server"}


def test_the_network_inside_a_vehicle_joins_its_units() -> None:
    """Databases and the gateways of a cloud are not on the vehicle's own bus."""
    assert "Brake ECU" in places(CAR, "vehicle-")
    assert {"Trip database", "MQTT gateway"}.isdisjoint(places(CAR, "vehicle-"))


def test_a_bad_update_stops_the_device_and_not_what_passes_it_on() -> None:
    """What installs an update is named, and not the gateway that carries the message."""
    assert places(GATEWAY, "update-bricks-fleet") == {"Charger"}


def test_an_owner_of_a_vehicle_installs_no_firmware() -> None:
    """People who own a device are not the device."""
    system = sketch("(Vehicle owners: iot_device)\n[Portal: api]\nVehicle owners -> Portal: sign in")
    assert alone(system, PATTERNS["firmware-replaced"]) == []
