"""What a plan of the configuration says of tiers and tenants: it moves none and starts none."""

from collections.abc import Iterator

from chanplan.model.addresses import Address
from chanplan.model.plans import RefreshMode
from chanplan.model.problems import Problem, Severity
from chanplan.model.resources import ResourceState
from chanplan.model.tier_evidence import SUSPENDED
from chanplan.model.tier_facts import moves_of, switch_of
from chanplan.planning.settling_moves import SENDING_BY_US
from chanplan.planning.situation import Situation
from chanplan.planning.tiers import tier_of


def tier_notes(situation: Situation) -> Iterator[Problem]:
    """Warn of use cases that are suspended, of tenants that somebody with our account stopped, and of moves that nobody
    looked at."""
    if situation.reading.mode is RefreshMode.NONE:
        for address, intent in sorted(situation.begun.items()):
            if intent.tier_move is not None or intent.switch is not None:
                yield _unlooked_at(address)
    for address in sorted(situation.desired):
        prior = situation.prior(address)
        if prior is None:
            continue
        if "email_type" in prior.attributes and tier_of(prior) == SUSPENDED:
            yield _suspended(situation, prior)
        if address.kind == "ses_setup":
            yield from _stopped(situation, prior)


def _unlooked_at(address: Address) -> Problem:
    return Problem(
        "unresolved_intent",
        f"A run of `tiers` began something on {address}, and nobody looked how it ended, so nothing is planned of it.",
        "Plan with a refresh.",
        Severity.WARNING,
        address=address,
    )


def _suspended(situation: Situation, prior: ResourceState) -> Problem:
    last = next(iter(moves_of(prior)), None)
    why = "" if last is None else f" since {last.decided_at:%Y-%m-%d}: {last.why.sentence}"
    desired = situation.desired[prior.address]
    return Problem(
        "tier_suspended",
        f"{prior.address} is suspended{why or '.'}",
        f"Its mail goes through SES's shared pool. `chanplan tiers approve {prior.address}` brings it back, at onboarding.",
        Severity.WARNING,
        desired.source,
        prior.address,
    )


def _stopped(situation: Situation, prior: ResourceState) -> Iterator[Problem]:
    switch, observed = switch_of(prior), situation.observed(prior.address)
    told = None if observed is None else observed.facts.get(SENDING_BY_US)
    if told != "DISABLED" and (told is not None or switch is None or not switch.stops):
        return
    why = "." if switch is None or not switch.stops else f" since {switch.at:%Y-%m-%d}: {switch.reason}"
    yield Problem(
        "tenant_stopped",
        f"The tenant of {prior.address} is stopped{why}",
        f"None of its use cases sends. `chanplan tiers start-tenant {prior.address}` lets them go on.",
        Severity.WARNING,
        situation.desired[prior.address].source,
        prior.address,
    )
