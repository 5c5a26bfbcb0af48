"""
Verifies DKIM and MAIL FROM by what the sandbox's own name server would answer.

SES looks again and again in the background; the sandbox looks when somebody reads, and works out what SES would have
seen meanwhile from when each record was published. A search that ends without success ends for good: only re-arming
starts it anew.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chanplan.sandbox.dns import records, zone
from chanplan.sandbox.dns.zone import Found, NoData, NoName
from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.state import faults


@dataclass(frozen=True, slots=True)
class Right:
    """DNS says what it should."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """DNS doesn't; `error` is SES's word for why."""

    error: str


Finding = Right | Wrong


def armed(at: float) -> Document:
    """Returns a search that has just begun."""
    return {"status": "PENDING", "since": at}


def refreshed(call: Call, identity: Document) -> Document:
    """Brings an identity's DKIM and MAIL FROM statuses up to date; returns the identity, changed or not."""
    version = records.version(call.state)
    unsteady = faults.any_for_dns(call.state)
    region = call.scope.region
    changed = False
    if identity["type"] == "DOMAIN" and identity["dkim"]["origin"] == "AWS_SES":
        changed |= _advance(
            identity["dkim"]["search"],
            call.now,
            version,
            unsteady,
            lambda until: _dkim(call, identity, until),
        )
    if identity["mail_from"] is not None:
        domain = identity["mail_from"]["domain"]
        changed |= _advance(
            identity["mail_from"]["search"],
            call.now,
            version,
            unsteady,
            lambda until: _mail_from(call, domain, region, until),
        )
    if changed:
        call.put("ses.identity", identity["name"], identity)
    return identity


def _advance(
    search: Document, now: float, version: int, unsteady: bool, look: Callable[[float | None], Finding]
) -> bool:
    """Moves a search on; tells whether it changed."""
    if search["status"] == "FAILED":
        return False
    begun = search["since"] if search["status"] == "PENDING" else search.get("failing", now)
    end = begun + quirks.SEARCH_SECONDS.value
    over = search["status"] != "SUCCESS" and now > end
    if search.get("version") == version and not unsteady and not over:
        return False
    finding = look(end if over else None)
    search["version"] = version
    search["checked"] = now
    search.pop("error", None)
    match finding:
        case Right():
            search["status"] = "SUCCESS"
            search["succeeded"] = now
            search.pop("failing", None)
        case Wrong(error):
            search["error"] = error
            if over:
                search["status"] = "FAILED"
            elif search["status"] == "SUCCESS":
                search["status"] = "TEMPORARY_FAILURE"
                search["failing"] = now
    return True


def _dkim(call: Call, identity: Document, until: float | None) -> Finding:
    for token in identity["dkim"]["tokens"]:
        name = f"{token}._domainkey.{identity['name']}"
        finding = _ask(
            call, name, "CNAME", until, partial(operator.eq, [f"{token}.{identity['dkim']['zone']}."])
        )
        if isinstance(finding, Wrong):
            return finding
    return Right()


def _mail_from(call: Call, domain: str, region: str, until: float | None) -> Finding:
    host = quirks.MAIL_FROM_HOST.value.format(region=region) + "."
    # Exactly one MX, whatever its preference: any other host beside it makes SES refuse the set-up.
    return _ask(call, domain, "MX", until, lambda values: [value.split()[-1] for value in values] == [host])


def _ask(
    call: Call, name: str, kind: str, until: float | None, right: Callable[[list[str]], bool]
) -> Finding:
    match zone.look_up_for_service(call.state, name, kind, until):
        case Found(answers):
            values = [answer.value.lower() for answer in answers if answer.type == kind]
            return Right() if right(values) else Wrong("INVALID_VALUE")
        case NoData():
            return Wrong("TYPE_NOT_FOUND")
        case NoName():
            return Wrong("HOST_NOT_FOUND")
        case _:
            return Wrong("DNS_SERVER_ERROR")
