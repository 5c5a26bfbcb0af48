"""Making, listing and revoking keys of the HTTP API. None of it needs the workspace's lock, or calls a service."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import get_close_matches

from chanplan.app.guarding import check_workspace
from chanplan.app.workspace import Workspace
from chanplan.model.api_keys import (
    ID_DIGITS,
    KIND,
    NAME,
    SECRET_DIGITS,
    ApiKey,
    KeyScope,
    decode_key,
    digest_of,
    encode_key,
    text_of,
)
from chanplan.model.errors import Misused
from chanplan.ports.store import Store


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made, with the text that is shown once and kept nowhere."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revoked:
    """A key that holds no more."""

    key: ApiKey
    already: bool = False
    """Whether somebody had revoked it before."""


def create_key(
    workspace: Workspace, name: str, scopes: Collection[KeyScope], lifetime: timedelta | None
) -> NewKey:
    """Make a key that holds from now on, for so long or until it is revoked.

    What is remembered is durable before the text is given: killed in between, a key is listed that nobody has.

    Raises:
        Misused: the name isn't one, or is taken, by a key that was revoked too; no scope; no time.
        StateError: the state can't be read or written, or is another workspace's.
    """
    if not NAME.fullmatch(name):
        raise Misused(
            "A key's name has up to 63 small letters, digits, hyphens and underscores, and begins with a letter or a digit.",
            remedy="Choose another, such as dashboard-2026.",
            code="key_name",
        )
    if not scopes:
        raise Misused("A key without a scope opens nothing.", remedy="Add --scope view.", code="key_scope")
    if lifetime is not None and lifetime <= timedelta(0):
        raise Misused(
            "A key that expires at once opens nothing.", remedy="Write --expires 90d.", code="duration"
        )
    check_workspace(workspace.configuration, workspace.store.load())
    now = workspace.clock.now()
    id = secrets.token_hex(ID_DIGITS // 2)
    text = text_of(id, secrets.token_hex(SECRET_DIGITS // 2))
    key = ApiKey(
        name=name,
        id=id,
        digest=digest_of(text),
        scopes=frozenset(scopes),
        created_at=now,
        created_by=workspace.holder,
        expires_at=None if lifetime is None else now + lifetime,
    )
    if not workspace.store.keep(KIND, name, encode_key(key), at=now, only_new=True):
        raise Misused(
            f"There is a key {name} already.",
            remedy="Choose another name: one that was revoked keeps its name, so that logs and lists mean one key.",
            code="key_exists",
        )
    return NewKey(key, text)


def take_back(workspace: Workspace, key: ApiKey) -> None:
    """Forget a key whose text reached nobody. Raises `StateUnwritable`."""
    workspace.store.drop(KIND, key.name)


def list_keys(workspace: Workspace) -> Sequence[ApiKey]:
    """Give all keys by name, those that hold no more too. Raises `StateError`."""
    check_workspace(workspace.configuration, workspace.store.load())
    return read_keys(workspace.store)


def read_keys(store: Store) -> Sequence[ApiKey]:
    """Read all keys from a store, by name. Raises `StateUnreadable`."""
    return [decode_key(name, dict(kept.value)) for name, kept in store.kept(KIND).items()]


def are_usable(keys: Sequence[ApiKey], now: datetime) -> bool:
    """Tell whether any of the keys opens anything."""
    return any(key.standing(now) is None and key.scopes for key in keys)


def revoke_key(workspace: Workspace, name: str) -> Revoked:
    """End a key for good. Servers that run hold to it within the seconds that `key_ring` says.

    Raises:
        Misused: there is none of that name.
        StateError: the state can't be read or written, or is another workspace's.
    """
    check_workspace(workspace.configuration, workspace.store.load())
    kept = workspace.store.kept_one(KIND, name)
    if kept is None:
        close = get_close_matches(name, workspace.store.kept(KIND), 1, 0.75)
        raise Misused(
            f"There is no key {name}." if NAME.fullmatch(name) else "There is no key of that name.",
            remedy=(f"Did you mean {close[0]}? " if close else "") + "`chanplan api-key list` lists them.",
            code="unknown_key",
        )
    key = decode_key(name, dict(kept.value))
    if key.revoked_at is not None:
        return Revoked(key, already=True)
    ended = replace(key, revoked_at=workspace.clock.now())
    workspace.store.keep(KIND, name, encode_key(ended), at=kept.at)
    return Revoked(ended)
