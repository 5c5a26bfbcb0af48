"""Who may call: keys and their scopes, and how often."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from chanplan.api.lanes import Lane
from chanplan.api.problems import Problem
from chanplan.api.rates import Rates
from chanplan.api.settings import is_loopback

SCOPES = {"GET": "view", "POST": "create", "DELETE": "delete"}
"""The scope that each method needs."""
_CHALLENGE = 'Bearer realm="chanplan"'


class Holder(Protocol):
    """Who holds a key."""

    @property
    def id(self) -> str:
        """What names the key in logs; not the key."""
        ...

    @property
    def name(self) -> str:
        """What people call it, for the history."""
        ...

    @property
    def scopes(self) -> Collection[str]:
        """What it may do: `view`, `create`, `delete`."""
        ...


Authenticate = Callable[[str], Holder | None]
"""Says who holds a key; None for one that is unknown, has expired or was revoked. May wait for the store."""


@dataclass(frozen=True, slots=True)
class Anybody:
    """Whoever reaches the port of a server without keys."""

    id: str = "insecure-local"
    name: str = "insecure-local"
    scopes: Collection[str] = frozenset(SCOPES.values())


class Gate:
    """Lets a request in, or ends it with 401, 403 or 429. For one event loop."""

    def __init__(self, authenticate: Authenticate | None, lane: Lane, requests_a_second: float) -> None:
        self._authenticate = authenticate
        self._lane = lane
        self._rates = Rates(requests_a_second)

    async def admit(self, request: Request) -> Holder:
        """Say who calls, once they may.

        Raises:
            Problem: no valid key, not its scope, or too often.
        """
        holder = await self._holder(request)
        wait = self._rates.take(f"key {holder.id}")
        if wait:
            raise _too_often(wait)
        needed = SCOPES.get(request.method, "view")
        if needed not in holder.scopes:
            has = ", ".join(sorted(holder.scopes)) or "none"
            raise Problem(
                "scope_missing",
                f"The key has the scopes {has}; this needs {needed}.",
                headers=(
                    ("WWW-Authenticate", f'{_CHALLENGE}, error="insufficient_scope", scope="{needed}"'),
                ),
            )
        return holder

    async def _holder(self, request: Request) -> Holder:
        if self._authenticate is None:
            return _local(request)
        tokens = request.headers.getlist("authorization")
        scheme, _, token = tokens[0].partition(" ") if len(tokens) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token.strip():
            self._slow_down(request)
            raise Problem(
                "key_missing",
                "This call needs a key: Authorization: Bearer KEY.",
                headers=(("WWW-Authenticate", _CHALLENGE),),
            )
        authenticate, text = self._authenticate, token.strip()
        holder = await self._lane.run(lambda: authenticate(text))
        if holder is None:
            self._slow_down(request)
            raise Problem(
                "key_refused",
                "The key is unknown, has expired or was revoked; make another with `chanplan api-key create`.",
                headers=(("WWW-Authenticate", f'{_CHALLENGE}, error="invalid_token"'),),
            )
        return holder

    def _slow_down(self, request: Request) -> None:
        """Hold whoever tries keys out to a rate, too."""
        client = request.client
        wait = self._rates.take(f"address {client.host if client else ''}")
        if wait:
            raise _too_often(wait)


def _local(request: Request) -> Holder:
    """Let in whoever reaches the loopback, but no web page that another site's name led here."""
    host = request.headers.get("host", "").rpartition(":")
    name = host[0] if host[0] and host[2].isdecimal() else "".join(host)
    origin = request.headers.get("origin")
    if not is_loopback(name) or (origin is not None and not _is_local_origin(origin)):
        raise Problem(
            "host_not_allowed",
            "Without keys only localhost and addresses of the loopback are served by name.",
        )
    return Anybody()


def _is_local_origin(origin: str) -> bool:
    name = origin.partition("://")[2]
    bare, colon, port = name.rpartition(":")
    return is_loopback(bare if colon and port.isdecimal() else name)


def _too_often(wait: float) -> Problem:
    seconds = max(1, math.ceil(wait))
    return Problem("rate_limited", f"Too many requests; go on in {seconds} s.", retry_after=seconds)
