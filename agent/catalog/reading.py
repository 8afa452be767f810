"""The catalog's YAML, read fast: PyYAML parses in C, but builds what it parsed in Python and slowly."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TEXT = "tag:yaml.org,2002:str"


def read_yaml(text: str, *, plain: bool = False) -> Any:
    """The text's one document as PyYAML's safe loader gives it; None for an empty text.

    With `plain` every scalar stays the text that stands there: "true" is no truth and "1" no number.

    yaml.YAMLError for what is no YAML, and for three things that a table has no use for: a key that stands
    twice, where the loader would drop the first; a key that is no scalar; and a merge of maps ("<<").
    """
    loader = (_PLAIN_LOADER if plain else _LOADER)(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _built(node, loader)
    finally:
        loader.dispose()


def _built(node: yaml.Node, loader: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag == _TEXT else loader.construct_object(node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, loader)
    return [_built(item, loader) for item in node.value]


def _mapping(node: yaml.MappingNode, loader: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused("a key must be a single word or a text", key)
        word = _built(key, loader)
        if word in made:
            raise _refused(f"{word!r} stands here twice", key)
        made[word] = _built(value, loader)
    return made


def _refused(why: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=why, problem_mark=node.start_mark)
