"""Customer profiles and their accounts in memory: looked at, never changed."""

from collections.abc import Mapping, Sequence

from chanplan.model.addresses import Address
from chanplan.model.errors import Rejected
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.resources import Depth, Desired, Identity, Observed
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts
from chanplan.ports.clock import Clock
from chanplan.providers.memory.calls import Calls
from chanplan.providers.memory.world import Part


class MemoryProfiles:
    """The kind `twilio_setup`: what it names is there or isn't."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock

    def read_all(self, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Find the wanted profiles in one list."""
        found = {each.name: each for each in self._calls.all(scope, "profile")}
        account = self._account(scope)
        return {
            identity.address: self._observed(found[sid], account, Depth.LISTED)
            for identity in wanted
            if (sid := profile_sid(identity.attributes)) in found
        }

    def read(self, identity: Identity) -> Observed | None:
        """Read one profile."""
        profile = self._calls.get(identity.scope, "profile", profile_sid(identity.attributes))
        return (
            None if profile is None else self._observed(profile, self._account(identity.scope), Depth.DIRECT)
        )

    def find(self, desired: Desired) -> Facts:
        """Give what stays of a profile. Raises `Rejected` when it isn't there."""
        sid = profile_sid(desired.attributes)
        if self._calls.get(desired.scope, "profile", sid) is None:
            raise Rejected(
                f"There is no customer profile {sid}", remedy="Correct its SID.", code="profile_not_found"
            )
        return {"profile_sid": sid}

    def _account(self, scope: Scope) -> Facts:
        account = self._calls.get(scope, "account", str(scope.account))
        return {"account_status": "active", **({} if account is None else account.statuses)}

    def _observed(self, profile: Part, account: Facts, depth: Depth) -> Observed:
        facts = {"profile_sid": profile.name, **account, **profile.statuses}
        attributes = {"customer_profile": {"sid": profile.name}}
        return Observed(attributes, facts, self._clock.now(), depth)
