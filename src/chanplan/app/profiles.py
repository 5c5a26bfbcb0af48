"""Which Twilio account and customer profile a setup of the configuration names; whoever plays Twilio's people asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chanplan.config.loader import load_configuration
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.providers.twilio.clients import account_unknown, alias_reaching
from chanplan.providers.twilio.credentials import account_of


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """The SIDs that a setup leads to."""

    account: str
    """Where its numbers and Applications are."""
    holder: str
    """Whose credentials see its profile: the account itself, or the parent that reaches it."""
    profile: str


def profiles_named(
    root: Path, environment: Mapping[str, str], addresses: tuple[Address, ...]
) -> Mapping[Address, NamedProfile]:
    """Give the profiles that Twilio setups of a configuration name. Makes no call.

    Raises:
        Invalid: the configuration has problems.
        Misused: an address isn't a Twilio setup of it.
        Rejected: nobody says whose account an alias reaches.
    """
    configuration = load_configuration(root, environment)
    found = {}
    for address in addresses:
        desired = configuration.resources.get(address)
        if desired is None or address.kind != "twilio_setup":
            raise Misused(
                f"{address} isn't a Twilio setup of the configuration.",
                remedy="Name one that stands under twilio_setups, such as twilio_setup.acme-voice.",
                code="unknown_address",
            )
        alias = alias_reaching(desired.scope, configuration.providers.twilio, environment)
        holder = account_of(alias, environment)
        if holder is None:
            raise account_unknown(alias)
        account = desired.scope.account or holder
        found[address] = NamedProfile(account, holder, profile_sid(desired.attributes))
    return found
