"""From the sections of all files to declared resources and directives."""

import re
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from chanplan.config import document
from chanplan.config.complaints import Owner
from chanplan.config.decoding import Declared
from chanplan.config.draft import Declaration, Draft
from chanplan.config.includes import SourceFile, place_of
from chanplan.config.nodes import ListNode, MapNode, Node, Scalar
from chanplan.config.reading import quoted
from chanplan.model.addresses import NAME_PATTERN, Address, parse_address
from chanplan.model.configuration import Acknowledged, Import, Moved, Removed
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Kind
from chanplan.model.problems import Source

T = TypeVar("T", bound=BaseModel)

_NAME = re.compile(NAME_PATTERN)
_RESOURCES: dict[str, Declared[BaseModel]] = {kind.name: Declared(kind.adapter) for kind in KINDS.values()}
_MOVED = Declared(TypeAdapter(document.MovedEntry))
_REMOVED = Declared(TypeAdapter(document.RemovedEntry))
_IMPORT = Declared(TypeAdapter(document.ImportEntry))
_ACKNOWLEDGED = Declared(TypeAdapter(document.AcknowledgedEntry))

_ANYWHERE = tuple(document.IncludedFile.model_fields)
_IN_ROOT = tuple(document.RootFile.model_fields)


def read_declarations(files: list[SourceFile], draft: Draft) -> None:
    """Decode every resource and directive of all files into the draft."""
    for file in files:
        _check_keys(file, draft)
        for kind in KINDS.values():
            _read_section(kind, file, draft)
        _read_directives(file, draft)


def _check_keys(file: SourceFile, draft: Draft) -> None:
    for key in file.node.keys:
        if key.text in _ANYWHERE or (file.is_root and key.text in _IN_ROOT):
            continue
        if key.text in document.ROOT_ONLY:
            draft.reading.report(
                "root_only_key",
                f"{key.text} holds for the whole workspace and stands in the root file alone.",
                place_of(file, key),
                f"Move it to {draft.root.file}.",
            )
            continue
        file.scalars.unknown(key.text, file.node.values[key.text])
        known = _IN_ROOT if file.is_root else _ANYWHERE
        meant = draft.suggestions.sentence(key.text, _IN_ROOT)
        draft.reading.report(
            "unknown_key",
            f"The file has no key {quoted(key.text)}.",
            place_of(file, key),
            meant or f"It may have {', '.join(known)}.",
        )


def _read_section(kind: Kind, file: SourceFile, draft: Draft) -> None:
    section = file.node.values.get(kind.section)
    if section is None or (isinstance(section, Scalar) and section.is_null):
        # A section whose last resource was commented out declares nothing.
        return
    if not isinstance(section, MapNode):
        draft.reading.report(
            "wrong_type",
            f"{kind.section} is {'a list' if isinstance(section, ListNode) else 'a text'}, "
            "and a mapping belongs there.",
            place_of(file, section),
            f"Write each {kind.title} under its name.",
        )
        return
    for key in section.keys:
        _read_resource(kind, key, section.values[key.text], file, draft)


def _read_resource(kind: Kind, key: Scalar, node: Node, file: SourceFile, draft: Draft) -> None:
    source = place_of(file, key)
    if not _NAME.fullmatch(key.text):
        draft.reading.report(
            "name_malformed",
            f"{quoted(key.text)} is no name for a {kind.title}.",
            source,
            "A name has 1 to 63 lower-case letters, digits, hyphens and underscores, "
            "and begins with a letter or a digit.",
        )
        return
    address = Address(kind.name, key.text)
    first = draft.names.get(address)
    if first is not None:
        draft.reading.report(
            "duplicate_resource",
            f"{address} is declared here for the second time; the first is at {first}.",
            source,
            "Rename or remove one of them.",
            address=address,
            data={"first": str(first)},
        )
        return
    draft.names[address] = source
    owner = Owner(str(address), key, draft.suggestions, address)
    model = _RESOURCES[kind.name].decode(node, file.scalars, owner)
    if model is not None:
        draft.declarations[address] = Declaration(address, kind, model, kind.declare(model), source, node)


def _read_directives(file: SourceFile, draft: Draft) -> None:
    into = draft.directives
    for moved, at in _entries(_MOVED, "moved", file, draft):
        into.moved.append(Moved(_address(moved.origin), _address(moved.target), at))
    for removed, at in _entries(_REMOVED, "removed", file, draft):
        into.removed.append(Removed(_address(removed.address), removed.destroy, at))
    for entry, at in _entries(_IMPORT, "imports", file, draft):
        into.imports.append(Import(_address(entry.target), entry.id, at))
    for agreed, at in _entries(_ACKNOWLEDGED, "acknowledge", file, draft):
        into.acknowledge.append(Acknowledged(_address(agreed.address), agreed.action, agreed.reason, at))


def _entries(declared: Declared[T], key: str, file: SourceFile, draft: Draft) -> Iterator[tuple[T, Source]]:
    """Decode a list item by item, so that a wrong one hides no other."""
    node = file.node.values.get(key)
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return
    if not isinstance(node, ListNode):
        draft.reading.report(
            "wrong_type",
            f"{key} is {'a mapping' if isinstance(node, MapNode) else 'a text'}, and a list belongs there.",
            place_of(file, node),
            "Begin each entry with `- `.",
        )
        return
    for index, item in enumerate(node.items):
        entry = declared.decode(item, file.scalars, Owner(f"{key}[{index}]", None, draft.suggestions))
        if entry is not None:
            yield entry, place_of(file, item)


def _address(text: str) -> Address:
    address = parse_address(text)
    assert address is not None, "the declared pattern is that of addresses"
    return address
