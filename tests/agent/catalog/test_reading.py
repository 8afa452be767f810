"""The catalog's YAML is read as PyYAML's safe loader reads it, or refused."""

from importlib import resources

import pytest
import yaml

from agent.catalog.reading import read_yaml

FILES = sorted(
    (f for d in ("", "patterns") for f in (resources.files("agent.catalog") / d).iterdir()),
    key=lambda f: f.name,
)
TABLES = [f for f in FILES if f.name.endswith(".yaml")]


@pytest.mark.parametrize("file", TABLES, ids=lambda f: f.name)
def test_every_table_reads_as_with_the_safe_loader(file: resources.abc.Traversable) -> None:
    """Nothing that stands in the catalog is read otherwise than PyYAML itself reads it."""
    text = file.read_text("utf-8")

    assert read_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1\nb: [2.5, yes, off, ~, null, 0x1F, 0o7, 1_000, 1:30]\n'c': '1'\n",
        "- a: |\n    two\n    lines\n- !!str 5\n- !!int '5'\n- 2024-05-06\n",
        "1: one\n2: two\n",
        "base: &b [x, y]\nagain: *b\n",
        "just words\n",
    ],
)
def test_scalars_are_what_the_safe_loader_makes_of_them(text: str) -> None:
    """Numbers, truth values, dates, tags, anchors and texts are the same values of the same types."""
    expected = yaml.safe_load(text)

    assert read_yaml(text) == expected
    assert repr(read_yaml(text)) == repr(expected)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\nb: 2\na: 3\n", "'a' stands here twice"),
        ("- x: {y: 1, y: 1}\n", "'y' stands here twice"),
        ("? [a, b]\n: 1\n", "a key must be a single word"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", "merge"),
        ("a: !!python/object:os.system x\n", "python"),
        ("a: [1\n", "expected"),
        ("a: 1\n---\nb: 2\n", "another document"),
    ],
)
def test_what_a_table_has_no_use_for_is_refused(text: str, why: str) -> None:
    """A key that would be lost, a merge, an object of a program and broken YAML are named, not read."""
    with pytest.raises(yaml.YAMLError, match=why):
        read_yaml(text)


def test_plain_scalars_stay_texts() -> None:
    """A table of texts alone is read without asking what each could be, and refused for the same reasons."""
    assert read_yaml("a: true\nb: [1, '2']\n", plain=True) == {"a": "true", "b": ["1", "2"]}
    with pytest.raises(yaml.YAMLError, match="stands here twice"):
        read_yaml("a: 1\na: 2\n", plain=True)
