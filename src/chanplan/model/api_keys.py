"""Keys of the HTTP API: what is remembered of one, and how the text that its holder has is judged.

A key's text is `chk_ID_SECRET`: 16 hexadecimal digits by which it is found, and 64 (256 bits) that nobody guesses. What is
remembered is a hash of the text, from which it can't be found (decision 0041).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chanplan.model.encoding import encode_moment
from chanplan.model.narrowing import shape_of
from chanplan.model.values import Facts, Value

KIND = "api-key"
"""The kind of record that a key is kept as, under its name."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
"""The form of a key's name, as of resources."""
PREFIX = "chk_"
ID_DIGITS = 16
SECRET_DIGITS = 64
_TEXT = re.compile(rf"{PREFIX}([0-9a-f]{{{ID_DIGITS}}})_[0-9a-f]{{{SECRET_DIGITS}}}", re.ASCII)


class KeyScope(StrEnum):
    """What a key lets its holder do."""

    VIEW = "view"
    CREATE = "create"
    DELETE = "delete"


class KeyRefusal(StrEnum):
    """Why a text is no key, for our own log. Whoever sent it is told one thing for all."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who sent a request, by the key that came with it."""

    id: str
    name: str
    scopes: frozenset[KeyScope]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is remembered of a key."""

    name: str
    id: str
    digest: bytes
    """SHA-256 of the whole text."""
    scopes: frozenset[KeyScope]
    created_at: datetime
    created_by: str
    """User, host and process."""
    expires_at: datetime | None = None
    """None: never."""
    revoked_at: datetime | None = None

    @property
    def holder(self) -> KeyHolder:
        """Who has it."""
        return KeyHolder(self.id, self.name, self.scopes)

    def standing(self, now: datetime) -> KeyRefusal | None:
        """Say why it is of no use any more; None while it is."""
        if self.revoked_at is not None:
            return KeyRefusal.REVOKED
        if self.expires_at is not None and now >= self.expires_at:
            return KeyRefusal.EXPIRED
        return None


def text_of(id: str, secret: str) -> str:
    """Put a key's text together."""
    return f"{PREFIX}{id}_{secret}"


def id_in(text: str) -> str | None:
    """Give the id in a text of the right form; None for any other."""
    match = _TEXT.fullmatch(text)
    return None if match is None else match[1]


def digest_of(text: str) -> bytes:
    """Hash a key's text."""
    return hashlib.sha256(text.encode()).digest()


def is_text_of(text: str, digest: bytes) -> bool:
    """Tell whether a text is the one that was hashed, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(digest_of(text), digest)


def encode_key(key: ApiKey) -> Facts:
    """Write a key; its name stands beside it."""
    return {
        "id": key.id,
        "digest": f"sha256:{key.digest.hex()}",
        "scopes": [scope.value for scope in KeyScope if scope in key.scopes],
        "created_at": encode_moment(key.created_at),
        "created_by": key.created_by,
        "expires_at": None if key.expires_at is None else encode_moment(key.expires_at),
        "revoked_at": None if key.revoked_at is None else encode_moment(key.revoked_at),
    }


def decode_key(name: str, value: Value) -> ApiKey:
    """Read a key. A scope that this chanplan doesn't know is left out. Raises `StateUnreadable`."""
    shape = shape_of(value, f"API key {name}")
    algorithm, _, digits = shape.text("digest").partition(":")
    if algorithm != "sha256" or not re.fullmatch("[0-9a-f]{64}", digits, re.ASCII):
        raise shape.unfit("digest", "`sha256:` and 64 hexadecimal digits")
    scopes = shape.texts("scopes")
    return ApiKey(
        name=name,
        id=shape.text("id"),
        digest=bytes.fromhex(digits),
        scopes=frozenset(scope for scope in KeyScope if scope in scopes),
        created_at=shape.moment("created_at"),
        created_by=shape.text("created_by"),
        expires_at=shape.optional_moment("expires_at"),
        revoked_at=shape.optional_moment("revoked_at"),
    )
