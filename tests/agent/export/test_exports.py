"""The table of exports."""

from __future__ import annotations

import pytest

from agent.errors import UnknownCommand
from agent.export import EXPORTS, export
from tests.agent.export import samples


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_makes_a_file(name: str) -> None:
    """A name made of title, revision and ending; UTF-8 text that ends with a newline."""
    file, content = export(samples.model(2), name)
    assert file == f"parcel-lockers-r2{EXPORTS[name].extension}"
    assert content.decode().endswith("\n")


def test_endings_and_labels_are_their_own() -> None:
    """No two exports share an ending or a label, and each ending begins with a dot."""
    exports = EXPORTS.values()
    assert len({e.extension for e in exports}) == len({e.label for e in exports}) == len(EXPORTS)
    assert all(e.extension.startswith(".") for e in exports)


def test_an_unknown_export_names_those_there_are() -> None:
    """The error says what was asked for and what there is."""
    with pytest.raises(UnknownCommand, match=r"no export called docx.*markdown, .*json"):
        export(samples.model(), "docx")
