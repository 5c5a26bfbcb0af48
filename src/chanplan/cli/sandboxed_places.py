"""What the commands of the sandbox's mail are told to act on: addresses, or names of SES, and where those are."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chanplan.app.mail_places import NamedPlace, sets_named, tenants_named
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.cli.sandboxing import controls
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.server import twilio_environment

if TYPE_CHECKING:
    from chanplan.sandbox.controls import Controls
    from chanplan.sandbox.mail_controls import Place


@contextlib.contextmanager
def knobs_or_misused() -> Iterator["Controls"]:
    """Give the knobs of the sandbox; what it can't do is told as what was asked wrong."""
    with controls() as knobs:
        try:
            yield knobs
        except SandboxError as error:
            raise Misused(
                str(error), remedy="`chanplan sandbox status` lists what is there.", code="sandbox"
            ) from error


def sets_of(
    invocation: Invocation, knobs: "Controls", targets: Sequence[str], region: str | None
) -> Mapping[str, "Place"]:
    """Give the configuration sets that targets mean: addresses of use cases, or names of sets (which have no dot)."""
    addresses = {text: ADDRESS.convert(text, None, None) for text in targets if "." in text}
    named = {} if not addresses else _named(invocation, list(addresses.values()))
    found = {}
    for text in targets:
        known = named[addresses[text]] if text in addresses else NamedPlace(text, region or "")
        places = knobs.mail.places_of_sets(known.name)
        found[text] = _only("configuration set", known, places)
    return found


def tenants_of(
    invocation: Invocation, knobs: "Controls", setups: Sequence[Address]
) -> Mapping[Address, "Place"]:
    """Give the tenants of setups."""
    with invocation.opened(environment=_environment(invocation)) as workspace:
        named = tenants_named(workspace, setups)
    return {
        address: _only("tenant", known, knobs.mail.places_of_tenants(known.name))
        for address, known in named.items()
    }


def regions_of(invocation: Invocation, regions: Sequence[str]) -> tuple[str, ...]:
    """Give the regions that are named, or all those of the configuration."""
    if regions:
        return tuple(dict.fromkeys(regions))
    with invocation.opened(environment=_environment(invocation)) as workspace:
        found = {alias.region for alias in workspace.configuration.providers.ses.values()}
    if not found:
        raise Misused(
            "The configuration names no region of SES.",
            remedy="Give --region, such as us-east-1.",
            code="sandbox",
        )
    return tuple(sorted(found))


def _named(invocation: Invocation, addresses: Sequence[Address]) -> Mapping[Address, NamedPlace]:
    with invocation.opened(environment=_environment(invocation)) as workspace:
        return sets_named(workspace, addresses)


def _environment(invocation: Invocation) -> Mapping[str, str]:
    # What `--sandbox` sets for other commands: a configuration that names the account by it can be read here too.
    return {**invocation.environment, **twilio_environment()}


def _only(what: str, known: NamedPlace, places: Sequence["Place"]) -> "Place":
    there = [place for place in places if known.region in ("", place.region)]
    where = f" in {known.region}" if known.region else ""
    if not there:
        raise Misused(
            f"The sandbox's SES has no {what} {known.name}{where}.",
            remedy="Make it with `chanplan --sandbox apply`; `chanplan sandbox status` lists what is there.",
            code="sandbox",
        )
    if len(there) > 1:
        listed = ", ".join(f"{place.account} {place.region}" for place in there)
        raise Misused(
            f"There are several {what}s {known.name}: {listed}.",
            remedy="Say which with --region, or name its use case.",
            code="sandbox",
        )
    return there[0]
