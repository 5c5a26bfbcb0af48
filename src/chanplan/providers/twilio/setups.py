"""Looking at Twilio setups: an account and a customer profile, neither of which is ever made, changed or deleted here."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.errors import Rejected
from chanplan.model.resources import Depth, Desired, Identity, Observed, ResourceState
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.provider import Checkpoint
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.objects import Account, Profile
from chanplan.providers.twilio.place import Service


class Setups:
    """Resources of kind `twilio_setup`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def read_all(self, calls: Calls, wanted: Sequence[Identity], at: datetime) -> Mapping[Address, Observed]:
        """Look for profiles with one list, and at their account."""
        account = self._service.account(calls)
        profiles = {profile.sid.lower(): profile for profile in calls.profiles()}
        return {
            identity.address: Observed(
                _named(identity.attributes), _facts(profile, account), at, Depth.LISTED
            )
            for identity in wanted
            if (profile := profiles.get(profile_sid(identity.attributes).lower())) is not None
        }

    def read(self, identity: Identity) -> Observed | None:
        """Read one profile and what is assigned to it; None when these credentials see no such profile."""
        calls = self._service.place(identity.scope)
        profile = calls.profile(profile_sid(identity.attributes))
        if profile is None:
            return None
        facts = dict(_facts(profile, self._service.account(calls)))
        facts["profile_numbers"] = len(self._service.assignments(calls, profile.sid))
        return Observed(_named(identity.attributes), facts, self._service.clock.now(), Depth.DIRECT)

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make sure that there is what the setup names. Nothing is made."""
        del id, partial  # nothing carries a mark, and nothing is left half made
        return self._known(desired, checkpoint)

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Make sure that there is what the setup names now. Nothing is changed."""
        del prior, changed
        return self._known(desired, checkpoint)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Do nothing: neither account nor profile is the setup's own."""

    def _known(self, desired: Desired, checkpoint: Checkpoint) -> Facts:
        calls, sid = self._service.place_for_changes(desired.scope), profile_sid(desired.attributes)
        profile = calls.profile(sid)
        if profile is None:
            raise Rejected(
                f"Account {calls.account_sid} has no customer profile {sid} that these credentials see.",
                remedy="Correct `customer_profile: {sid: …}`. The Trust Hub shows a profile to the credentials of its own account "
                "alone: a parent's to the parent's, a subaccount's to an alias with that account_sid.",
                code="profile_not_found",
            )
        facts: Facts = {"policy_sid": profile.policy_sid}
        checkpoint("customer profile", facts)
        return facts


def profile_sid(attributes: Attributes) -> str:
    """Give the SID of the profile that a setup names."""
    profile = attributes["customer_profile"]
    return str(profile["sid"]) if isinstance(profile, Mapping) else ""


def _named(attributes: Attributes) -> Attributes:
    """Give what was found by being named: the account and the profile are as declared."""
    return {name: attributes[name] for name in ("account", "customer_profile") if name in attributes}


def _facts(profile: Profile, account: Account | None) -> Facts:
    facts: dict[str, Value] = {
        "profile_status": profile.status,
        "profile_name": profile.name,
        "profile_valid_until": profile.valid_until,
        "profile_errors": list(profile.errors),
        "policy_sid": profile.policy_sid,
    }
    if account is not None:
        facts |= {"account_status": account.status, "account_name": account.name}
    return facts
