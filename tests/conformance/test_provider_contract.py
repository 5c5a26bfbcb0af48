"""What every provider keeps to (`ports/provider.py`), whichever service is behind it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chanplan.model.addresses import Address
from chanplan.model.errors import Foreign, Gone, Rejected
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Action, Change, Reason
from chanplan.model.resources import Depth, Desired, Marks, identity_of
from chanplan.model.values import Facts, Value
from tests.conformance.provider_benches import (
    FACTORIES,
    MARKED,
    OTHER_ID,
    OUR_ID,
    SAMPLES,
    SETUP_ID,
    WORKSPACE,
    Bench,
    Killed,
    Sample,
    looked_for,
    remembered,
)

EVERY = [(provider, sample) for provider, (_, samples) in FACTORIES.items() for sample in samples]
EVERY_MARKED = [(provider, sample) for provider, sample in EVERY if provider in MARKED]
every = pytest.mark.parametrize("case", EVERY, indirect=True, ids="-".join)
every_marked = pytest.mark.parametrize("case", EVERY_MARKED, indirect=True, ids="-".join)


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Iterator[tuple[Bench, Sample]]:
    """A provider and something to declare there, on what it stands on."""
    provider, name = request.param
    made, _ = FACTORIES[provider]
    with made() as bench:
        sample = SAMPLES[name]
        if sample.stands_on is not None:
            setup = SAMPLES[sample.stands_on].desired(bench.scope)
            bench.provider.create(setup, SETUP_ID, {}, lambda _w, _f: None)
        yield bench, sample


@pytest.fixture
def bench(case: tuple[Bench, Sample]) -> Bench:
    """The provider."""
    return case[0]


@pytest.fixture
def sample(case: tuple[Bench, Sample]) -> Sample:
    """What is declared, and how it may change."""
    return case[1]


@pytest.fixture
def desired(bench: Bench, sample: Sample) -> Desired:
    """It, declared."""
    return sample.desired(bench.scope)


@every
def test_what_was_created_is_read_as_it_was_declared(bench: Bench, desired: Desired) -> None:
    """A direct read gives the attributes back in the user's spelling, our marks, and nothing missing."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    seen = bench.provider.read(looked_for(desired, OUR_ID, facts))

    assert seen is not None
    assert dict(seen.attributes) == {name: desired.attributes[name] for name in seen.attributes}
    assert set(seen.attributes) <= set(KINDS[desired.address.kind].attributes_of(desired.attributes))
    assert (seen.depth, seen.marks, seen.incomplete) == (Depth.DIRECT, Marks(OUR_ID, WORKSPACE), ())


@every
def test_a_second_create_converges(bench: Bench, desired: Desired) -> None:
    """From what the first one recorded it adopts what is there, and gives the same facts."""
    first = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    listed = list(bench.provider.discover((desired.address.kind,), bench.scope))

    second = bench.provider.create(desired, OUR_ID, bench.recorded, bench.checkpoint)

    assert first == second
    assert list(bench.provider.discover((desired.address.kind,), bench.scope)) == listed


@every_marked
def test_a_second_create_that_knows_nothing_of_the_first_converges(bench: Bench, desired: Desired) -> None:
    """Its id is on what is there."""
    first = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    listed = list(bench.provider.discover((desired.address.kind,), bench.scope))

    second = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    assert first == second
    assert list(bench.provider.discover((desired.address.kind,), bench.scope)) == listed


@every
def test_a_create_records_every_part_that_it_made(bench: Bench, desired: Desired) -> None:
    """Whatever the facts of a create say was checkpointed before."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    assert bench.checkpoints != []
    assert {name: bench.recorded[name] for name in facts} == dict(facts)


@every
def test_a_create_that_was_killed_at_any_checkpoint_is_finished(bench: Bench, desired: Desired) -> None:
    """From the facts of its checkpoints."""
    for survived in range(20):
        facts, finished = _killed_and_finished(bench, desired, survived, keeps_facts=True)
        _assert_whole_and_take_down(bench, desired, facts)
        if finished:
            break
    assert finished


@every_marked
def test_a_killed_create_whose_checkpoints_were_lost_is_finished(bench: Bench, desired: Desired) -> None:
    """From the marks alone."""
    for survived in range(20):
        facts, finished = _killed_and_finished(bench, desired, survived, keeps_facts=False)
        _assert_whole_and_take_down(bench, desired, facts)
        if finished:
            break
    assert finished


@every
def test_what_is_absent_reads_as_none(bench: Bench, desired: Desired) -> None:
    """No part of it is there."""
    assert bench.provider.read(looked_for(desired)) is None


@every
def test_deleting_leaves_nothing_and_twice_is_as_good_as_once(bench: Bench, desired: Desired) -> None:
    """Already gone is success."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    prior = remembered(desired, OUR_ID, facts)

    bench.provider.delete(prior, bench.checkpoint)
    gone = bench.provider.read(identity_of(prior))
    bench.provider.delete(prior, bench.checkpoint)

    assert gone is None
    assert bench.provider.read(identity_of(prior)) is None


@every
def test_a_delete_that_was_killed_is_continued(bench: Bench, desired: Desired) -> None:
    """Half gone is taken down the rest of the way."""
    recorded: dict[str, Value] = {}

    def dying(_what: str, facts: Facts) -> None:
        recorded.update(facts)
        raise Killed

    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    with pytest.raises(Killed):
        bench.provider.delete(remembered(desired, OUR_ID, facts), dying)

    prior = remembered(desired, OUR_ID, {**facts, **recorded})
    bench.provider.delete(prior, bench.checkpoint)

    assert bench.provider.read(identity_of(prior)) is None


@every
def test_what_somebody_else_made_is_foreign_and_not_created_over(bench: Bench, desired: Desired) -> None:
    """It is left as it is."""
    facts = bench.stranger.create(desired, OTHER_ID, {}, bench.checkpoint)
    theirs = bench.stranger.read(looked_for(desired, OTHER_ID, facts))

    with pytest.raises(Foreign):
        bench.provider.create(replace(desired, attributes=_bare(desired)), OUR_ID, {}, bench.checkpoint)

    assert theirs is not None
    assert bench.stranger.read(looked_for(desired, OTHER_ID, facts)) == theirs


@every_marked
def test_what_carries_anothers_mark_is_neither_updated_nor_deleted(bench: Bench, desired: Desired) -> None:
    """Even where the state believes that it is ours."""
    facts = bench.stranger.create(desired, OTHER_ID, {}, bench.checkpoint)
    theirs = bench.provider.read(looked_for(desired))

    with pytest.raises(Foreign):
        bench.provider.update(remembered(desired, OUR_ID, facts), desired, (), bench.checkpoint)
    with pytest.raises(Foreign):
        bench.provider.delete(remembered(desired, OUR_ID, facts), bench.checkpoint)

    assert theirs is not None
    assert theirs.marks == Marks(OTHER_ID, "other")
    assert bench.provider.read(looked_for(desired)) == theirs


@every
def test_what_is_taken_is_ours_and_as_declared(bench: Bench, sample: Sample, desired: Desired) -> None:
    """Whoever made it; it gives all facts that a create gives, from nothing but what finds it."""
    facts = bench.stranger.create(desired, OTHER_ID, {}, bench.checkpoint)
    wanted = sample.desired(bench.scope, **sample.changes)
    prior = remembered(desired, OUR_ID, _finding(desired, facts))

    taken = bench.provider.take(
        prior, wanted, tuple(sorted(sample.changes)), frozenset({OTHER_ID}), bench.checkpoint
    )

    seen = bench.provider.read(looked_for(wanted, OUR_ID, taken))
    assert seen is not None
    assert {name: seen.attributes[name] for name in sample.changes} == dict(sample.changes)
    assert (seen.marks, seen.incomplete) == (Marks(OUR_ID, WORKSPACE), ())
    assert set(facts) <= set(taken)


@every
def test_what_was_half_taken_is_taken_the_rest_of_the_way(
    bench: Bench, sample: Sample, desired: Desired
) -> None:
    """Killed at any checkpoint, from the facts of its checkpoints."""
    facts = bench.stranger.create(desired, OTHER_ID, {}, lambda _w, _f: None)
    wanted = sample.desired(bench.scope, **sample.changes)
    changed = tuple(sorted(sample.changes))
    prior = remembered(desired, OUR_ID, _finding(desired, facts))
    known: dict[str, Value] = {}

    def dying(_what: str, learned: Facts) -> None:
        known.update(learned)
        raise Killed

    for _ in range(20):
        given = replace(prior, facts={**prior.facts, **known})
        try:
            taken = bench.provider.take(given, wanted, changed, frozenset({OTHER_ID}), dying)
        except Killed:
            again = replace(prior, facts={**prior.facts, **known})
            taken = bench.provider.take(again, wanted, changed, frozenset({OTHER_ID}), bench.checkpoint)
        seen = bench.provider.read(looked_for(wanted, OUR_ID, taken))
        assert seen is not None
        assert {name: seen.attributes[name] for name in sample.changes} == dict(sample.changes)
        assert (seen.marks, seen.incomplete) == (Marks(OUR_ID, WORKSPACE), ())


@every_marked
def test_what_carries_anothers_mark_is_taken_only_by_name(bench: Bench, desired: Desired) -> None:
    """Without it nothing of it is touched."""
    facts = bench.stranger.create(desired, OTHER_ID, {}, bench.checkpoint)
    theirs = bench.provider.read(looked_for(desired))

    with pytest.raises(Foreign):
        bench.provider.take(
            remembered(desired, OUR_ID, _finding(desired, facts)),
            desired,
            (),
            frozenset({SETUP_ID}),
            bench.checkpoint,
        )

    assert theirs is not None
    assert bench.provider.read(looked_for(desired)) == theirs


@every
def test_what_is_absent_can_not_be_taken(bench: Bench, sample: Sample, desired: Desired) -> None:
    """Nothing is made in its place."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    bench.provider.delete(remembered(desired, OUR_ID, facts), bench.checkpoint)

    with pytest.raises(Gone):
        bench.provider.take(
            remembered(desired, OUR_ID, _finding(desired, facts)),
            desired,
            (),
            frozenset(),
            bench.checkpoint,
        )


@every
def test_an_update_makes_it_as_declared_and_a_second_one_changes_nothing(
    bench: Bench, sample: Sample, desired: Desired
) -> None:
    """It gives all facts to remember, those from before included."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    wanted = sample.desired(bench.scope, **sample.changes)
    prior = remembered(desired, OUR_ID, facts)

    first = bench.provider.update(prior, wanted, tuple(sorted(sample.changes)), bench.checkpoint)
    second = bench.provider.update(
        replace(prior, facts=first), wanted, tuple(sorted(sample.changes)), bench.checkpoint
    )

    seen = bench.provider.read(looked_for(wanted, OUR_ID, first))
    assert seen is not None
    assert {name: seen.attributes[name] for name in sample.changes} == dict(sample.changes)
    assert first == second
    assert set(facts) <= set(first)


@every
def test_an_update_of_what_is_gone_says_so(bench: Bench, sample: Sample, desired: Desired) -> None:
    """It never creates."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    prior = remembered(desired, OUR_ID, facts)
    bench.provider.delete(prior, bench.checkpoint)

    with pytest.raises(Gone):
        bench.provider.update(prior, desired, tuple(sample.changes), bench.checkpoint)

    assert bench.provider.read(identity_of(prior)) is None


@every
def test_lists_find_what_was_created_and_say_nothing_of_what_was_not(
    bench: Bench, sample: Sample, desired: Desired
) -> None:
    """Absent from the answer is unconfirmed, so that the answer holds no word on it."""
    facts = bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)
    absent = replace(
        looked_for(desired),
        address=Address(desired.address.kind, "absent"),
        attributes={**desired.attributes, **sample.elsewhere},
    )

    found = bench.provider.read_all(
        desired.address.kind, bench.scope, [looked_for(desired, OUR_ID, facts), absent]
    )

    assert set(found) == {desired.address}
    seen = found[desired.address]
    assert (seen.depth, seen.marks, seen.incomplete) == (Depth.LISTED, None, ())
    assert dict(seen.attributes) == {name: desired.attributes[name] for name in seen.attributes}


@every
def test_what_exists_is_discovered(bench: Bench, desired: Desired) -> None:
    """Ours or not."""
    bench.provider.create(desired, OUR_ID, {}, bench.checkpoint)

    found = list(bench.provider.discover((desired.address.kind,), bench.scope))

    assert [each.kind for each in found] == [desired.address.kind]
    assert KINDS[desired.address.kind].parse_import_id(found[0].import_id) is not None


@every
def test_costs_are_told_without_a_call(bench: Bench, desired: Desired) -> None:
    """Every operation that a create needs, at least once."""
    change = Change(
        desired.address,
        desired.scope.provider,
        Action.CREATE,
        Reason.NOT_IN_STATE,
        desired.scope,
        after=desired.attributes,
    )

    calls = bench.provider.cost(change)

    assert calls
    assert all(count > 0 for count in calls.values())


@pytest.mark.parametrize("made", MARKED.values(), ids=MARKED)
def test_a_setup_with_use_cases_on_it_is_not_deleted(made) -> None:
    """The service still holds something on it."""
    with made() as bench:
        setup, use_case = (SAMPLES[name].desired(bench.scope) for name in ("ses_setup", "email"))
        facts = bench.provider.create(setup, SETUP_ID, {}, bench.checkpoint)
        bench.provider.create(use_case, OUR_ID, {}, bench.checkpoint)

        with pytest.raises(Rejected):
            bench.provider.delete(remembered(setup, SETUP_ID, facts), bench.checkpoint)

        seen = bench.provider.read(looked_for(use_case, OUR_ID))
        assert seen is not None
        assert seen.incomplete == ()


@pytest.mark.parametrize("made", MARKED.values(), ids=MARKED)
def test_a_tenants_mail_is_stopped_and_goes_on_and_nothing_else_changes(made) -> None:
    """What `sending` asks for is read back, and is no attribute of what is declared."""
    with made() as bench:
        setup = SAMPLES["ses_setup"].desired(bench.scope)
        facts = bench.provider.create(setup, SETUP_ID, {}, bench.checkpoint)
        prior = remembered(setup, SETUP_ID, facts)
        before = bench.provider.read(looked_for(setup, SETUP_ID))
        assert before is not None

        told = []
        for status in ("DISABLED", "DISABLED", "ENABLED"):
            asked = replace(setup, attributes={**setup.attributes, "sending": status})
            assert bench.provider.update(prior, asked, ("sending",), bench.checkpoint) == facts
            seen = bench.provider.read(looked_for(setup, SETUP_ID))
            assert seen is not None
            told.append(seen.facts["sending_status_by_us"])
            assert seen.attributes == before.attributes

        assert told == ["DISABLED", "DISABLED", "ENABLED"]
        assert before.facts["sending_status_by_us"] == "ENABLED"


def _bare(desired: Desired) -> dict[str, Value]:
    """Declare the same without what it would take from somebody: numbers are refused before names are looked at."""
    return {name: ([] if name == "phone_numbers" else value) for name, value in desired.attributes.items()}


def _killed_and_finished(
    bench: Bench, desired: Desired, survived: int, *, keeps_facts: bool
) -> tuple[Facts, bool]:
    """Create, be killed after so many checkpoints, and create again. Tells whether the first one was faster."""
    recorded: dict[str, Value] = {}
    left = survived

    def dying(_what: str, facts: Facts) -> None:
        nonlocal left
        recorded.update(facts)
        left -= 1
        if left < 0:
            raise Killed

    try:
        return bench.provider.create(desired, OUR_ID, {}, dying), True
    except Killed:
        partial = recorded if keeps_facts else {}
        return bench.provider.create(desired, OUR_ID, partial, bench.checkpoint), False


def _assert_whole_and_take_down(bench: Bench, desired: Desired, facts: Facts) -> None:
    seen = bench.provider.read(looked_for(desired, OUR_ID, facts))
    assert seen is not None
    assert (seen.incomplete, seen.marks) == ((), Marks(OUR_ID, WORKSPACE))
    assert len(list(bench.provider.discover((desired.address.kind,), bench.scope))) == 1
    bench.provider.delete(remembered(desired, OUR_ID, facts), bench.checkpoint)


def _finding(desired: Desired, facts: Facts) -> Facts:
    """What finds an object that nobody remembers: the name of the service's own, where it carries no mark."""
    name = KINDS[desired.address.kind].told_apart_by(desired.attributes)
    return {name: facts[name]} if name else {}
