"""Anchors, aliases and merges, and the bound on what they expand to."""

import pytest

from chanplan.config.decoding import FileScalars
from chanplan.config.events import EXPANSION_LIMIT, compose
from chanplan.config.nodes import MapNode
from chanplan.config.reading import Reading
from chanplan.config.shapes import compile_shape


def read(text: str) -> object:
    """Compose a text without problems, and give its plain value."""
    reading = Reading({})
    node = compose(text, "chanplan.yaml", reading)
    assert node is not None
    assert reading.problems == []
    return compile_shape({}).decode(node, FileScalars("chanplan.yaml", reading))


@pytest.mark.parametrize(
    "text, value",
    [
        ("{a: &x [1, {b: c}], d: *x}", {"a": [1, {"b": "c"}], "d": [1, {"b": "c"}]}),
        ("{a: &x 1, b: &x 2, c: *x}", {"a": 1, "b": 2, "c": 2}),
        ("{&k key: 1, other: *k}", {"key": 1, "other": "key"}),
        ("{a: &x {p: 1, q: 2}, b: {<<: *x, q: 3}}", {"a": {"p": 1, "q": 2}, "b": {"q": 3, "p": 1}}),
        ("{a: &x {p: 1}, b: {p: 2, <<: *x}}", {"a": {"p": 1}, "b": {"p": 2}}),
        (
            "{a: &x {p: 1, q: 1}, b: &y {p: 2, r: 2}, c: {<<: [*x, *y]}}",
            {"a": {"p": 1, "q": 1}, "b": {"p": 2, "r": 2}, "c": {"p": 1, "q": 1, "r": 2}},
        ),
        ("{a: {'<<': 1}}", {"a": {"<<": 1}}),
        ("%YAML 1.1\n---\na: 1\n...\n", {"a": 1}),
    ],
)
def test_what_stands_for_what(text: str, value: object) -> None:
    """An alias stands for its anchor's value; `<<` adds keys that aren't written, the first named wins."""
    assert read(text) == value


def test_merged_keys_keep_their_places() -> None:
    """A problem in a merged value is told where the value was written."""
    node = compose("a: &x\n  p: 1\nb:\n  <<: *x\n", "chanplan.yaml", Reading({}))

    assert isinstance(node, MapNode)
    merged = node.values["b"]
    assert isinstance(merged, MapNode)
    assert [(key.text, key.line, key.column) for key in merged.keys] == [("p", 2, 3)]


def test_the_bound_holds_over_all_files() -> None:
    """What aliases expand to is counted for the workspace, not for each file."""
    reading = Reading({}, expanded=EXPANSION_LIMIT - 1)

    composed = compose("{a: &x 1, b: *x, c: *x}", "chanplan.yaml", reading)

    assert (composed, [problem.code for problem in reading.problems]) == (None, ["alias_bomb"])
