"""From bytes to nodes, by libyaml's event stream.

Composing is a loop with a stack of its own, so that no depth of nesting can exhaust ours, and what aliases
expand to is counted before anything walks it, so that an alias bomb costs no memory.
"""

import re
from collections.abc import Iterator

from yaml import _yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from chanplan.config.nodes import ListNode, MapNode, Node, Scalar
from chanplan.config.reading import Reading, quoted
from chanplan.model.problems import Source

DEPTH_LIMIT = 64
"""Deepest nesting; the configuration itself needs 8."""
EXPANSION_LIMIT = 1_000_000
"""Most nodes that all aliases of a workspace may stand for; 10,000 resources that share 20 lines need 400,000."""

_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def compose(text: str, file: str, reading: Reading) -> Node | None:
    """Compose the one document of a file, or report why not and give None.

    Duplicate keys and unknown tags are reported and passed over; a syntax error, a second document, an alias
    bomb and too deep a nesting end the file.
    """
    composer = _Composer(file, reading)
    try:
        return composer.document(_events(text))
    except MarkedYAMLError as error:
        _report_syntax(error, text, file, reading)
    except YAMLError:
        _report_character(text, file, reading)
    except _StoppedError:
        pass
    return None


class _StoppedError(Exception):
    """The file can't be read on; why was reported."""


class _Frame:
    """An open list or mapping."""

    __slots__ = ("anchor", "key", "merges", "node", "size")

    def __init__(self, node: ListNode | MapNode, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: Scalar | None = None
        self.merges: list[Node] = []
        self.size = 1


class _Composer:
    def __init__(self, file: str, reading: Reading) -> None:
        self._file = file
        self._reading = reading
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: list[_Frame] = []
        self._root: Node | None = None

    def document(self, events: Iterator[Event]) -> Node | None:
        documents = 0
        for event in events:
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._start(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._end()
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(
                        "several_documents",
                        "The file holds more than one YAML document; only one is read.",
                        event,
                        "Put the second document into a file of its own and name it under include.",
                    )
        return self._root

    def _scalar(self, event: ScalarEvent) -> None:
        plain = not event.style and event.tag is None
        node = Scalar(event.value, plain, *_position(event))
        if event.tag is not None:
            self._check_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1)
        self._add(node, 1)

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        make = MapNode if isinstance(event, MappingStartEvent) else ListNode
        node = make(*_position(event))
        if event.tag is not None:
            self._check_tag(event)
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._open.append(_Frame(node, event.anchor))
        if len(self._open) > DEPTH_LIMIT:
            self._stop(
                "nested_too_deeply",
                f"Lists and mappings are nested more than {DEPTH_LIMIT} levels deep here.",
                event,
                "Write it flatter: the configuration needs 8 levels.",
            )

    def _end(self) -> None:
        frame = self._open.pop()
        node = frame.node
        if frame.merges and isinstance(node, MapNode):
            self._merge(node, frame.merges)
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (node, frame.size)
        self._add(node, frame.size)

    def _alias(self, event: AliasEvent) -> None:
        name = str(event.anchor)
        if name not in self._anchors:
            within = any(frame.anchor == name for frame in self._open)
            self._stop(
                "alias_unknown",
                f"The alias *{name} stands inside its own anchor."
                if within
                else f"No anchor &{name} stands before the alias *{name}.",
                event,
                "Move the anchor out of what it names."
                if within
                else f"Write &{name} before the value that is meant.",
            )
        node, size = self._anchors[name]
        self._reading.expanded += size
        if self._reading.expanded > EXPANSION_LIMIT:
            self._stop(
                "alias_bomb",
                f"The aliases up to here stand for more than {EXPANSION_LIMIT:,} values.",
                event,
                "Anchor less at once, or write the values out.",
            )
        self._add(node, size)

    def _add(self, node: Node, size: int) -> None:
        if not self._open:
            self._root = node
            return
        frame = self._open[-1]
        frame.size += size
        parent = frame.node
        if type(parent) is ListNode:
            parent.items.append(node)
            return
        assert type(parent) is MapNode
        key = frame.key
        if key is None:
            frame.key = node if type(node) is Scalar else self._no_key(node)
            return
        frame.key = None
        if key.text == "<<" and key.plain:
            frame.merges.append(node)
        elif key.text in parent.values:
            self._duplicate(parent, key)
        else:
            parent.keys.append(key)
            parent.values[key.text] = node

    def _no_key(self, node: Node) -> Scalar:
        self._reading.report(
            "key_not_text",
            "A key is a list or a mapping here, and keys are words.",
            Source(self._file, node.line, node.column),
            "Write a word before the colon; put text that begins with a bracket into quotes.",
        )
        raise _StoppedError

    def _duplicate(self, parent: MapNode, key: Scalar) -> None:
        first = parent.key(key.text)
        assert first is not None
        self._reading.report(
            "duplicate_key",
            f"The key {quoted(key.text)} stands here for the second time; the first is on line {first.line}.",
            Source(self._file, key.line, key.column),
            "Rename or remove one of them.",
            data={"first_line": first.line},
        )

    def _merge(self, node: MapNode, merges: list[Node]) -> None:
        """Add what `<<` names: a key that is written here wins, then the mapping that is named first."""
        sources = [
            item for merge in merges for item in (merge.items if type(merge) is ListNode else (merge,))
        ]
        for source in sources:
            if type(source) is not MapNode:
                self._reading.report(
                    "merge_not_mapping",
                    "`<<` takes a mapping, or a list of mappings.",
                    Source(self._file, source.line, source.column),
                    "Name the anchor of a mapping: `<<: *name`.",
                )
                continue
            for key in source.keys:
                if key.text not in node.values:
                    node.keys.append(key)
                    node.values[key.text] = source.values[key.text]

    def _check_tag(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.tag in _TEXT_TAGS and type(event) is ScalarEvent:
            return
        self._reading.report(
            "yaml_tag",
            f"The YAML tag {quoted(str(event.tag))} means nothing here.",
            self._at(event),
            "Remove the tag: the declared type of each field decides how it is read.",
        )

    def _stop(self, code: str, message: str, event: Event, remedy: str) -> None:
        self._reading.report(code, message, self._at(event), remedy)
        raise _StoppedError

    def _at(self, event: Event) -> Source:
        return Source(self._file, *_position(event))


def _events(text: str) -> Iterator[Event]:
    next_event = _yaml.CParser(text).get_event
    while (event := next_event()) is not None:
        yield event


def _position(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None, "libyaml marks every event"
    return mark.line + 1, mark.column + 1


def _report_syntax(error: MarkedYAMLError, text: str, file: str, reading: Reading) -> None:
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    source = Source(file, 1) if mark is None else Source(file, mark.line + 1, mark.column + 1)
    what = error.problem or "it can't be parsed"
    if "tab character" in what or _character_at(text, source) == "\t":
        reading.report(
            "tab",
            "A tab stands where YAML wants spaces.",
            source,
            "Indent with spaces; most editors can convert the file's tabs.",
        )
        return
    context = f", {error.context}" if error.context else ""
    if context and begun is not None and begun.line + 1 != source.line:
        context += f" that begins on line {begun.line + 1}"
    reading.report(
        "yaml_syntax",
        f"This isn't YAML: {what}{context}.",
        source,
        "Look at the indentation, quotes and brackets on this line and the one before it.",
    )


def _character_at(text: str, source: Source) -> str:
    lines = text.splitlines()
    line = lines[source.line - 1] if source.line <= len(lines) else ""
    return line[source.column - 1 : source.column]


def _report_character(text: str, file: str, reading: Reading) -> None:
    match = _UNPRINTABLE.search(text)
    at = match.start() if match else 0
    found = f"U+{ord(text[at]):04X}" if match else "one"
    reading.report(
        "control_character",
        f"YAML allows no control characters, and {found} stands here.",
        place_in(text, at, file),
        'Remove it; in double quotes it can be written as an escape such as "\\x1b".',
    )


def place_in(text: str, index: int, file: str) -> Source:
    """Give the place of a character by its index."""
    start = text.rfind("\n", 0, index) + 1
    return Source(file, text.count("\n", 0, index) + 1, index - start + 1)
