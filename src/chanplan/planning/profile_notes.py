"""What a plan says of customer profiles and their accounts besides its changes."""

from collections import Counter
from collections.abc import Iterator

from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.kinds.table import GateNeed
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.problems import Problem, Severity
from chanplan.model.resources import Desired
from chanplan.planning.profile_gate import ACTIVE, NOTICE, Profile, profile_of
from chanplan.planning.situation import Situation

ACCOUNT_NOT_ACTIVE = "account_not_active"


def profile_notes(situation: Situation) -> Iterator[Problem]:
    """Tell of accounts that can't be used, of profiles that end soon, and of those that closed behind lines in use."""
    setups = [each for address, each in sorted(situation.desired.items()) if address.kind == "twilio_setup"]
    if not setups:
        return
    lines = Counter(
        resource.references[0]
        for resource in situation.snapshot.resources.values()
        if resource.complete and resource.references and resource.scope.provider == "twilio"
    )
    told: set[str | None] = set()
    for setup in setups:
        if setup.address in situation.reading.gone:
            yield _missing(setup)
            continue
        observed = situation.observed(setup.address)
        if observed is None:
            continue
        profile = profile_of(setup.address, profile_sid(setup.attributes), observed, None)
        if profile.account_status != ACTIVE:
            if setup.scope.account not in told:
                told.add(setup.scope.account)
                yield _inactive(setup, profile)
            continue
        if setup.address in situation.renewed:
            continue
        gate = situation.gate(GateNeed(GateKind.PROFILE_APPROVED, setup.address))
        if gate.state is GateState.OPEN:
            until = profile.valid_until
            if until is not None and until - situation.now <= NOTICE:
                yield _ending(setup, profile, f"{until:%Y-%m-%d}")
        elif gate.state is not GateState.UNKNOWN and lines[setup.address]:
            yield _closed(setup, gate, lines[setup.address])


def _inactive(setup: Desired, profile: Profile) -> Problem:
    status, name = profile.account_status, profile.facts.get("account_name")
    called = f"{setup.scope.account} ({name})" if name else str(setup.scope.account)
    remedy = (
        "A closed account stays closed: bind another one by a second twilio_setup."
        if status == "closed"
        else "Make it active again in the Twilio Console; until then nothing is made or changed there."
    )
    return _note(setup, ACCOUNT_NOT_ACTIVE, f"Account {called} is {status}.", remedy, Severity.ERROR)


def _missing(setup: Desired) -> Problem:
    return _note(
        setup,
        "profile_not_found",
        f"Account {setup.scope.account} doesn't have the customer profile {profile_sid(setup.attributes)} of "
        f"{setup.address} any more.",
        "Lines that exist stay as they are; new ones need an approved profile: name it in customer_profile.",
    )


def _ending(setup: Desired, profile: Profile, day: str) -> Problem:
    return _note(
        setup,
        "profile_expires_soon",
        f"{profile.words} of {setup.address} is approved until {day} only.",
        "Renew it in the Twilio Console (Trust Hub) in time: a review takes 1 to 3 business days.",
    )


def _closed(setup: Desired, gate: Gate, lines: int) -> Problem:
    return _note(
        setup,
        "profile_regressed",
        f"{lines:,} use case{'s are' if lines > 1 else ' is'} in use on {setup.address}, whose profile isn't approved any "
        f"more. {gate.detail}",
        "Nothing is deleted. " + " ".join(f"{step}." for step in gate.todo),
    )


def _note(
    setup: Desired, code: str, message: str, remedy: str, severity: Severity = Severity.WARNING
) -> Problem:
    return Problem(code, message, remedy.strip(), severity, setup.source, setup.address)
