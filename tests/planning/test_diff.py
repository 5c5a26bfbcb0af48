"""What differs between two sets of attributes."""

from typing import Any

import pytest

from chanplan.model.plans import Difference
from chanplan.planning.diff import changed_names, differences


def test_changed_names_are_sorted_and_an_absent_value_is_none() -> None:
    """Only the names that are asked for are compared."""
    before = {"b": 1, "c": None, "other": 1}
    after = {"a": 2, "b": 2, "other": 2}

    assert changed_names(before, after, ["c", "b", "a"]) == ("a", "b")


@pytest.mark.parametrize(
    "old,new,expected",
    [
        ("x", "y", [((), "x", "y")]),
        (None, {"a": 1}, [((), None, {"a": 1})]),
        ([1, 2], [2, 1], [((), [1, 2], [2, 1])]),
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, [(("a",), 1, None), (("b",), 2, 3), (("c",), None, 4)]),
        ({"a": None}, {}, [(("a",), None, None)]),
        ({"a": [1, 2], "b": 1}, {"a": [1], "b": 1}, [(("a",), [1, 2], [1])]),
        ({"a": {"b": {"c": 1, "d": 1}}}, {"a": {"b": {"c": 2, "d": 1}}}, [(("a", "b", "c"), 1, 2)]),
        ({"a": {"l": [{"x": 1}]}}, {"a": {"l": [{"x": 2}]}}, [(("a", "l"), [{"x": 1}], [{"x": 2}])]),
        ({"a": {"b": 1}}, {"a": 1}, [(("a",), {"b": 1}, 1)]),
        ({"a": {}, "b": {"c": 1}}, {"b": {"c": 1}}, [(("a",), {}, None)]),
    ],
    ids=["value", "whole", "list", "flat", "null", "list inside", "deep", "list below", "type", "key"],
)
def test_places(old: Any, new: Any, expected: list[tuple[tuple[str, ...], Any, Any]]) -> None:
    """Mappings are compared key by key, and lists whole."""
    assert differences({"x": old}, {"x": new}, ["x"]) == tuple(
        Difference(("x", *path), before, after) for path, before, after in expected
    )


def test_what_comes_and_what_goes() -> None:
    """Without a before or an after, everything differs whole."""
    assert differences(None, {"x": 1}, ["x"]) == (Difference(("x",), None, 1),)
    assert differences({"x": 1}, None, ["x"]) == (Difference(("x",), 1, None),)
