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
FIELDS = ("updates", "firmware", "vehicles", "provenance", "kubernetes")

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
    ],
    ids=["packages", "chip", "builds", "car", "clusters"],
)
def test_a_system_of_a_field_gets_the_threats_of_its_field(text: str, expected: str) -> None:
    """What an engineer of the field would list first is found, whatever the parts are called."""
    assert set(expected.split()) <= proposed(text)


@pytest.mark.parametrize("field", FIELDS)
def test_a_shop_is_spared_the_threats_of_foreign_fields(field: str) -> None:
    """A shop with a pipeline and a cluster, and with the fields' words in passing, gets none of them."""
    assert not proposed(SHOP) & ids_of(field)
