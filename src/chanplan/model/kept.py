"""What belongs to a workspace and not to its resources: API keys, answers to repeated requests, and the like."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chanplan.model.encoding import Document, encode_moment
from chanplan.model.narrowing import from_text, shape_of, to_text
from chanplan.model.values import Facts, Value

_KIND = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record: what sort it is of, what it is found by, what it says, and when it was kept."""

    kind: str
    """A name of ours, such as `api-key`: small letters, digits and hyphens."""
    key: str
    """Any text: it may come from outside."""
    value: Facts
    at: datetime

    def __post_init__(self) -> None:
        assert _KIND.fullmatch(self.kind), "kinds are names of ours"

    @property
    def name(self) -> str:
        """What stores call it by: a hash, so that no text from outside becomes part of a name."""
        return name_of(self.key)

    @property
    def microseconds(self) -> int:
        """When it was kept, since 1970: what is pruned is compared by that."""
        return microseconds(self.at)


def name_of(key: str) -> str:
    """Give what stores call a key by: 64 hexadecimal digits."""
    return hashlib.sha256(to_text(key).encode()).hexdigest()


def microseconds(moment: datetime) -> int:
    """Count the microseconds from 1970 to a moment."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def encode_kept(kept: Kept) -> Document:
    """Write a record; its kind stands beside it."""
    return {"key": kept.key, "at": encode_moment(kept.at), "value": dict(kept.value)}


def decode_kept(document: Value, kind: str, where: str = "record") -> Kept:
    """Read a record. Raises `StateUnreadable`."""
    shape = shape_of(document, where)
    return Kept(kind, shape.text("key"), shape.mapping("value"), shape.moment("at"))


def kept_text(kept: Kept) -> str:
    """Write a record as a text in ASCII."""
    return to_text(encode_kept(kept))


def kept_of_text(text: object, kind: str, name: str) -> Kept:
    """Read what `kept_text` wrote. Raises `StateUnreadable`."""
    where = f"{kind} {name[:12]}"
    return decode_kept(from_text(text, where), kind, where)


def by_key(records: list[Kept]) -> Mapping[str, Kept]:
    """Order records by their keys."""
    return {each.key: each for each in sorted(records, key=lambda each: each.key)}
