"""Requests of the API, drawn at random: whatever fails where, all converges, and every answer is true."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chanplan.app.channels.channels import Channels
from chanplan.model.channel_errors import ChannelError, ServiceFailed
from chanplan.model.channels import NewSesSetup, UseCaseFilter
from chanplan.model.errors import OutcomeUnknown, Rejected
from chanplan.model.resources import Origin
from chanplan.providers.memory.faults import Fail, Moment
from tests.unit.channels.counter import Counter, call, receipts
from tests.unit.execution.scene import WORKSPACE

TENANTS = ("a", "b", "c")
DOMAINS = ("a.example", "b.example")
PURPOSES = ("One", "Two")

creates = some.builds(NewSesSetup, some.sampled_from(TENANTS), some.sampled_from(DOMAINS))
uses = some.tuples(some.just("use"), some.integers(0, 3), some.sampled_from(PURPOSES))
asks = some.one_of(
    creates.map(lambda new: ("create", new)),
    creates.map(lambda new: ("create", new)),
    uses,
    uses,
    some.tuples(some.just("get"), some.integers(0, 3)),
    some.tuples(some.just("delete setup"), some.integers(0, 3)),
    some.tuples(some.just("delete use"), some.integers(0, 3)),
    some.just(("apply",)),
    some.just(("restart",)),
)
# What a service refused, it didn't do; of what it didn't answer, nobody knows.
faults = some.sampled_from(
    [
        (Rejected("No."), Moment.BEFORE),
        (OutcomeUnknown("Silence."), Moment.BEFORE),
        (OutcomeUnknown("Silence."), Moment.AFTER),
    ]
)
strikes = some.none() | some.tuples(faults, some.integers(1, 12))


@dataclass
class Desk:
    """Who asks, and what the answers so far promise."""

    counter: Counter
    window: Channels

    def __post_init__(self) -> None:
        self.setups: dict[str, NewSesSetup] = {}
        self.use_cases: dict[str, str] = {}
        self.unsure: set[str] = set()
        """What a request that failed was about: it may be there, or not, or become so by itself."""

    def ask(self, what: tuple, strike: tuple | None) -> None:
        """Ask once, while something may go wrong, and note what was answered."""
        self.counter.world._faults.clear()
        if strike is not None:
            (error, moment), number = strike
            self.counter.world.fault(Fail(error), moment, call=len(self.counter.world.calls) + number)
        try:
            self._ask(*what)
        except ServiceFailed as error:
            # Without one, nothing was begun.
            self.unsure |= {str(id) for id in [error.data.get("unfinished")] if id is not None}
        except ChannelError:
            pass
        finally:
            self.counter.world._faults.clear()

    def _ask(self, what: str, *given: object) -> None:
        window, counter = self.window, self.counter
        if what == "create":
            (new,) = given
            made = window.create_ses_setup(new, call())
            assert made.id not in self.setups
            self.setups[made.id] = new
            counter.publish(new.domain_identity, counter.at(made.id).address)
        elif what == "apply":
            counter.apply()
        elif what == "restart":
            self.window = counter.open()
        elif what == "delete use":
            self._delete(self.use_cases, window.delete_use_case, *given)
        elif not self.setups:
            return
        elif what == "delete setup":
            self._delete(self.setups, window.delete_ses_setup, *given)
        elif what == "get":
            id = self._chosen(self.setups, *given)
            assert window.get_ses_setup(id).tenant_name == self.setups[id].tenant_name
        else:
            number, purpose = given
            id = self._chosen(self.setups, number)
            domain = self.setups[id].domain_identity
            made = window.create_use_case(
                receipts(id, name=purpose, sender_email_address=f"{purpose}@{domain}"), call()
            )
            self.use_cases[made.id] = id

    @staticmethod
    def _chosen(among: dict, number: int) -> str:
        return sorted(among)[number % len(among)]

    def _delete(self, among: dict, delete: Callable, number: int) -> None:
        if among:
            id = self._chosen(among, number)
            try:
                delete(id, call("DELETE"))
            except ServiceFailed:
                self.unsure.add(id)
                del among[id]
                raise
            del among[id]

    def check(self) -> None:
        """Compare what is listed with what was answered."""
        listed = {item.id: item for item in self.window.list_ses_setups()}
        used = {item.id: item for item in self.window.list_use_cases(UseCaseFilter())}
        assert set(self.setups) <= set(listed)
        assert set(self.use_cases) <= set(used)
        # A create that failed may be finished by a later request or an apply, under the id that was told.
        assert (set(listed) | set(used)) - set(self.setups) - set(self.use_cases) <= self.unsure
        assert len({item.tenant_name for item in listed.values()}) == len(listed)
        assert len({item.domain_identity for item in listed.values()}) == len(listed)


def converge(counter: Counter) -> None:
    """Let an apply finish what is left, with every record published."""
    for resource in counter.resources.values():
        if resource.address.kind == "ses_setup" and "dkim_tokens" in resource.facts:
            counter.publish(str(resource.attributes["domain_identity"]), resource.address)
    for _ in range(3):
        ended = counter.apply()
        assert ended.last is not None, ended.plan.refusals
        if not ended.last.done:
            return
    raise AssertionError(ended.last)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=some.lists(some.tuples(asks, strikes), min_size=4, max_size=20))
def test_whatever_fails_all_converges(story):
    """No object is there twice, none is nobody's, nothing stays begun, and what was answered is so."""
    counter = Counter(folder=Path("/nonexistent"))
    desk = Desk(counter, counter.open())
    for what, strike in story:
        desk.ask(what, strike)
        desk.check()

    converge(counter)

    snapshot = counter.store.load()
    assert snapshot.intents == ()
    assert all(each.complete and each.origin is Origin.API for each in snapshot.resources.values())
    marks = {part.id for part in counter.world.parts().values() if part.workspace == WORKSPACE}
    assert marks == {each.id for each in snapshot.resources.values()}
    desk.check()
    assert counter.plan().effective == ()


@settings(max_examples=60, deadline=None)
@given(order=some.permutations([(tenant, step) for tenant in TENANTS for step in range(3)]))
def test_the_order_of_requests_about_different_things_does_not_matter(order):
    """What each tenant's requests lead to is the same however they are mixed with others'."""
    counter = Counter(folder=Path("/nonexistent"))
    window = counter.open()
    made: dict[str, str] = {}
    steps = dict.fromkeys(TENANTS, 0)
    for tenant, _ in order:
        step, steps[tenant] = steps[tenant], steps[tenant] + 1
        domain = f"{tenant}.example"
        if step == 0:
            made[tenant] = window.create_ses_setup(NewSesSetup(tenant, domain), call()).id
            counter.publish(domain, counter.at(made[tenant]).address)
        elif step == 1:
            use_case = receipts(made[tenant], entity_name=tenant, sender_email_address=f"mail@{domain}")
            made[f"{tenant}/mail"] = window.create_use_case(use_case, call()).id
        elif tenant == "b":
            window.delete_use_case(made["b/mail"], call("DELETE"))

    assert {item.tenant_name for item in window.list_ses_setups()} == set(TENANTS)
    assert {item.entity_name for item in window.list_use_cases(UseCaseFilter())} == {"a", "c"}
    assert counter.parts() == {
        *(f"tenant/{tenant}" for tenant in TENANTS),
        *(f"identity/{tenant}.example" for tenant in TENANTS),
        "configuration_set/a_receipts",
        "configuration_set/c_receipts",
    }
