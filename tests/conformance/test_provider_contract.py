"""What every provider keeps to (`ports/provider.py`), whichever service is behind it.

A provider joins by one entry in `FACTORIES`: a context manager that gives a `Bench`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.addresses import Address
from chanplan.model.configuration import SesAlias
from chanplan.model.errors import Foreign, Gone, Rejected
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Action, Change, Reason
from chanplan.model.resources import Depth, Desired, Identity, Marks, ResourceState, identity_of
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts, Value
from chanplan.ports.provider import Provider
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.world import MemoryWorld
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.server import Sandbox

WORKSPACE = "acme"
OUR_ID = "0b5f3a52-7a51-4c6e-9a1e-000000000001"
OTHER_ID = "0b5f3a52-7a51-4c6e-9a1e-000000000002"
SETUP_ID = "0b5f3a52-7a51-4c6e-9a1e-00000000000a"


@dataclass
class Bench:
    """One provider over an empty service."""

    provider: Provider
    scope: Scope
    kinds: tuple[str, ...]
    """The kinds that it keeps, out of `ses_setup`, `sending_pool` and `use_case` (an email one)."""
    stranger: Provider
    """The same service seen by another workspace."""
    checkpoints: list[tuple[str, Facts]] = field(default_factory=list)

    def checkpoint(self, what: str, facts: Facts) -> None:
        """Keep a checkpoint."""
        self.checkpoints.append((what, facts))

    @property
    def recorded(self) -> Facts:
        """The facts of all checkpoints, merged."""
        merged: dict[str, Value] = {}
        for _, facts in self.checkpoints:
            merged |= facts
        return merged


@contextmanager
def memory() -> Iterator[Bench]:
    """The service in memory."""
    clock = ManualClock()
    pacer = TokenPacer(clock, Unmeasured(), lambda _scope, _operation: None)
    world = MemoryWorld()
    yield Bench(
        MemoryProvider(world, pacer, clock, WORKSPACE),
        Scope("ses", "123456789012", "eu-west-1"),
        ("ses_setup", "sending_pool", "use_case"),
        MemoryProvider(world, pacer, clock, "other"),
    )


@contextmanager
def ses() -> Iterator[Bench]:
    """Amazon SES as the sandbox has it, through the real SDK."""
    clock = ManualClock()
    pacer = TokenPacer(clock, Unmeasured(), lambda _scope, _operation: None)
    with (
        TemporaryDirectory() as folder,
        Sandbox(Path(folder)) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in sandbox.environment().items():
            patch.setenv(name, value)
        aliases = {"default": SesAlias("default", "eu-west-1")}
        ours, theirs = (SesProvider(aliases, workspace, pacer, clock) for workspace in (WORKSPACE, "other"))
        with closing(ours), closing(theirs):
            yield Bench(
                ours,
                Scope("ses", "123456789012", "eu-west-1"),
                ("ses_setup", "sending_pool", "use_case"),
                theirs,
            )


FACTORIES: Mapping[str, Callable[[], AbstractContextManager[Bench]]] = {"memory": memory, "ses": ses}


class Killed(BaseException):
    """Stands for the end of the process: no provider catches it."""


def desired_of(kind: str, scope: Scope) -> Desired:
    """Declare one resource of a kind."""
    declared: Mapping[str, Mapping[str, Value]] = {
        "ses_setup": {
            "tenant_name": "acme",
            "domain_identity": "mail.acme.example",
            "mail_from": "bounce",
            "dmarc": {"policy": "none"},
            "reputation_policy": "standard",
            "receiving": None,
            "tags": {"team": "growth"},
            "prevent_destroy": False,
        },
        "sending_pool": {
            "pool_name": "acme-txn",
            "family": "transactional",
            "tiers": ["onboarding"],
            "scaling": "managed",
            "tags": {"team": "growth"},
            "prevent_destroy": False,
        },
        "use_case": {
            "channel": "email",
            "entity_name": "Acme",
            "name": "Receipts",
            "description": "Order receipts",
            "ses_setup": "ses_setup.it",
            "sender_email_address": "receipts@mail.acme.example",
            "email_type": "transactional",
            "sending_pool": None,
            "tags": {"team": "growth"},
            "prevent_destroy": False,
        },
    }
    context = {"tenant_name": "acme", "domain_identity": "mail.acme.example"} if kind == "use_case" else {}
    references = (Address("ses_setup", "it"),) if kind == "use_case" else ()
    return Desired(Address(kind, "it"), declared[kind], scope, references, context=context)


CHANGES: Mapping[str, Mapping[str, Value]] = {
    "ses_setup": {"mail_from": "post", "reputation_policy": "strict", "tags": {"team": "ops"}},
    "sending_pool": {"tags": {"team": "ops"}},
    "use_case": {"tags": {"team": "ops"}},
}
"""An update in place of each kind."""


def remembered(desired: Desired, id: str, facts: Facts) -> ResourceState:
    """Give what a state would hold after a create."""
    return ResourceState(
        desired.address, id, desired.scope, desired.attributes, facts, desired.context, desired.references
    )


def looked_for(desired: Desired, id: str | None = None, facts: Facts | None = None) -> Identity:
    """Give what finds it."""
    return Identity(desired.address, id, desired.scope, desired.attributes, facts or {}, desired.context)


@pytest.fixture(params=FACTORIES)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each provider in turn."""
    with FACTORIES[request.param]() as made:
        yield made


@pytest.fixture(params=["ses_setup", "sending_pool", "use_case"])
def desired(request: pytest.FixtureRequest, bench: Bench) -> Desired:
    """Each kind in turn, with what it stands on."""
    assert request.param in bench.kinds
    if request.param == "use_case":
        bench.provider.create(desired_of("ses_setup", bench.scope), SETUP_ID, {}, lambda _w, _f: None)
    return desired_of(request.param, bench.scope)


def test_what_was_created_is_read_as_it_was_declared(bench: Bench, desired: Desired) -> None:
    """A direct read gives the attributes back in the user's spelling, our marks, and nothing missing."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    seen = bench.provider.read(looked_for(desired, OUR_ID, facts))

    assert seen is not None
    assert dict(seen.attributes) == {name: desired.attributes[name] for name in seen.attributes}
    assert set(seen.attributes) <= set(KINDS[desired.address.kind].attributes_of(desired.attributes))
    assert (seen.depth, seen.marks, seen.incomplete) == (Depth.DIRECT, Marks(OUR_ID, WORKSPACE), ())


def test_a_second_create_converges(bench: Bench, desired: Desired) -> None:
    """With the same id it adopts what is there, and gives the same facts."""
    first = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    listed = list(bench.provider.discover(desired.address.kind, bench.scope))

    second = bench.provider.create(desired, OUR_ID, bench.recorded, bench.checkpoint)
    third = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    assert first == second == third
    assert list(bench.provider.discover(desired.address.kind, bench.scope)) == listed


def test_a_create_records_every_part_that_it_made(bench: Bench, desired: Desired) -> None:
    """Whatever the facts of a create say was checkpointed before."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    assert bench.checkpoints != []
    assert {**bench.recorded, **facts} == dict(facts)


def test_a_create_that_was_killed_at_any_checkpoint_is_finished(bench: Bench, desired: Desired) -> None:
    """From the facts of its checkpoints, or from none of them."""
    for keeps_facts in (True, False):
        for survived in range(20):
            recorded: dict[str, Value] = {}
            left = survived

            def dying(_what: str, facts: Facts, recorded: dict[str, Value] = recorded) -> None:
                nonlocal left
                recorded |= facts
                left -= 1
                if left < 0:
                    raise Killed

            finished = False
            try:
                facts = bench.provider.create(desired, OUR_ID, {}, dying)
                finished = True
            except Killed:
                partial = recorded if keeps_facts else {}
                facts = bench.provider.create(desired, OUR_ID, partial, bench.checkpoint)
            seen = bench.provider.read(looked_for(desired, OUR_ID, facts))
            assert seen is not None
            assert (seen.incomplete, seen.marks) == ((), Marks(OUR_ID, WORKSPACE))
            bench.provider.delete(remembered(desired, OUR_ID, facts), bench.checkpoint)
            if finished:
                break
        assert finished


def test_what_is_absent_reads_as_none(bench: Bench, desired: Desired) -> None:
    """No part of it is there."""
    assert bench.provider.read(looked_for(desired)) is None


def test_deleting_leaves_nothing_and_twice_is_as_good_as_once(bench: Bench, desired: Desired) -> None:
    """Already gone is success."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    prior = remembered(desired, OUR_ID, facts)

    bench.provider.delete(prior, bench.checkpoint)
    gone = bench.provider.read(identity_of(prior))
    bench.provider.delete(prior, bench.checkpoint)

    assert gone is None
    assert bench.provider.read(identity_of(prior)) is None


def test_a_delete_that_was_killed_is_continued(bench: Bench, desired: Desired) -> None:
    """Half gone is taken down the rest of the way."""

    def dying(_what: str, _facts: Facts) -> None:
        raise Killed

    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    prior = remembered(desired, OUR_ID, facts)
    with pytest.raises(Killed):
        bench.provider.delete(prior, dying)

    bench.provider.delete(prior, bench.checkpoint)

    assert bench.provider.read(identity_of(prior)) is None


def test_what_somebody_else_made_is_foreign_and_left_alone(bench: Bench, desired: Desired) -> None:
    """Neither created over, nor updated, nor deleted."""
    facts = bench.stranger.create(desired, OTHER_ID, {}, bench.checkpoint)
    theirs = bench.provider.read(looked_for(desired))

    with pytest.raises(Foreign):
        bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    with pytest.raises(Foreign):
        bench.provider.update(remembered(desired, OUR_ID, facts), desired, (), bench.checkpoint)
    with pytest.raises(Foreign):
        bench.provider.delete(remembered(desired, OUR_ID, facts), bench.checkpoint)

    assert theirs is not None
    assert theirs.marks == Marks(OTHER_ID, "other")
    assert bench.provider.read(looked_for(desired)) == theirs


def test_an_update_makes_it_as_declared_and_a_second_one_changes_nothing(
    bench: Bench, desired: Desired
) -> None:
    """It gives all facts to remember, those from before included."""
    changes = CHANGES[desired.address.kind]
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    wanted = replace(desired, attributes={**desired.attributes, **changes})
    prior = remembered(desired, OUR_ID, facts)

    first = bench.provider.update(prior, wanted, tuple(sorted(changes)), bench.checkpoint)
    second = bench.provider.update(prior, wanted, tuple(sorted(changes)), bench.checkpoint)

    seen = bench.provider.read(looked_for(wanted, OUR_ID, facts))
    assert seen is not None
    assert {name: seen.attributes[name] for name in changes} == dict(changes)
    assert first == second
    assert set(facts) <= set(first)


def test_an_update_of_what_is_gone_says_so(bench: Bench, desired: Desired) -> None:
    """It never creates."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    prior = remembered(desired, OUR_ID, facts)
    bench.provider.delete(prior, bench.checkpoint)

    with pytest.raises(Gone):
        bench.provider.update(prior, desired, tuple(CHANGES[desired.address.kind]), bench.checkpoint)

    assert bench.provider.read(identity_of(prior)) is None


def test_lists_find_what_was_created_and_say_nothing_of_what_was_not(bench: Bench, desired: Desired) -> None:
    """Absent from the answer is unconfirmed, so that the answer holds no word on it."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    renamed = {
        "ses_setup": {"tenant_name": "none", "domain_identity": "none.example"},
        "sending_pool": {"pool_name": "none"},
        "use_case": {"name": "None"},
    }[desired.address.kind]
    absent = replace(
        looked_for(desired),
        address=Address(desired.address.kind, "absent"),
        attributes={**desired.attributes, **renamed},
    )

    found = bench.provider.read_all(
        desired.address.kind, bench.scope, [looked_for(desired, OUR_ID, facts), absent]
    )

    assert set(found) == {desired.address}
    seen = found[desired.address]
    assert (seen.depth, seen.marks, seen.incomplete) == (Depth.LISTED, None, ())
    assert dict(seen.attributes) == {name: desired.attributes[name] for name in seen.attributes}


def test_what_exists_is_discovered(bench: Bench, desired: Desired) -> None:
    """Ours or not."""
    bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    found = list(bench.provider.discover(desired.address.kind, bench.scope))

    assert [each.kind for each in found] == [desired.address.kind]
    assert KINDS[desired.address.kind].parse_import_id(found[0].import_id) is not None


def test_a_setup_with_use_cases_on_it_is_not_deleted(bench: Bench) -> None:
    """The service still holds something on it."""
    setup = desired_of("ses_setup", bench.scope)
    use_case = desired_of("use_case", bench.scope)
    facts = bench.provider.create(setup, SETUP_ID, {}, bench.checkpoint)
    bench.provider.create(use_case, OUR_ID, {}, bench.checkpoint)

    with pytest.raises(Rejected):
        bench.provider.delete(remembered(setup, SETUP_ID, facts), bench.checkpoint)

    seen = bench.provider.read(looked_for(use_case, OUR_ID))
    assert seen is not None
    assert seen.incomplete == ()


def test_costs_are_told_without_a_call(bench: Bench, desired: Desired) -> None:
    """Every operation that a create needs, at least once."""
    change = Change(
        desired.address, "ses", Action.CREATE, Reason.NOT_IN_STATE, desired.scope, after=desired.attributes
    )

    calls = bench.provider.cost(change)

    assert calls
    assert all(count > 0 for count in calls.values())
