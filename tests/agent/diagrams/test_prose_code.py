"""Tools and settings that a text writes as code, and downloads without a source."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import SystemFragment


def names(fragment: SystemFragment) -> set[str]:
    """The names of the elements."""
    return {e.name for e in fragment.elements}


def flows(fragment: SystemFragment) -> set[tuple[str, str]]:
    """The ends of the flows, by name."""
    name = {e.id: e.name for e in fragment.elements}
    return {(name[f.source], name[f.target]) for f in fragment.flows}


def controls(text: str) -> set[tuple[str, str, str]]:
    """The controls that a text states: about what, which, and whether it is there."""
    found = (f for f in read_prose(text).facts if f.fact.startswith("control:"))
    return {(f.about, f.fact.removeprefix("control:"), f.value) for f in found}


class TestTools:
    """Programs written as code."""

    def test_a_tool_that_acts_is_a_part(self) -> None:
        """A tool is a part when the sentence says what it does."""
        read = read_prose("`kubectl` sends manifests to the API server.")
        assert flows(read) == {("kubectl", "API server")}

    @pytest.mark.parametrize(
        "text",
        [
            "Operators deploy with `kubectl` and `helm`.",
            "You need `kubectl` and `helm` installed to follow along.",
            "Run `terraform apply` before you start.",
            "Install `terraform` first.",
        ],
    )
    def test_a_tool_that_is_only_named_is_none(self, text: str) -> None:
        """Commands that people type are no parts of the system."""
        assert names(read_prose(text)) <= {"Operators"}


class TestSettings:
    """Settings written as code."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "The database is configured with `storage_encrypted = true`.",
                ("database", "encryption_at_rest", "yes"),
            ),
            ("The database has `storage_encrypted: false`.", ("database", "encryption_at_rest", "no")),
            ("The bucket has storage_encrypted = true.", ("bucket", "encryption_at_rest", "yes")),
            ("The bucket sets `block_public_acls = true`.", ("bucket", "network_restriction", "yes")),
        ],
    )
    def test_a_setting_is_a_stated_control(self, text: str, said: tuple[str, str, str]) -> None:
        """A setting that the table knows says that a control of the named part is on or off."""
        assert controls(text) == {said}

    def test_a_setting_is_no_part(self) -> None:
        """The words of a setting name nothing, and a setting of no table states nothing."""
        text = "The bucket has `storage_class = cold` and `queue_length = 5`."
        assert names(read_prose(text)) == {"bucket"}
        assert controls(text) == set()


class TestDownloads:
    """What is downloaded without a word of where from."""

    def test_it_comes_from_the_only_source(self) -> None:
        """Updates come from the one server that hands out software."""
        read = read_prose("The update server keeps firmware images. Meters download updates over HTTPS.")
        assert flows(read) == {("update server", "Meters")}

    @pytest.mark.parametrize(
        "text",
        [
            "The update server is one, the image registry another. Meters download updates.",
            "The billing app stores invoices in a database. Meters download updates.",
            "The update server keeps firmware images. Meters never download updates.",
            "The update server keeps firmware images. Customers download invoices.",
        ],
    )
    def test_no_source_is_guessed(self, text: str) -> None:
        """With several sources, with none, or for other goods, nothing is drawn."""
        assert not {f for f in flows(read_prose(text)) if f[1] in {"Meters", "Customers"}}

    def test_staff_work_through_another_part(self) -> None:
        """What is administered by people through a console is reached from the console."""
        read = read_prose("The hub is administered by technicians through the admin console.")
        assert flows(read) == {("technicians", "admin console"), ("admin console", "hub")}
