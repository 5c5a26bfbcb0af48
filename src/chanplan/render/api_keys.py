"""Keys of the HTTP API as a table and as a document. Neither holds what a key could be guessed from."""

from collections.abc import Sequence
from datetime import datetime

from chanplan.model.api_keys import ApiKey, KeyRefusal, KeyScope
from chanplan.model.values import Value
from chanplan.render.phrases import moment, stamp
from chanplan.render.printable import line
from chanplan.render.terminal import table

_HEADERS = ("NAME", "ID", "SCOPES", "STANDING", "CREATED", "EXPIRES", "BY")


def keys_text(keys: Sequence[ApiKey], now: datetime) -> str:
    """Write a table of keys. Ends with a line break."""
    if not keys:
        return "There are no keys. `chanplan api-key create NAME --scope view` makes one.\n"
    return "".join(f"{text}\n" for text in table(_HEADERS, [_cells(key, now) for key in keys]))


def key_document(key: ApiKey, now: datetime) -> dict[str, Value]:
    """Give a key for machines."""
    return {
        "name": key.name,
        "id": key.id,
        "scopes": list(scopes_of(key)),
        "standing": key.standing(now) or "usable",
        "created_at": stamp(key.created_at),
        "created_by": key.created_by,
        "expires_at": stamp(key.expires_at),
        "revoked_at": stamp(key.revoked_at),
    }


def scopes_of(key: ApiKey) -> tuple[str, ...]:
    """Give what a key lets its holder do, least first."""
    return tuple(scope.value for scope in KeyScope if scope in key.scopes)


def expiry_of(key: ApiKey) -> str:
    """Say when a key expires."""
    return "never" if key.expires_at is None else moment(key.expires_at)


def _cells(key: ApiKey, now: datetime) -> tuple[str, ...]:
    standing = key.standing(now) or "usable"
    if standing is KeyRefusal.REVOKED and key.revoked_at is not None:
        standing = f"revoked {moment(key.revoked_at)}"
    return (
        line(key.name),
        line(key.id),
        " ".join(scopes_of(key)) or "none",
        standing,
        moment(key.created_at),
        expiry_of(key),
        line(key.created_by),
    )
