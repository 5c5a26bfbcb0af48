"""Writes what a YAML file says in another layout: no anchors, no merge keys, no comments, block style throughout."""

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from chanplan.config.nodes import ListNode, MapNode, Node, Scalar


def rewritten(root: Node | None) -> str:
    """Give text that says the same."""
    events: list[Event] = [StreamStartEvent(), DocumentStartEvent(explicit=False)]
    if root is not None:
        _write(root, events)
    return str(yaml.emit([*events, DocumentEndEvent(explicit=False), StreamEndEvent()], allow_unicode=True))


def _write(node: Node, events: list[Event]) -> None:
    match node:
        case Scalar():
            _scalar(node, events)
        case ListNode():
            events.append(SequenceStartEvent(None, None, implicit=True, flow_style=False))
            for item in node.items:
                _write(item, events)
            events.append(SequenceEndEvent())
        case MapNode():
            events.append(MappingStartEvent(None, None, implicit=True, flow_style=False))
            for key in reversed(node.keys):
                # What a merge brought is written out; quoted, `<<` is a key like any other.
                events.append(ScalarEvent(None, None, (True, True), key.text, style='"'))
                _write(node.values[key.text], events)
            events.append(MappingEndEvent())


def _scalar(node: Scalar, events: list[Event]) -> None:
    # A reference stays bare even in quotes, and quotes keep what plain style can't write.
    events.append(ScalarEvent(None, None, (True, True), node.text, style=None if node.plain else '"'))
