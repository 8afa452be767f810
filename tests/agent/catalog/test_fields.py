"""The catalog by field: what comes for any system of a field, and what an ordinary shop is spared."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.domain.request import Request
from tests.sketching import sketch, traits_of

PATTERNS = Path(__file__).parents[3] / "agent" / "catalog" / "patterns"
FIELDS = (
    "updates",
    "firmware",
    "vehicles",
    "provenance",
    "kubernetes",
    "messaging",
    "signing",
    "tokens",
    "transparency",
)

PACKAGES = """
    {Package mirror: object_storage}
    [Archive server: service]
    [Installer: service]
    Archive server -> Package mirror
    Package mirror -> Installer: packages
    > The installer fetches a software update from the package mirror.
    > The archive server signs the package index.
"""
PHONE_CHIP = """
    (Banking app: desktop_app)
    [Secure world: service]
    [Bootloader: service]
    Banking app -> Secure world: requests
    Bootloader -> Secure world: starts
    > The secure world of the TrustZone chip keeps the hardware unique key.
    > Secure boot checks each firmware image.
"""
BUILDS = """
    {Forge: source_control}
    [Build platform: ci_cd]
    {Package registry: registry}
    [Verifier: service]
    Forge -> Build platform: commits
    Build platform -> Package registry: packages
    Package registry -> Verifier: packages
    > The build platform signs provenance for each artifact.
"""
CAR = """
    [Update service: service]
    [Brake ECU: service]
    [Telematics unit: iot_device]
    Update service -> Telematics unit: firmware over the air
    Telematics unit -> Brake ECU: CAN bus
    > The telematics unit passes a firmware update to each ECU over the CAN bus.
"""
CLUSTERS = """
    (Operator: admin_person)
    [Management cluster: kubernetes]
    [API server: kubernetes]
    [Worker node: virtual_machine]
    {etcd: config_store}
    Operator -> API server: kubeconfig
    API server -> etcd
    Worker node -> API server: bootstrap token
    > The API server of the management cluster stores the CA key as a Kubernetes secret in etcd.
    > The operator holds a kubeconfig with administrative rights.
    > A worker node joins with a bootstrap token that cloud-init hands to the kubelet.
"""
SIGNATURES = """
    (Publisher: end_user)
    [Signing tool: service]
    {Chart registry: registry}
    Publisher -> Signing tool: command
    Signing tool -> Chart registry: signatures
    > The signing tool signs each artifact with a key of the KMS and stores signatures in the chart registry.
    > Consumers verify the signature of each artifact against a trust store of CA certificates.
    > Plugins extend the signing tool, and revocation is asked of a CRL server.
"""
KEYLESS = """
    (Developer: end_user)
    [Issuing CA: service]
    {Entry log: database}
    [Identity provider: identity_provider]
    Developer -> Issuing CA: identity token
    Issuing CA -> Entry log: certificates
    Issuing CA -> Identity provider: keys
    > The issuing CA gives out a certificate for an OIDC identity token and writes it to a transparency log.
    > Clients get the root keys from a signed list and check the inclusion proof of the entry log.
"""
STICK = """
    (Owner: end_user)
    [Desktop client: desktop_app]
    [Stick firmware: service]
    Owner -> Desktop client: passphrase
    Desktop client -> Stick firmware: commands
    > The USB security key runs small apps, each derived a key from its measured hash.
    > An installed app lies in flash, signed with the vendor key, and the serial number is readable.
"""
CHAT = """
    (Member: end_user)
    [Home server: api]
    Member -> Home server: messages
    > The home server shares messages of a room by federation with remote servers that others run.
"""
BUCKETS = """
    (Analyst: end_user)
    [Importer: service]
    {Reports: object_storage}
    Analyst -> Importer: files
    Importer -> Reports: objects
    > Reports is governed by a bucket policy, an object ACL and the public access block, with versioning.
    > It is reached through a VPC endpoint or an access point, and a lifecycle rule archives objects.
"""
SHOP = """
    (Shopper: end_user)
    [Storefront: web_frontend]
    [Order API: api]
    {Orders: sql | data: personal}
    [Pipeline: ci_cd]
    {Code repository: source_control}
    {Images: registry}
    [Cluster: kubernetes]
    Shopper -> Storefront
    Storefront -> Order API
    Order API -> Orders
    Code repository -> Pipeline
    Pipeline -> Images
    Images -> Cluster
    > Software updates of the servers are installed each month.
    > Shoppers who are signed in update their profile.
    > Product images carry metadata.
    > Admins sign in with security keys.
    > The pipeline signs images, and the cluster verifies each signature before it starts them.
    > Audit logs are append-only, and support answers messages of customers in a chat.
"""


def proposed(text: str) -> frozenset[str]:
    """The ids of all patterns that the rules find in the sketch."""
    system = sketch(text)
    analyst = RulesAnalyst(traits_of=traits_of)
    briefs = (Brief(request=Request(title="Sketch"), system=system, area=area) for area in split(system))
    return frozenset(t.pattern for brief in briefs for t in analyst.find(brief).threats)


def ids_of(field: str) -> frozenset[str]:
    """The ids of the patterns in one file of the catalog."""
    return frozenset(p["id"] for p in yaml.safe_load((PATTERNS / f"{field}.yaml").read_text("utf-8")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PACKAGES,
            (
                "update-arbitrary-software update-rolled-back update-frozen update-mix-and-match"
                " update-fast-forward update-endless-data update-slow-retrieval update-wrong-software"
                " update-extraneous-dependencies"
                " update-malicious-mirror update-keys-stolen update-dropped update-repository-broken-into"
            ),
        ),
        (
            PHONE_CHIP,
            (
                "tee-caller-spoofed tee-pointer-confused tee-toctou tee-residue-leaks tee-isolation-misset"
                " tee-flooded tee-unlogged boot-unsigned boot-rolled-back hw-side-channel hw-fault-injection"
                " hw-debug-open hw-key-exposed"
            ),
        ),
        (
            BUILDS,
            (
                "source-unreviewed-change source-platform-compromised build-unofficial-source"
                " build-parameters-injected build-process-compromised build-cross-tenant"
                " build-provenance-forged"
                " build-cache-poisoned-entry build-dependency-compromised package-not-from-build"
                " package-tampered-after-build package-registry-compromised package-typosquatted"
                " verify-skipped"
            ),
        ),
        (
            CAR,
            (
                "vehicle-bus-injected vehicle-unit-controlled vehicle-gateway-bypassed vehicle-diagnostics"
                " vehicle-fleet-command vehicle-network-flooded update-arbitrary-software update-rolled-back"
                " update-interrupted update-keys-stolen"
            ),
        ),
        (
            CLUSTERS,
            (
                "k8s-ca-key-stolen k8s-kubeconfig-leaked k8s-userdata-read k8s-bootstrap-token-leaked"
                " k8s-secrets-unencrypted k8s-etcd-written k8s-kubelet-api k8s-node-compromised"
                " k8s-management-cluster-falls k8s-pod-creator-escalates"
            ),
        ),
        (
            SIGNATURES,
            (
                "signing-key-compromised signing-requested-wrongly signing-input-tampered"
                " signing-registry-tampered signing-registry-unavailable signing-signature-stripped"
                " signing-rollback signing-trust-files-tampered signing-weakest-ca"
                " signing-revocation-unreachable signing-plugin-malicious signing-weak-algorithm"
                " signing-identity-unchecked signing-timestamp-forged"
            ),
        ),
        (
            KEYLESS,
            (
                "tlog-forked tlog-entries-removed tlog-issuance-blocked tlog-history-rewritten"
                " tlog-monitor-falls tlog-key-stolen idca-misissues idca-provider-compromised"
                " idca-account-compromised trustroot-compromised trustroot-intercepted trustroot-stale"
            ),
        ),
        (
            STICK,
            (
                "token-opened token-memory-access token-firmware-exploited token-device-secret-leaks"
                " token-app-leaks-secret token-user-secret-logged token-privilege-escalated"
                " token-vendor-key-misused token-app-replaced token-controller-changed token-usb-overflow"
                " token-measurement-changed token-single-out"
            ),
        ),
        (
            CHAT,
            (
                "messaging-state-split messaging-invalid-accepted messaging-servers-blocked"
                " messaging-banned-wrongly messaging-content-altered messaging-spam messaging-abusive"
                " messaging-disclosed-outside-room messaging-disclosed-by-member-server"
                " messaging-user-impersonated messaging-metadata"
            ),
        ),
        (
            BUCKETS,
            (
                "objects-acl-opened objects-public-block-removed objects-exfiltrated-own-account"
                " objects-lifecycle-deletes objects-versioning-suspended objects-accesspoint-swapped"
                " objects-policy-changed"
            ),
        ),
    ],
    ids=[
        "packages",
        "chip",
        "builds",
        "car",
        "clusters",
        "signatures",
        "keyless",
        "stick",
        "chat",
        "buckets",
    ],
)
def test_a_system_of_a_field_gets_the_threats_of_its_field(text: str, expected: str) -> None:
    """What an engineer of the field would list first is found, whatever the parts are called."""
    assert set(expected.split()) <= proposed(text)


@pytest.mark.parametrize("field", FIELDS)
def test_a_shop_is_spared_the_threats_of_foreign_fields(field: str) -> None:
    """A shop with a pipeline and a cluster, and with the fields' words in passing, gets none of them."""
    assert not proposed(SHOP) & ids_of(field)
