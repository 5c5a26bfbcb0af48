"""Everything that a plan is decided from, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Removed
from chanplan.model.gates import Gate, GateKind
from chanplan.model.kinds.table import GateNeed
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired, Observed, ResourceState
from chanplan.model.snapshots import Intent, Snapshot
from chanplan.planning.gates import dns_gate, judged_anew
from chanplan.planning.imports import Adoption
from chanplan.planning.profile_gate import (
    profile_gate,
    profile_missing,
    profile_of,
    profile_unmade,
    profile_unread,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is desired, remembered, observed and asked for."""

    configuration: Configuration
    snapshot: Snapshot
    """As if every `moved:` entry had been applied."""
    previous: Mapping[Address, Address]
    """Old addresses of what is renamed."""
    reading: Reading
    request: Request
    now: datetime
    desired: Mapping[Address, Desired]
    """What is declared, with derived attributes; empty when everything is to be destroyed."""
    going: frozenset[Address]
    """What won't be there as it is now: deleted or replaced by this plan. Filled in a first pass."""
    renewed: frozenset[Address]
    """Setups of which this plan changes what their gate is judged by. Filled in a first pass."""
    begun: Mapping[Address, Intent]
    """Updates and deletions that an earlier run began and didn't finish."""
    removed: Mapping[Address, Removed]
    """The `removed:` entries by address."""
    wanted_numbers: Mapping[str, Address]
    """The phone numbers that are declared, with who declares them."""
    known_objects: frozenset[str]
    """What the services call the objects of ours that carry no mark."""
    adoptions: Mapping[Address, Adoption] = field(default_factory=dict)
    """What is to be imported."""

    def gate(self, need: GateNeed) -> Gate:
        """Judge a gate by what is known now."""
        if need.kind is GateKind.PROFILE_APPROVED:
            return self._profile_gate(need.on)
        setup = None if need.on in self.going else self._held_or_found(need.on)
        if need.on in self.reading.gone:
            setup = None
        observed = self.reading.observed.get(need.on)
        observation = self.snapshot.observations.get(need.on)
        verdicts = self.reading.verdicts.get(need.on, ())
        gate = dns_gate(setup, need.on, observed, observation, verdicts, self.now)
        return judged_anew(gate) if need.on in self.renewed else gate

    def _profile_gate(self, on: Address) -> Gate:
        """A profile may be approved long before the setup that names it is in the state."""
        desired, prior = self.desired.get(on), self.prior(on)
        declared = desired or prior
        if declared is None:
            return profile_unmade(on)
        sid = profile_sid(declared.attributes)
        if on in self.reading.absent or on in self.reading.gone - self.renewed:
            return profile_missing(on, sid)
        if on in self.renewed:
            # What is remembered and listed is the profile that the plan leaves.
            observed, observation = self.reading.taken.get(on), None
            if observed is None:
                return profile_unread(on)
        else:
            observed, observation = self.observed(on), self.snapshot.observations.get(on)
            if prior is None and observed is None:
                return profile_unmade(on)
        return profile_gate(profile_of(on, sid, observed, observation), self.now)

    def _held_or_found(self, address: Address) -> ResourceState | None:
        """Give what the state remembers, or what is to be imported as it was found."""
        adoption = self.adoptions.get(address)
        return self.prior(address) if adoption is None else adoption.prior

    def prior(self, address: Address) -> ResourceState | None:
        """Give what the state remembers."""
        return self.snapshot.resources.get(address)

    def observed(self, address: Address) -> Observed | None:
        """Give what the services say."""
        return self.reading.observed.get(address)
