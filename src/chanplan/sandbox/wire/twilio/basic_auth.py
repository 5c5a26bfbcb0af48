"""Reads the credentials of a request (RFC 7617)."""

import base64
from dataclasses import dataclass, field

from chanplan.sandbox.wire.messages import Request


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and its password."""

    user: str
    password: str = field(repr=False)


def credentials(request: Request) -> Credentials | None:
    """Returns the credentials; None where there are none, or none that can be read."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return Credentials(user, password) if user and colon else None
