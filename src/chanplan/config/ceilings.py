"""What one account and region can hold, and what a pool may serve.

The numbers are SES's quotas (ses.md, facts 7 and 8 and section 1.5), of which those of identities and configuration
sets can't be raised, and Twilio's limit of Applications (its error 21301; twilio.md 2).
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from chanplan.config.draft import Declaration, Draft
from chanplan.config.reading import quoted
from chanplan.model.kinds.sending_pool import RESERVED_POOL_NAMES, SendingPool
from chanplan.model.kinds.use_case import EmailUseCase, VoiceUseCase
from chanplan.model.problems import Severity

IDENTITIES_PER_REGION = 10_000
CONFIGURATION_SETS_PER_REGION = 10_000
MANAGED_POOLS_PER_REGION = 5
APPLICATIONS_PER_ACCOUNT = 1_000

_Place: TypeAlias = tuple[str | None, str | None]


def check_ceilings(draft: Draft) -> None:
    """Check pools, and how many of each there are per account and region."""
    setups: dict[_Place, list[Declaration]] = defaultdict(list)
    sets: dict[_Place, list[Declaration]] = defaultdict(list)
    managed: dict[_Place, list[Declaration]] = defaultdict(list)
    lines: dict[_Place, list[Declaration]] = defaultdict(list)
    for declaration in draft.declarations.values():
        scope = draft.scopes.get(declaration.address)
        if scope is None:
            continue
        place = (scope.account, scope.region)
        if declaration.address.kind == "ses_setup":
            setups[place].append(declaration)
        elif isinstance(declaration.model, EmailUseCase):
            sets[place].append(declaration)
        elif isinstance(declaration.model, VoiceUseCase):
            lines[place].append(declaration)
        elif isinstance(declaration.model, SendingPool) and declaration.model.scaling == "managed":
            managed[place].append(declaration)
    _check_count(setups, IDENTITIES_PER_REGION, "domain identities", draft)
    _check_count(sets, CONFIGURATION_SETS_PER_REGION, "configuration sets", draft)
    _check_count(managed, MANAGED_POOLS_PER_REGION, "managed pools", draft)
    _check_lines(lines, draft)
    _check_pools(draft)


def _check_lines(counted: dict[_Place, list[Declaration]], draft: Draft) -> None:
    for (account, _), declarations in counted.items():
        beyond = len(declarations) - APPLICATIONS_PER_ACCOUNT
        if beyond <= 0:
            continue
        first_beyond = declarations[APPLICATIONS_PER_ACCOUNT]
        where = "the provider's account" if account is None else f"account {account}"
        draft.reading.report(
            "service_ceiling",
            f"{len(declarations):,} voice use cases are declared in {where}, and Twilio allows "
            f"{APPLICATIONS_PER_ACCOUNT:,} Applications per account.",
            first_beyond.source,
            f"Move {beyond:,} of them to a twilio_setup in another account.",
            address=first_beyond.address,
            data={"ceiling": APPLICATIONS_PER_ACCOUNT, "declared": len(declarations), "account": account},
        )


def _check_count(counted: dict[_Place, list[Declaration]], ceiling: int, what: str, draft: Draft) -> None:
    for (_, region), declarations in counted.items():
        if len(declarations) <= ceiling:
            continue
        first_beyond = declarations[ceiling]
        draft.reading.report(
            "service_ceiling",
            f"{len(declarations):,} {what} are declared in {region}, and SES allows {ceiling:,} "
            "per account and region.",
            first_beyond.source,
            f"Move {len(declarations) - ceiling:,} of them to another provider alias"
            + (", or use `scaling: standard`." if what == "managed pools" else "."),
            address=first_beyond.address,
            data={"ceiling": ceiling, "declared": len(declarations), "region": region},
        )


def _check_pools(draft: Draft) -> None:
    serving: dict[tuple[_Place, str, str], Declaration] = {}
    for declaration in draft.of_kind("sending_pool"):
        model = declaration.model
        assert isinstance(model, SendingPool)
        if model.pool_name in RESERVED_POOL_NAMES:
            draft.reading.report(
                "pool_reserved",
                f"{quoted(model.pool_name)} is SES's own name for a pool.",
                declaration.place("pool_name"),
                "Choose another name; without any sending_pools, SES's shared pool is used.",
                address=declaration.address,
            )
        scope = draft.scopes.get(declaration.address)
        if scope is None:
            continue
        for index, tier in enumerate(model.tiers):
            first = serving.setdefault(((scope.account, scope.region), model.family, tier), declaration)
            if first is not declaration:
                _report_overlap(first, declaration, index, draft)
    _check_standard(serving, draft)


def _check_standard(serving: Mapping[tuple[_Place, str, str], Declaration], draft: Draft) -> None:
    """Warn where a family has pools at its place and none for standard, the tier at which a use case is to stay
    (channel-manager.txt, Email Reputation Tiers). To have none for premium may be meant."""
    pooled = {place for place, _, _ in serving}
    told: set[tuple[_Place, str]] = set()
    # By name: the order in which people write says nothing.
    for use_case in sorted(draft.of_kind("use_case"), key=lambda each: each.address):
        scope, model = draft.scopes.get(use_case.address), use_case.model
        if scope is None or not isinstance(model, EmailUseCase):
            continue
        place, family = (scope.account, scope.region), model.email_type
        if place not in pooled or (place, family, "standard") in serving or (place, family) in told:
            continue
        told.add((place, family))
        pools = [pool for (at, of, _), pool in serving.items() if (at, of) == (place, family)]
        own = min(pools, key=lambda each: each.address, default=None)
        draft.reading.report(
            "tier_without_pool",
            f"No pool carries {family} mail of the tier standard in {scope.region}, so {use_case.address} and its like "
            "could never be promoted.",
            use_case.source if own is None else own.place("tiers"),
            f"Add standard to the tiers of a {family} pool there, or declare one.",
            data={"family": family, "tier": "standard", "region": scope.region},
            severity=Severity.WARNING,
        )


def _report_overlap(first: Declaration, second: Declaration, index: int, draft: Draft) -> None:
    model = second.model
    assert isinstance(model, SendingPool)
    there, tier = first.place("tiers"), model.tiers[index]
    draft.reading.report(
        "pool_overlap",
        f"{second.address} carries {model.family} mail of the tier {tier}, and so does {first.address} at {there}.",
        second.place("tiers", index),
        "Leave each tier of a family to one pool per account and region.",
        address=second.address,
        data={"other": str(first.address), "other_place": str(there), "tier": tier},
    )
