"""What holds for every plan, whatever is declared, remembered and read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.plans import Change, Half, Plan
from chanplan.model.requests import Reading, Request
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import canonical
from chanplan.planning.edges import making, passes, rings, steps_of, unmaking
from chanplan.planning.graph import cycle_of
from chanplan.render.plan_document import plan_document
from tests.planning.harness import NOW, all_is_well, applied, load, plan_of, pretend_apply
from tests.property.generated import FEW, documents, seldom

K, V = TypeVar("K"), TypeVar("V")

ALLOW_ALL = Request(allow_all=True)


@dataclass(frozen=True)
class Scene:
    """A workspace that was applied as it was, and is declared as it is now."""

    before: Snapshot
    now: Configuration
    reading: Reading


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Two workspaces one after the other, with some things gone, drifted and half made."""
    held = applied(draw(documents()))
    resources = {
        address: replace(resource, complete=not draw(seldom)) for address, resource in held.resources.items()
    }
    before = replace(held, resources=resources)
    reading = all_is_well(before)
    gone = frozenset(address for address in sorted(resources) if draw(seldom))
    observed = {
        address: replace(seen, incomplete=("part",) if draw(seldom) else ())
        for address, seen in reading.observed.items()
        if address not in gone
    }
    return Scene(before, load(draw(documents())), replace(reading, observed=observed, gone=gone))


def shuffled(draw: st.DataObject, mapping: Mapping[K, V]) -> Mapping[K, V]:
    """Give the same mapping in another order."""
    return dict(draw.draw(st.permutations(list(mapping.items()))))


def changes_of(plan: Plan) -> Mapping[Address, Change]:
    """Give the changes of a plan by address."""
    return {change.address: change for change in plan.changes}


@FEW
@given(scenes())
def test_what_was_applied_needs_nothing_more(scene: Scene) -> None:
    """A plan that was carried out in full is followed by an empty one, read or unread."""
    plan = plan_of(scene.now, scene.before, scene.reading, ALLOW_ALL)
    if plan.applyable:
        after = pretend_apply(plan, scene.now, scene.before)
        unread = plan_of(scene.now, after)
        read = plan_of(scene.now, after, all_is_well(after))

        assert (unread.effective, read.effective, read.drift) == ((), (), ())


@FEW
@given(scenes(), st.data())
def test_the_order_of_what_is_given_doesnt_matter(scene: Scene, data: st.DataObject) -> None:
    """Mappings in another order give the same plan, byte for byte."""
    before = replace(scene.before, resources=shuffled(data, scene.before.resources))
    now = replace(scene.now, resources=shuffled(data, scene.now.resources))
    reading = replace(
        scene.reading,
        observed=shuffled(data, scene.reading.observed),
        verdicts=shuffled(data, scene.reading.verdicts),
    )

    first = plan_of(scene.now, scene.before, scene.reading)
    second = plan_of(now, before, reading)

    assert canonical(plan_document(second, "1")) == canonical(plan_document(first, "1"))


@FEW
@given(scenes())
def test_steps_come_in_an_order_that_works(scene: Scene) -> None:
    """What refers to something goes before it and comes after it; a name is released before it is taken. Numbers pass
    by one call, and senders, of which no service knows, may swap."""
    plan = plan_of(scene.now, scene.before, scene.reading, ALLOW_ALL)
    changes = changes_of(plan)
    pairs = {(edge.first, edge.then) for edge in plan.edges}
    for change in plan.effective:
        for reference in () if change.prior is None else change.prior.references:
            gone, going = unmaking(change), unmaking(changes[reference])
            if gone is not None and going is not None:
                assert (gone, going) in pairs
        for reference in () if change.desired is None else change.desired.references:
            made, needed = making(change), making(changes[reference])
            if made is not None and needed is not None:
                assert (needed, made) in pairs
    passed = passes(changes)
    by_themselves = {value for ring in rings(passed, {"sender"}) for value in ring}
    by_themselves |= {
        value
        for value in passed
        if value.namespace == "phone_number"
        or (
            value.namespace == "sender"
            and not (changes[value.giver].calls_service or changes[value.taker].calls_service)
        )
    }
    for value in passed:
        released, taken = unmaking(changes[value.giver]), making(changes[value.taker])
        if released is not None and taken is not None and value not in by_themselves:
            assert (released, taken) in pairs


@FEW
@given(scenes())
def test_every_order_can_be_followed(scene: Scene) -> None:
    """A plan whose steps wait for one another is refused, and edges join steps that there are."""
    plan = plan_of(scene.now, scene.before, scene.reading, ALLOW_ALL)
    steps = {step for change in plan.effective for step in steps_of(change)}

    assert not plan.applyable or cycle_of(plan.edges) == ()
    assert {step for edge in plan.edges for step in (edge.first, edge.then)} <= steps


@FEW
@given(scenes())
def test_a_pool_goes_when_nobody_is_in_it(scene: Scene) -> None:
    """Every use case that a pool carries leaves before the pool does."""
    plan = plan_of(scene.now, scene.before, scene.reading, ALLOW_ALL)
    pairs = {(edge.first, edge.then) for edge in plan.edges}
    going = {
        change.prior.attributes["pool_name"]: unmaking(change)
        for change in plan.effective
        if change.address.kind == "sending_pool" and change.prior is not None and change.action.destroys
    }
    for change in plan.changes if plan.applyable else ():
        held = None if change.prior is None else change.prior.attributes.get("sending_pool")
        if held in going:
            assert (unmaking(change) or making(change), going[held]) in pairs


@FEW
@given(scenes(), st.integers(0, 10**6), st.integers(0, 10**9))
def test_the_digest_knows_no_time_and_no_serial(scene: Scene, seconds: int, serial: int) -> None:
    """When it is planned, how often the state was written and how old readings are don't void an approval."""
    later = NOW + timedelta(seconds=seconds)
    read = {key: replace(seen, read_at=later) for key, seen in scene.reading.observed.items()}

    first = plan_of(scene.now, scene.before, scene.reading)
    second = plan_of(
        scene.now,
        replace(scene.before, serial=serial, sequence=serial),
        replace(scene.reading, observed=read, at=later),
        now=later,
    )

    assert second.digest == first.digest


@FEW
@given(scenes(), st.data())
def test_agreeing_to_more_refuses_nothing_more(scene: Scene, data: st.DataObject) -> None:
    """An acknowledgement only ever lifts refusals, and never changes what is planned."""
    addresses = sorted({*scene.now.resources, *scene.before.resources})
    agreed = frozenset(data.draw(st.lists(st.sampled_from(addresses))))
    plans = [
        plan_of(scene.now, scene.before, scene.reading, request)
        for request in (
            Request(),
            Request(allow_delete=agreed),
            Request(allow_delete=agreed, allow_replace=agreed),
            Request(allow_delete=agreed, allow_replace=agreed, allow_all=True),
        )
    ]
    refused = [{(refusal.code, refusal.address) for refusal in plan.refusals} for plan in plans]

    assert refused[0] >= refused[1] >= refused[2] >= refused[3]
    assert len({plan.digest for plan in plans}) == 1


@FEW
@given(scenes(), st.data())
def test_a_target_brings_what_it_needs_and_nothing_else_changes(scene: Scene, data: st.DataObject) -> None:
    """A targeted plan holds changes of the whole plan, with every step that must come before."""
    addresses = sorted({*scene.now.resources, *scene.before.resources})
    targets = tuple(data.draw(st.lists(st.sampled_from(addresses), min_size=1, max_size=2)))
    whole = plan_of(scene.now, scene.before, scene.reading, ALLOW_ALL)

    part = plan_of(scene.now, scene.before, scene.reading, replace(ALLOW_ALL, targets=targets))

    everything, kept = changes_of(whole), changes_of(part)
    assert set(targets) <= set(kept)
    assert kept == {address: everything[address] for address in kept}
    assert {edge.first.address for edge in whole.edges if edge.then.address in kept} <= set(kept)


@FEW
@given(scenes())
def test_protection_holds(scene: Scene) -> None:
    """Whatever is agreed to, no applyable plan destroys what is protected."""
    plan = plan_of(scene.now, scene.before, scene.reading, ALLOW_ALL)
    protected = {
        address
        for address, resource in scene.before.resources.items()
        if resource.complete and resource.attributes["prevent_destroy"]
    }
    destroyed = {change.address for change in plan.effective if change.action.destroys}

    assert not plan.applyable or protected.isdisjoint(destroyed)


@FEW
@given(scenes())
def test_destroying_leaves_nothing(scene: Scene) -> None:
    """A destroy that is carried out leaves an empty state."""
    request = replace(ALLOW_ALL, destroy=True)
    plan = plan_of(scene.now, scene.before, scene.reading, request)

    if plan.applyable:
        assert pretend_apply(plan, scene.now, scene.before).resources == {}
    assert {step.half for change in plan.effective for step in steps_of(change)} <= {
        Half.DELETE,
        Half.FORGET,
    }


@FEW
@given(documents(), st.data())
def test_renames_change_nothing_at_a_service(document: dict[str, Any], data: st.DataObject) -> None:
    """However many addresses change, a plan of renames makes no call and loses nothing."""
    before = applied(document)
    onward: dict[Address, Address] = {
        address: Address(address.kind, f"{address.name}-2")
        for address in before.resources
        if data.draw(st.booleans())
    }
    renamed = {
        **document,
        **{
            section: {_new_name(kind, name, onward): written for name, written in document[section].items()}
            for kind, section in (("sending_pool", "sending_pools"), ("ses_setup", "ses_setups"))
        },
        "use_cases": {
            _new_name("use_case", name, onward): {
                **written,
                **(
                    {"ses_setup": _new_name("ses_setup", written["ses_setup"], onward)}
                    if "ses_setup" in written
                    else {"twilio_setup": _new_name("twilio_setup", written["twilio_setup"], onward)}
                ),
            }
            for name, written in document["use_cases"].items()
        },
        "twilio_setups": {
            _new_name("twilio_setup", name, onward): written
            for name, written in document["twilio_setups"].items()
        },
        "moved": [{"from": str(old), "to": str(new)} for old, new in onward.items()],
    }

    plan = plan_of(load(renamed), before)

    assert [change for change in plan.effective if change.calls_service] == []
    assert {change.previous_address for change in plan.effective} == set(onward)
    assert {refusal.code for refusal in plan.refusals} <= {"pool_missing"}


def _new_name(kind: str, name: str, onward: Mapping[Address, Address]) -> str:
    return onward.get(Address(kind, name), Address(kind, name)).name
