"""Whatever happens to tiers: no pool carries both families, and today's plan has nothing to put right afterwards."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chanplan.app.tiering import approving, suspending
from chanplan.model.addresses import Address
from tests.tiers.desk import NEWS, RECEIPTS, SHARED, Desk, acme
from tests.unit.execution.scene import email

ALERTS = Address("use_case", "alerts")
SENDERS = (RECEIPTS, NEWS, ALERTS)
FAMILIES = {RECEIPTS: "transactional", ALERTS: "transactional", NEWS: "marketing"}

_mail = st.fixed_dictionaries(
    {
        f"acme_{address.name}": st.sampled_from([(0, 0), (200, 0), (2500, 10), (400, 14), (600, 60)])
        for address in SENDERS
    }
)
_act = st.one_of(
    st.tuples(st.just("days"), st.sampled_from([1, 8, 15, 31]), _mail),
    st.tuples(st.just("suspend"), st.sampled_from(SENDERS), st.none()),
    st.tuples(st.just("approve"), st.sampled_from(SENDERS), st.none()),
    st.tuples(st.just("apply"), st.none(), st.none()),
)


@settings(max_examples=60)
@given(st.lists(_act, min_size=1, max_size=12))
def test_families_never_share_a_pool_and_nothing_is_left_to_do(
    acts: list[tuple[str, object, object]],
) -> None:
    """After any days with any mail, suspensions, approvals and applies; and no run moves anything by two steps."""
    desk = Desk(acme(email("alerts"))).made()
    for kind, what, mail in acts:
        before = {address: desk.use_case(address).facts["tier"] for address in SENDERS}
        if kind == "days":
            desk.pass_days(what, mail)  # type: ignore[arg-type]
            desk.move()
        elif kind == "suspend":
            desk.move(suspending(what, "a spam wave"))  # type: ignore[arg-type]
        elif kind == "approve":
            desk.move(approving(what))  # type: ignore[arg-type]
        else:
            desk.apply()
        after = {address: desk.use_case(address).facts["tier"] for address in SENDERS}
        assert all(_one_step(before[address], after[address]) for address in SENDERS)
        carried: dict[object, set[str]] = {}
        for address in SENDERS:
            carried.setdefault(desk.pool_of(address), set()).add(FAMILIES[address])
        assert all(len(families) == 1 for name, families in carried.items() if name != SHARED)
        assert not desk.plan().effective


def _one_step(before: object, after: object) -> bool:
    ladder = ["onboarding", "standard", "premium"]
    if after in {before, "suspended"}:
        return True
    if before == "suspended":
        return after == "onboarding"
    return abs(ladder.index(str(before)) - ladder.index(str(after))) == 1
