"""Reading JSON whose shape nobody has vouched for: a typed value, or a sentence that says where it is wrong."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import NoReturn, TypeVar

from chanplan.model.addresses import Address, parse_address
from chanplan.model.errors import StateUnreadable
from chanplan.model.values import Value

_Member = TypeVar("_Member", bound=StrEnum)

DEEPEST = 64
"""Nothing that chanplan writes is nested nearly as deep."""
LARGEST = 2**63
"""Whole numbers are smaller: that is what databases keep."""

_NESTING = (dict, list)
_REMEDY = "Restore an intact copy of the state, or correct the place that is named if it was edited by hand."


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large a number")
    return number


# Made once: `json.loads` and `json.dumps` with options build a coder for each call.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def to_text(document: Value) -> str:
    """Write a document as one line of ASCII JSON, which any file and any database column can hold."""
    return _ENCODER.encode(document)


def from_text(text: object, where: str) -> Value:
    """Read JSON. Raises `StateUnreadable`, whose message starts with `where`, for anything else: a damaged database
    gives bytes and numbers where texts were stored."""
    if not isinstance(text, str):
        raise StateUnreadable(f"{where} isn't text, so it can't be read as JSON.", remedy=_REMEDY)
    try:
        value: Value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise StateUnreadable(f"{where} isn't readable as JSON: {error}.", remedy=_REMEDY) from error
    return value


def from_texts(rows: Sequence[tuple[str, object]], what: str) -> list[tuple[str, Value]]:
    """Read many texts of JSON, each beside its key: gives each value beside what messages call it. Raises
    `StateUnreadable`."""
    # Parsed together they take half the time, and equal keys share their memory.
    try:
        documents = from_text("[" + ",".join(str(document) for _, document in rows) + "]", what)
    except StateUnreadable:
        documents = None
    if not isinstance(documents, list) or len(documents) != len(rows):
        documents = [from_text(document, f"{what} {key}") for key, document in rows]
    return [(f"{what} {key}", document) for (key, _), document in zip(rows, documents, strict=True)]


def _named(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"the text {value[:60]!r}"
        case Mapping():
            return "an object"
        case list():
            return "a list"
        case _:
            return "something that is no JSON"


@cache
def _members(kind: type[_Member]) -> Mapping[str, _Member]:
    # Calling the enumeration takes several times as long, and a large state holds some hundred thousand members.
    return {member.value: member for member in kind}


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object on its way to becoming a value.

    Every method raises `StateUnreadable` when what stands under the key doesn't fit. A key that is absent counts
    as null; the plural methods and `mapping` take null as empty.
    """

    where: str
    """How messages name this object, for example `resources[3].scope`."""
    fields: Mapping[str, Value]

    def unfit(self, key: str, expected: str) -> StateUnreadable:
        """Give the error for a key that doesn't hold what was expected."""
        found = _named(self.fields[key]) if key in self.fields else "missing"
        verb = "is" if found == "missing" else "holds"
        return StateUnreadable(
            f"{self.where}: `{key}` {verb} {found} where {expected} is expected.", remedy=_REMEDY
        )

    def text(self, key: str) -> str:
        """Give a text."""
        value = self.fields.get(key)
        if isinstance(value, str):
            return value
        raise self.unfit(key, "a text")

    def optional_text(self, key: str) -> str | None:
        """Give a text or None."""
        value = self.fields.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self.unfit(key, "a text or null")

    def whole(self, key: str, default: int | None = None) -> int:
        """Give a whole number from 0 to below `LARGEST`."""
        value = self.fields.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST:
            return value
        raise self.unfit(key, "a whole number from 0 to 2^63 - 1")

    def flag(self, key: str, *, default: bool) -> bool:
        """Give true or false."""
        value = self.fields.get(key, default)
        if isinstance(value, bool):
            return value
        raise self.unfit(key, "true or false")

    def mapping(self, key: str) -> Mapping[str, Value]:
        """Give an object as it stands."""
        value = self.fields.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            if _is_deep(value):
                raise self.unfit(key, f"an object of at most {DEEPEST} levels")
            return value
        raise self.unfit(key, "an object")

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts."""
        values = self._list(key)
        if not values:
            return ()
        texts = []
        for value in values:
            if not isinstance(value, str):
                raise self.unfit(key, "a list of texts")
            texts.append(value)
        return tuple(texts)

    def address(self, key: str) -> Address:
        """Give an address."""
        value = self.fields.get(key)
        address = parse_address(value) if isinstance(value, str) else None
        if address is None:
            raise self.unfit(key, "an address (KIND.NAME)")
        return address

    def addresses(self, key: str) -> tuple[Address, ...]:
        """Give a list of addresses."""
        addresses = []
        for text in self.texts(key):
            address = parse_address(text)
            if address is None:
                raise self.unfit(key, f"a list of addresses, not {text[:60]!r},")
            addresses.append(address)
        return tuple(addresses)

    def moment(self, key: str) -> datetime:
        """Give a time in UTC."""
        moment = self.optional_moment(key)
        if moment is None:
            raise self.unfit(key, "a time")
        return moment

    def optional_moment(self, key: str) -> datetime | None:
        """Give a time in UTC or None."""
        value = self.fields.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
                if moment.tzinfo is UTC:
                    return moment
                if moment.tzinfo is not None:
                    return moment.astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise self.unfit(key, "a time with its offset from UTC (ISO 8601)")

    def member(self, key: str, kind: type[_Member], default: _Member | None = None) -> _Member:
        """Give a member of an enumeration."""
        value = self.fields.get(key, default)
        member: _Member | None = _members(kind).get(value) if isinstance(value, str) else None
        if member is None:
            raise self.unfit(key, "one of " + ", ".join(kind))
        return member

    def inner(self, key: str) -> "Shape":
        """Give an object to be read on."""
        inner = self.optional_inner(key)
        if inner is None:
            raise self.unfit(key, "an object")
        return inner

    def optional_inner(self, key: str) -> "Shape | None":
        """Give an object to be read on, or None."""
        value = self.fields.get(key)
        if value is None:
            return None
        if isinstance(value, dict):
            return Shape(f"{self.where}.{key}", value)
        raise self.unfit(key, "an object or null")

    def inners(self, key: str) -> "tuple[Shape, ...]":
        """Give a list of objects to be read on."""
        return tuple(
            shape_of(value, f"{self.where}.{key}[{index}]") for index, value in enumerate(self._list(key))
        )

    def _list(self, key: str) -> list[Value]:
        value = self.fields.get(key)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise self.unfit(key, "a list")


def _is_deep(value: Value) -> bool:
    """Tell whether a value is nested beyond `DEEPEST`: what walks it later has no endless stack."""
    level: list[Value] = [value]
    for _ in range(DEEPEST):
        below: list[Value] = []
        for each in level:
            # By type, not by ABC: a large state holds some hundred thousand of them.
            if type(each) is dict:
                below.extend(inner for inner in each.values() if type(inner) in _NESTING)
            elif type(each) is list:
                below.extend(inner for inner in each if type(inner) in _NESTING)
        if not below:
            return False
        level = below
    return True


def shape_of(value: Value, where: str) -> Shape:
    """Take a value for an object. Raises `StateUnreadable` for anything else."""
    if isinstance(value, dict):
        return Shape(where, value)
    raise StateUnreadable(f"{where} holds {_named(value)} where an object is expected.", remedy=_REMEDY)
