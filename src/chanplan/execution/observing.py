"""From a reading to the observations that are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate
from chanplan.model.requests import Reading
from chanplan.model.resources import Depth, ResourceState
from chanplan.model.snapshots import Observation, Snapshot
from chanplan.planning.drift import differing


def observations(reading: Reading, gates: Sequence[Gate], snapshot: Snapshot) -> tuple[Observation, ...]:
    """Give what was seen of resources in state, each over what was seen earlier: facts that this reading didn't
    bring, verdicts and gates keep their place."""
    judged: Mapping[Address, Gate] = {gate.on: gate for gate in gates}
    if reading.at is None:
        return ()
    seen = sorted(set(reading.observed) | set(reading.verdicts) | set(judged) | reading.gone)
    return tuple(
        _observation(
            snapshot.resources[address],
            reading,
            reading.at,
            judged.get(address),
            snapshot.observations.get(address),
        )
        for address in seen
        if address in snapshot.resources
    )


def _observation(
    resource: ResourceState, reading: Reading, at: datetime, gate: Gate | None, earlier: Observation | None
) -> Observation:
    address = resource.address
    observed, verdicts = reading.observed.get(address), reading.verdicts.get(address)
    known = earlier or Observation(address, at)
    if observed is not None:
        known = replace(known, read_at=observed.read_at, facts={**known.facts, **observed.facts})
    if address in reading.gone:
        known = replace(known, read_at=at, deep_at=at, differs=differing(resource, None))
    elif observed is not None and observed.depth is Depth.DIRECT:
        known = replace(known, deep_at=observed.read_at, differs=differing(resource, observed))
    if verdicts is not None:
        known = replace(known, verdicts=verdicts, dns_checked_at=at)
    return known if gate is None else replace(known, gate=gate)
