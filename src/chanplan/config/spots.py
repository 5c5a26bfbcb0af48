"""Finding the node that a complaint of pydantic is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chanplan.config.nodes import ListNode, MapNode, Node, Scalar
from chanplan.config.shapes import Shape, Tagged


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a declared value."""

    node: Node
    """The value; of a key that is missing, the mapping that lacks it."""
    key: Scalar | None
    """The key that holds `node`; None for items of lists."""
    shape: Shape
    """What is declared here; of a missing key, what is declared for it."""
    around: Shape
    """What is declared for the mapping or list around it."""
    path: tuple[str | int, ...]

    @property
    def begin(self) -> Node:
        """Where people look for it: its key, or the value itself."""
        return self.key if self.key is not None else self.node


def follow(
    loc: Sequence[str | int],
    node: Node,
    key: Scalar | None,
    shape: Shape,
    chosen: Callable[[Tagged, Node], Shape],
) -> Spot:
    """Follow a location of pydantic through nodes and shapes.

    Pydantic puts the chosen record of a tagged union into its locations, and `[key]` behind a key that is
    itself wrong. `chosen` tells which record a node's tag chooses.
    """
    around = shape
    path: list[str | int] = []
    for part in loc:
        if isinstance(shape, Tagged):
            shape = chosen(shape, node)
            continue
        if part == "[key]":
            node = node if key is None else key
            break
        path.append(part)
        around, shape = shape, shape.child(part)
        below = _below(node, part)
        if below is None:
            break
        key = node.key(str(part)) if isinstance(node, MapNode) else None
        node = below
    return Spot(node, key, shape, around, tuple(path))


def _below(node: Node, part: str | int) -> Node | None:
    if isinstance(node, MapNode):
        return node.values.get(str(part))
    if isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None
