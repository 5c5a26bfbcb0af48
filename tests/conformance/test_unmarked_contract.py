"""What providers keep to whose objects carry no mark: voice lines, the setups they stand on, and their numbers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chanplan.model.errors import Rejected
from chanplan.model.resources import Depth, Marks
from tests.conformance.provider_benches import (
    NUMBERS,
    OTHER_ID,
    OUR_ID,
    SAMPLES,
    UNMARKED,
    WORKSPACE,
    Bench,
    Killed,
    looked_for,
    remembered,
)

SETUP, LINE = SAMPLES["twilio_setup"], SAMPLES["voice"]
ABSENT = "+14155550999"


@pytest.fixture(params=UNMARKED)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each provider in turn."""
    with UNMARKED[request.param]() as made:
        yield made


def test_a_setup_is_found_and_never_made(bench: Bench) -> None:
    """It owns nothing: what it names is there before its create, and after its deletion."""
    setup = SETUP.desired(bench.scope)

    facts = bench.provider.create(setup, OUR_ID, {}, bench.checkpoint)
    updated = bench.provider.update(remembered(setup, OUR_ID, facts), setup, (), bench.checkpoint)
    bench.provider.delete(remembered(setup, OUR_ID, facts), bench.checkpoint)
    seen = bench.provider.read(looked_for(setup))

    assert updated == facts
    assert seen is not None
    assert (seen.depth, seen.marks, seen.candidates) == (Depth.DIRECT, None, ())
    assert {name: seen.attributes[name] for name in seen.attributes} == {
        name: setup.attributes[name] for name in seen.attributes
    }
    assert seen.facts["profile_status"] == "twilio-approved"


def test_a_setup_that_names_nothing_isnt_made(bench: Bench) -> None:
    """With a code that says so; it reads as None, and lists hold no word on it."""
    setup = SETUP.desired(bench.scope, **SETUP.elsewhere)

    with pytest.raises(Rejected) as error:
        bench.provider.create(setup, OUR_ID, {}, bench.checkpoint)

    assert error.value.code == "profile_not_found"
    assert bench.provider.read(looked_for(setup)) is None
    assert bench.provider.read_all("twilio_setup", bench.scope, [looked_for(setup)]) == {}


def test_setups_are_told_by_a_list(bench: Bench) -> None:
    """Their statuses with them, for the gate."""
    setup = SETUP.desired(bench.scope)

    found = bench.provider.read_all("twilio_setup", bench.scope, [looked_for(setup)])

    assert [seen.depth for seen in found.values()] == [Depth.LISTED]
    assert [seen.facts["profile_status"] for seen in found.values()] == ["twilio-approved"]


def test_what_bears_the_name_of_a_new_line_is_a_candidate_and_nobodys(bench: Bench) -> None:
    """Nobody can tell whose it is; the state may know one of them."""
    facts = bench.stranger.create(LINE.desired(bench.scope), OTHER_ID, {}, bench.checkpoint)

    seen = bench.provider.read(looked_for(LINE.desired(bench.scope)))

    assert seen is not None
    assert (seen.candidates, seen.marks, seen.attributes) == (
        (facts["application_sid"],),
        Marks(None, None),
        {},
    )


def test_a_line_that_was_begun_is_known_by_what_was_there_before(bench: Bench) -> None:
    """A create that was killed before it learned the SID is found again as ours."""
    line = LINE.desired(bench.scope, phone_numbers=[])

    def dying(_what: str, facts: object) -> None:
        bench.checkpoint(_what, facts)
        if "application_sid" in bench.recorded:
            bench.checkpoints.pop()
            raise Killed

    with pytest.raises(Killed):
        bench.provider.create(line, OUR_ID, {}, dying)
    seen = bench.provider.read(looked_for(line, OUR_ID, bench.recorded))

    assert seen is not None
    assert seen.marks == Marks(OUR_ID, WORKSPACE)
    assert isinstance(seen.facts["application_sid"], str)
    facts = bench.provider.create(line, OUR_ID, bench.recorded, bench.checkpoint)
    assert facts["application_sid"] == seen.facts["application_sid"]
    assert len(list(bench.provider.discover(("use_case",), bench.scope))) == 1


def test_numbers_of_others_keep_a_line_from_being_deleted(bench: Bench) -> None:
    """They are bound to it, and neither declared nor known."""
    line = LINE.desired(bench.scope, phone_numbers=[NUMBERS[0]])
    facts = bench.provider.create(line, OUR_ID, {}, bench.checkpoint)
    both = LINE.desired(bench.scope)
    bench.stranger.update(remembered(line, OUR_ID, facts), both, ("phone_numbers",), bench.checkpoint)

    with pytest.raises(Rejected) as error:
        bench.provider.delete(remembered(line, OUR_ID, facts), bench.checkpoint)

    assert error.value.code == "phone_numbers_assigned"
    assert NUMBERS[1] in error.value.message


def test_a_number_passes_from_line_to_line_with_its_assignment(bench: Bench) -> None:
    """The taker is told who may have it, and the giver's deletion leaves it alone."""
    giver = LINE.desired(bench.scope)
    given = bench.provider.create(giver, OUR_ID, {}, bench.checkpoint)
    held = given["numbers"][NUMBERS[0]]
    claim = {
        "application_sid": given["application_sid"],
        "assignment": held["assignment"],
        "profile_sid": given["profile_sid"],
    }
    wanted = LINE.desired(bench.scope, name="Sales", phone_numbers=[NUMBERS[0]])
    taker = replace(wanted, context={**wanted.context, "taken": {NUMBERS[0]: [claim]}})

    taken = bench.provider.create(taker, OTHER_ID, {}, bench.checkpoint)
    bench.provider.delete(remembered(giver, OUR_ID, given), bench.checkpoint)
    seen = bench.provider.read(looked_for(taker, OTHER_ID, taken))

    assert seen is not None
    assert (seen.attributes["phone_numbers"], seen.incomplete) == ([NUMBERS[0]], ())
    assert taken["numbers"][NUMBERS[0]]["assignment"] == held["assignment"]


def test_a_number_that_isnt_owned_or_is_bound_elsewhere_is_refused(bench: Bench) -> None:
    """Each with its code, and the number named."""
    bench.stranger.create(LINE.desired(bench.scope), OTHER_ID, {}, bench.checkpoint)

    refused = []
    for number, name in ((ABSENT, "Sales"), (NUMBERS[0], "Spare")):
        line = LINE.desired(bench.scope, name=name, phone_numbers=[number])
        with pytest.raises(Rejected) as error:
            bench.provider.create(line, OUR_ID, {}, bench.checkpoint)
        refused.append((error.value.code, number in error.value.message))

    assert refused == [("number_not_owned", True), ("number_bound_elsewhere", True)]


def test_a_number_book_tells_what_is_owned_and_what_holds_it(bench: Bench) -> None:
    """None where the account doesn't own it; nothing of what wasn't asked for."""
    assert bench.numbers is not None
    line = LINE.desired(bench.scope, phone_numbers=[NUMBERS[0]])
    facts = bench.provider.create(line, OUR_ID, {}, bench.checkpoint)

    seen = bench.numbers.look_up(bench.scope, [*NUMBERS, ABSENT])
    one = bench.numbers.look_up(bench.scope, {NUMBERS[1]})

    assert set(seen) == {*NUMBERS, ABSENT}
    bound, free = (seen[number] for number in NUMBERS)
    assert bound is not None
    assert free is not None
    assert (bound.application_sid, bound.trunk_sid, bound.voice_capable) == (
        facts["application_sid"],
        None,
        True,
    )
    assert (free.application_sid, free.trunk_sid, seen[ABSENT]) == (None, None, None)
    assert one == {NUMBERS[1]: free}
