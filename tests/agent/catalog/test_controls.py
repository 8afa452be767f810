"""The table of phrases by which text states controls."""

from __future__ import annotations

import pytest

from agent.catalog.controls import load_controls, parse_controls
from agent.catalog.phrases import tokens
from agent.catalog.vocabulary import ControlName
from agent.domain.system import Exposure
from agent.errors import CatalogError

WHOLE = "".join(
    f"  - {{control: {name}, kept: element, reach: all, say: [word{n}]}}\n"
    for n, name in enumerate(ControlName)
)


def heard(text: str) -> set[tuple[str, bool]]:
    """The controls that phrases in the text name, and whether as present."""
    matches = load_controls().book.longest(tokens(text))
    return {(m.payload.control.name.value, m.payload.present) for m in matches if m.payload.control}


def test_every_control_of_the_vocabulary_can_be_heard() -> None:
    """The table of the package loads and has an entry for every control."""
    assert set(load_controls().kinds) == set(ControlName)


@pytest.mark.parametrize(
    ("text", "control", "present"),
    [
        ("requests carry a bearer token", "authentication", True),
        ("the endpoint is unauthenticated", "authentication", False),
        ("a second factor", "mfa", True),
        ("row-level security", "authorization", True),
        ("any employee can read it", "authorization", False),
        ("runs as root", "least_privilege", False),
        ("over TLS 1.3", "transport_encryption", True),
        ("over plain HTTP", "transport_encryption", False),
        ("mutual TLS", "mutual_tls", True),
        ("server-side encryption", "encryption_at_rest", True),
        ("an HMAC", "signature", True),
        ("handlers are idempotent", "idempotency", True),
        ("validates each request", "input_validation", True),
        ("a strict CSP", "output_encoding", True),
        ("prepared statements", "parameterized_queries", True),
        ("throttled", "rate_limit", True),
        ("a web application firewall", "waf", True),
        ("through a bastion", "network_restriction", True),
        ("an audit trail", "audit_log", True),
        ("alerts on failures", "monitoring", True),
        ("point-in-time recovery", "backup", True),
        ("a single instance", "redundancy", False),
        ("circuit breakers", "circuit_breaker", True),
        ("hard-coded passwords", "secrets_management", False),
        ("rotates its certificates", "key_rotation", True),
        ("sessions expire", "session_expiry", True),
        ("anti-CSRF", "csrf_protection", True),
        ("scanned for malware", "malware_scan", True),
        ("officers sign in with a smart card", "mfa", True),
        ("all developers use hardware keys for the repository", "mfa", True),
        ("the dashboard needs no login", "authentication", False),
        ("bids are limited to the exchange's IP addresses", "network_restriction", True),
        ("the number of messages per visitor is limited", "rate_limit", True),
        ("who entered and changed what is recorded", "audit_log", True),
        ("access is logged", "audit_log", True),
        ("all sessions are logged with the technician", "audit_log", True),
        ("sessions are recorded for thirty days", "retention", True),
        ("converted in a container without network", "sandbox", True),
        ("all commands are logged with the operator", "audit_log", True),
        ("customers are not logged in", "authentication", False),
        ("central logging collects the logs of all services", "audit_log", True),
        ("logs are shipped centrally", "audit_log", True),
        ("a DLQ", "dead_letter", True),
        ("a schema registry", "message_validation", True),
        ("one schema per tenant", "tenant_isolation", True),
        ("in a sandbox", "sandbox", True),
        ("the four eyes principle", "human_approval", True),
        ("prompt injection filter", "prompt_guard", True),
        ("output moderation", "output_filter", True),
        ("signed images", "image_signing", True),
        ("an SBOM", "dependency_scan", True),
        ("pseudonymised", "data_minimisation", True),
        ("kept forever", "retention", False),
        ("links expire after a minute", "short_lived_links", True),
        ("no outbound internet", "egress_filter", True),
        ("account lockout", "lockout", True),
        ("argon2", "password_hashing", True),
        ("two reviewers", "change_review", True),
        ("firmware images are signed", "update_signing", True),
        ("refuses older versions", "rollback_protection", True),
        ("the manifest expires", "metadata_expiry", True),
        ("a verified boot", "secure_boot", True),
        ("release keys are kept offline", "key_custody", True),
        ("a hardware-backed keystore", "hardware_keys", True),
        ("two of five custodians", "threshold_signing", True),
        ("a phased rollout", "staged_rollout", True),
        ("a golden image", "update_fallback", True),
        ("JTAG is fused", "debug_lock", True),
        ("debug ports are open", "debug_lock", False),
        ("a glitch detector", "tamper_resistance", True),
        ("remote attestation", "attestation", True),
        ("exact redirect URIs", "redirect_allowlist", True),
        ("a code challenge", "pkce", True),
        ("sender-constrained tokens", "token_binding", True),
        ("Kyverno", "admission_control", True),
        ("no privileged pods", "pod_security", True),
        ("requires provenance", "provenance", True),
        ("hermetic builds", "build_isolation", True),
        ("end-to-end encrypted", "end_to_end_encryption", True),
        ("safety numbers", "key_verification", True),
        ("rotating identifiers", "rotating_identifiers", True),
        ("has object lock", "immutable_storage", True),
        ("a public bucket", "public_access_block", False),
        ("a witness network", "witnesses", True),
        ("asks for consent", "consent", True),
        ("visitors have opted in", "consent", True),
        ("the privacy notice names them", "privacy_notice", True),
        ("customers are told", "privacy_notice", True),
        ("under pseudonyms", "pseudonymisation", True),
        ("holds synthetic data", "pseudonymisation", True),
        ("users can delete their account", "subject_rights", True),
        ("users cannot delete their account", "subject_rights", False),
        ("a data processing agreement", "processing_agreement", True),
        ("no DPA", "processing_agreement", False),
        ("data stays in the EU", "data_residency", True),
        ("stored in the US", "data_residency", False),
    ],
)
def test_phrases(text: str, control: str, present: bool) -> None:  # noqa: FBT001 - a column of the table
    """A phrase in our words is heard as the control that it states or denies."""
    assert (control, present) in heard(text)


def test_a_name_that_only_holds_the_word_states_nothing() -> None:
    """Events and pages called after a control are not the control."""
    assert heard("authentication events, the login page and a password manager") == set()


def test_exposure() -> None:
    """Phrases of exposure tell internet, internal and local apart."""
    said = {
        text: {m.payload.exposure for m in load_controls().book.longest(tokens(text)) if m.payload.exposure}
        for text in ("internet-facing", "not internet-facing", "on localhost")
    }
    assert said == {
        "internet-facing": {Exposure.INTERNET},
        "not internet-facing": {Exposure.INTERNAL},
        "on localhost": {Exposure.LOCAL},
    }


def test_a_whole_table_is_parsed() -> None:
    """A table with every control once and the three parts is taken."""
    table = parse_controls(f"controls:\n{WHOLE}nothing: []\nexposure: {{}}\n")
    assert table.kinds[ControlName.WAF].sets == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("controls: [", "not YAML"),
        ("controls: []\n", "three parts"),
        ("controls: []\nnothing: []\nexposure: {}\n", "missing"),
        (
            "controls: [{control: moat, kept: element, reach: all, say: [x]}]\nnothing: []\nexposure: {}\n",
            "moat",
        ),
        (
            "controls: [{control: waf, kept: shelf, reach: all, say: [x]}]\nnothing: []\nexposure: {}\n",
            "shelf",
        ),
        (
            "controls: [{control: waf, kept: element, reach: all, say: []}]\nnothing: []\nexposure: {}\n",
            "waf",
        ),
        (
            "controls: [{control: waf, kept: flow, reach: all, o: 1, say: [x]}]\nnothing: []\nexposure: {}\n",
            "waf",
        ),
        (f"controls:\n{WHOLE}nothing: []\nexposure: {{moon: [x]}}\n", "moon"),
        (f"controls:\n{WHOLE}nothing: []\nexposure: []\n", "exposure"),
        (f"controls:\n{WHOLE}nothing: [a b*]\nexposure: {{}}\n", "four letters"),
    ],
)
def test_a_broken_table_is_refused_by_name(text: str, names: str) -> None:
    """What breaks the grammar of the table is a CatalogError that names the place."""
    with pytest.raises(CatalogError, match=names):
        parse_controls(text)


def test_facts_of_a_control_are_checked() -> None:
    """A control cannot set or imply a fact that does not exist."""
    entry = "{control: waf, kept: flow, reach: all, sets: painted, say: [x]}"
    text = f"controls: [{entry}]\nnothing: []\nexposure: {{}}\n"
    with pytest.raises(CatalogError, match="painted"):
        parse_controls(text)
