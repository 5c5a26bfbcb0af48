"""Plans that move tiers, of the decisions of `reviews`."""

from dataclasses import replace

from chanplan.model.plans import Change, Difference, Estimate, Plan, Reason, Refusal
from chanplan.model.problems import Problem, Severity
from chanplan.model.tier_evidence import Keep, Why
from chanplan.model.tier_moves import TenantSwitch, TierRow
from tests.unit.render import plans, reviews

_REASONS = {
    "promote": Reason.PROMOTED,
    "demote": Reason.DEMOTED,
    "suspend": Reason.SUSPENDED,
    "reinstate": Reason.REINSTATED,
}
POOLS = {"onboarding": "acme-start", "standard": "acme-standard", "premium": "acme-premium"}
STUCK = Problem(
    "pool_missing",
    "use_case.digest isn't moved to onboarding: no pool that exists carries transactional mail at that tier.",
    "Add `onboarding` to the tiers of a transactional pool or declare one, and run `chanplan apply` first.",
    Severity.ERROR,
    address=plans.use_case("digest"),
)


def change_of(row: TierRow, *, by: str = "") -> Change:
    """The change that a row's decision becomes."""
    move = replace(reviews.move_of(row, by=by), since=row.history.since)
    pools = [POOLS.get(tier, "ses-shared-pool") for tier in (move.before, move.after)]
    return plans.update(
        row.address,
        Difference(("sending_pool",), pools[0], pools[1]),
        Difference(("tier",), move.before, move.after),
        reason=_REASONS[move.verb],
        source=None,
        tier_move=move,
    )


def moving_plan(**more: object) -> Plan:
    """All that the evidence asks for, but for a use case that no pool would carry."""
    rows = [row for row in reviews.review().rows if not isinstance(row.decision, Keep)]
    changes = [
        change_of(row) for row in rows if row.address != STUCK.address and row.address.name != "surveys"
    ]
    return tiers_plan(changes, diagnostics=(STUCK,), **more)


def tiers_plan(changes: list[Change], **more: object) -> Plan:
    """A plan of moves."""
    return plans.plan_of(
        changes, created_at=reviews.NOW, tiers=True, estimate=Estimate({"ses": 2 * len(changes)}, 2.0), **more
    )


def resting_plan() -> Plan:
    """Nothing moves."""
    return tiers_plan([])


def wished_plan() -> Plan:
    """What operators asked for: one use case back, one out, and a tenant stopped."""
    back = change_of(reviews.row_of("surveys", reviews.ROWS["surveys"]), by="ann@laptop")
    out = change_of(
        reviews.row_of("invoices", {**reviews.ROWS["invoices"], "wish": "suspend"}), by="ann@laptop"
    )
    return tiers_plan([back, out, stopped("CH-118: their list was bought")])


def stopped(reason: str, *, stops: bool = True) -> Change:
    """All mail of a tenant is stopped, or let go on."""
    word = ("ENABLED", "DISABLED") if stops else ("DISABLED", "REINSTATED")
    return plans.update(
        plans.MAIL,
        Difference(("sending",), *word),
        reason=Reason.TENANT_STOPPED if stops else Reason.TENANT_STARTED,
        source=None,
        switch=TenantSwitch(stops, reason, "ann@laptop", reviews.NOW),
    )


def refused_plan() -> Plan:
    """An approval that can't be followed."""
    return tiers_plan(
        [],
        targeted=True,
        refusals=(
            Refusal(
                "bounces",
                plans.use_case("newsletter"),
                "use_case.newsletter stays at suspended: 5.1 % of 6,300 mails bounced since 2026-11-23; from 5 % on that "
                "suspends.",
                "Wait until these days are out of the window: it would be suspended again at once.",
            ),
        ),
    )


def hostile_moves(text: str = plans.HOSTILE) -> Plan:
    """Every text that people or services write says what could break out."""
    row = reviews.row_of("offers", reviews.ROWS["offers"])
    evidence = replace(row.decision.evidence, source=text, policy_version=text)
    evidence = replace(evidence, windows={text: evidence.windows["suspend"]})
    change = change_of(row, by=text)
    move = replace(change.tier_move, why=Why(text, text), evidence=evidence)
    return tiers_plan([replace(change, tier_move=move), stopped(text), stopped_elsewhere(text)])


def stopped_elsewhere(text: str) -> Change:
    """Another tenant, let go on."""
    return replace(stopped(text, stops=False), address=plans.OTHER_MAIL)
