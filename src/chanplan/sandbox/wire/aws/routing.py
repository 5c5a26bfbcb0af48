"""Tells which operation of which service a request asks for, in which format, and for which account and region."""

import hashlib
import re
from dataclasses import dataclass

from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services.quirks import DEFAULT_ACCOUNT
from chanplan.sandbox.state.storage import Scope
from chanplan.sandbox.wire.aws.formats import WireFormat
from chanplan.sandbox.wire.aws.json_rpc import CLOUDWATCH, TAGGING, JsonRpc
from chanplan.sandbox.wire.aws.model import Operation, operation, routes
from chanplan.sandbox.wire.aws.query import Query, form
from chanplan.sandbox.wire.aws.rest_json import RestJson
from chanplan.sandbox.wire.messages import Request

DEFAULT_ACCESS_KEY = "sandbox"

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
_ACCOUNT = re.compile(r"\d{12}")
_TARGETS = {"ResourceGroupsTaggingAPI_20170126": TAGGING, "GraniteServiceVersion20100801": CLOUDWATCH}
_QUERY_SERVICES = {"ses": "ses", "email": "ses", "sts": "sts"}


@dataclass(frozen=True, slots=True)
class Caller:
    """What the request's credential scope says."""

    scope: Scope
    signing_name: str


def caller(request: Request) -> Caller:
    """Reads the credential scope of the signature; the signature itself isn't checked."""
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    if found is None:
        raise ServiceError(
            "MissingAuthenticationTokenException",
            "The request isn't signed with AWS Signature Version 4, from which the sandbox reads account and region.",
            403,
        )
    key, region, signing_name = found.groups()
    return Caller(Scope(account_of(key), region), signing_name)


def account_of(access_key: str) -> str:
    """Returns the account of an access key: always the same, twelve digits."""
    if access_key == DEFAULT_ACCESS_KEY:
        return DEFAULT_ACCOUNT.value
    if _ACCOUNT.fullmatch(access_key):
        return access_key
    return str(10**11 + int(hashlib.sha256(access_key.encode()).hexdigest(), 16) % (9 * 10**11))


def format_of(request: Request) -> WireFormat:
    """Tells the format by path and headers."""
    if request.path.startswith("/v2/"):
        return RestJson()
    if "x-amz-target" in request.headers:
        # Whose target nobody knows is refused in either's format.
        return _TARGETS.get(_target(request)[0], TAGGING)
    return Query()


def operation_of(request: Request, signing_name: str, wire: WireFormat) -> Operation:
    """
    Finds the operation.

    Raises:
        ServiceError: no operation has this method and path, or this name.
    """
    match wire:
        case RestJson():
            found = _by_path(request)
        case JsonRpc():
            prefix, name = _target(request)
            found = operation(wire.service, name) if prefix in _TARGETS else None
        case _:
            service = _QUERY_SERVICES.get(signing_name)
            found = operation(service, form(request.body).get("Action", "")) if service else None
    if found is None:
        raise unknown_operation(f"{request.method} {request.path}")
    return found


def unknown_operation(what: str) -> ServiceError:
    """Makes the answer to a request that the sandbox has nothing for."""
    return ServiceError(
        "UnknownOperationException",
        f"The sandbox doesn't know {what}. docs/sandbox.md lists what it knows.",
        404,
    )


def _target(request: Request) -> tuple[str, str]:
    prefix, _, name = request.headers["x-amz-target"].partition(".")
    return prefix, name


def _by_path(request: Request) -> Operation | None:
    for route in routes("sesv2"):
        if route.method == request.method and route.pattern.fullmatch(request.path):
            return route.operation
    return None
