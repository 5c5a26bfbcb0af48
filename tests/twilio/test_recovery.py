"""Whatever goes wrong at whichever call: the same end, and never a second Application."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chanplan.model.errors import Interrupted, OutcomeUnknown, ProviderError, Rejected, Transient
from chanplan.model.resources import Marks
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.twilio.twilio_world import (
    PROFILE,
    SECOND_PROFILE,
    VOICE,
    A,
    B,
    C,
    Killed,
    Notes,
    claim,
    declared,
    incomplete,
    new_identity,
    remembered,
)

FATES = [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.ERROR_500]
MOST_CALLS = 30
"""More than any of the operations below makes."""


@pytest.fixture(autouse=True)
def numbers(controls):
    """Three numbers that are bound to nothing."""
    for number in (A, B, C):
        controls.twilio.add_number(number)


class Making:
    """A create, from nothing to two numbers."""

    def __init__(self, world):
        self.world, self.desired, self.facts = world, world.line(numbers=[A, B]), {}

    def run(self, notes):
        """Makes it, from whatever an earlier run recorded; an intent keeps its facts."""
        notes.facts = dict(self.facts)
        try:
            return self.world.create(self.desired, partial=self.facts, checkpoint=notes)
        finally:
            self.facts = notes.facts

    def check(self, line):
        """One Application, with both numbers."""
        assert self.world.applications() == {line.facts["application_sid"]: "Acme/Support"}
        assert self.world.places() == {A: PROFILE, B: PROFILE}
        assert self.world.bindings() == {**dict.fromkeys((A, B), line.facts["application_sid"]), C: None}
        assert [entry["assignment"] for entry in line.facts["numbers"].values()] == self.assignments()

    def assignments(self):
        """Gives the SIDs of the assignments in the order of their numbers."""
        numbers = {each["sid"]: each["phone_number"] for each in self.world.twilio.numbers()}
        there = self.world.twilio.assignments()
        return [each["sid"] for each in sorted(there, key=lambda each: numbers[each["channel_endpoint_sid"]])]


class Changing(Making):
    """An update: another name and URL, one number less and one more, and another profile."""

    def __init__(self, world):
        super().__init__(world)
        self.prior = world.create(self.desired)
        self.facts = self.prior.facts
        wanted = world.line(numbers=[B, C], profile=SECOND_PROFILE, url="https://new.acme.example/")
        self.desired = replace(wanted, attributes={**wanted.attributes, "name": "Sales"})

    def run(self, notes):
        """Changes it; what an unfinished update recorded is known to the next."""
        notes.facts = dict(self.facts)
        try:
            changed = ("customer_profile", "name", "phone_numbers", "voice")
            return self.world.update(
                replace(self.prior, facts=self.facts), self.desired, *changed, checkpoint=notes
            )
        finally:
            self.facts = notes.facts

    def check(self, line):
        """The same Application, as declared."""
        sid = self.prior.facts["application_sid"]
        assert self.world.applications() == {sid: "Acme/Sales"}
        assert self.world.read(line).attributes == {
            name: self.desired.attributes[name] for name in self.world.read(line).attributes
        }
        assert self.world.bindings() == {A: None, B: sid, C: sid}
        assert self.world.places() == {B: SECOND_PROFILE, C: SECOND_PROFILE}
        assert [entry["assignment"] for entry in line.facts["numbers"].values()] == self.assignments()


class Moving(Making):
    """A number that passes from one line to a new one on another profile."""

    def __init__(self, world):
        super().__init__(world)
        self.giver = world.create(world.line("giver", numbers=[A]), "id-2")
        self.desired = world.line(numbers=[A], profile=SECOND_PROFILE, context=claim(self.giver, A))

    def check(self, line):
        """The taker has it, with an assignment that is its own; the giver can go."""
        sid = line.facts["application_sid"]
        assert self.world.applications() == {
            sid: "Acme/Support",
            self.giver.facts["application_sid"]: "Acme/Giver",
        }
        assert (self.world.bindings()[A], self.world.places()) == (sid, {A: SECOND_PROFILE})
        assert [line.facts["numbers"][A]["assignment"]] == self.assignments()


class Replacing(Making):
    """A new line in place of an old one of the same name, which then goes."""

    def __init__(self, world):
        super().__init__(world)
        self.old = world.create(self.desired, "id-2")
        self.desired = world.line(
            numbers=[A, B],
            profile=SECOND_PROFILE,
            context={"taken": claim(self.old, A)["taken"] | claim(self.old, B)["taken"]},
        )
        self.facts = {"replaces": [self.old.facts["application_sid"]]}

    def run(self, notes):
        """Makes the new one and deletes the old one."""
        made = super().run(notes)
        self.world.delete(self.old)
        return made

    def check(self, line):
        """Only the new one, on the other profile."""
        assert self.world.applications() == {line.facts["application_sid"]: "Acme/Support"}
        assert self.world.places() == {A: SECOND_PROFILE, B: SECOND_PROFILE}


class Deleting(Making):
    """A deletion of a line with two numbers."""

    def __init__(self, world):
        super().__init__(world)
        self.prior = world.create(self.desired)
        self.facts = self.prior.facts

    def run(self, notes):
        """Deletes it, knowing what an unfinished deletion recorded."""
        notes.facts = dict(self.facts)
        try:
            self.world.delete(replace(self.prior, facts=self.facts), checkpoint=notes)
        finally:
            self.facts = notes.facts

    def check(self, line):
        """Nothing is left but the numbers."""
        assert (self.world.applications(), self.world.places()) == ({}, {})
        assert self.world.bindings() == dict.fromkeys((A, B, C))


SCENES = [Making, Changing, Moving, Replacing, Deleting]


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("scene", SCENES)
def test_one_call_that_goes_wrong_changes_nothing_about_the_end(world, scene, fate):
    """Each call in turn; what can't be settled at once is by the next run, from what was recorded."""
    for index in range(MOST_CALLS):
        played = _anew(world, scene)
        world.controls.add_fault(Fault(fate, "twilio:*", after=index, times=1))
        try:
            line = played.run(Notes())
        except ProviderError:
            world.controls.clear_faults()
            line = played.run(Notes())
        played.check(line)
        if not _struck(world):
            break
    assert index > 3


@pytest.mark.parametrize("scene", SCENES)
def test_an_end_at_any_checkpoint_is_continued(world, scene):
    """Each in turn, and the end that follows is killed at its first checkpoint, too."""
    for until in range(MOST_CALLS):
        played = _anew(world, scene)
        try:
            line = played.run(Notes(until))
            ended = True
        except Killed:
            ended = False
            try:
                line = played.run(Notes(0))
            except Killed:
                line = played.run(Notes())
        played.check(line)
        if ended:
            break
    assert until > 1


@pytest.mark.parametrize("scene", SCENES)
def test_throttles_are_waited_out(world, scene):
    """Twenty in a row, wherever they begin: a throttled call did nothing."""
    for index in range(0, MOST_CALLS, 4):
        played = _anew(world, scene)
        world.controls.add_fault(Fault(FaultKind.THROTTLE, "twilio:*", after=index, times=20))
        played.check(played.run(Notes()))
        if not _struck(world):
            break
    assert index > 3


def test_an_application_whose_answer_was_lost_is_adopted_at_once(world):
    """Exactly one is there that wasn't before."""
    world.fault("drop_after", "CreateApplication")

    line = world.create(world.line())

    assert world.applications() == {line.facts["application_sid"]: "Acme/Support"}
    assert world.calls()["CreateApplication"] == 1


def test_an_application_that_lists_are_late_to_show_is_waited_for(world):
    """Five seconds after the call they are believed, and not before."""
    began = world.clock.monotonic()
    world.fault("list_lag", "ListApplication", seconds=60, times=2)
    world.fault("drop_after", "CreateApplication")

    line = world.create(world.line())

    assert world.clock.monotonic() - began == pytest.approx(5.0)
    assert world.applications() == {line.facts["application_sid"]: "Acme/Support"}


def test_an_old_one_that_lists_are_late_to_show_isnt_taken_for_the_new_one(world):
    """A replacement right after the old one was made, whose create then gets no answer."""
    old = world.create(world.line())
    world.fault("list_lag", "ListApplication", seconds=60)
    world.fault("drop_after", "CreateApplication")

    new = world.create(world.line(), "id-2", partial={"replaces": [old.facts["application_sid"]]})

    assert new.facts["application_sid"] != old.facts["application_sid"]
    assert set(world.applications()) == {each.facts["application_sid"] for each in (old, new)}


def test_a_create_that_was_lost_is_never_sent_again_blindly(world):
    """Looked for until lists are believed; then the next run may."""
    notes = Notes()
    world.fault("drop_before", "CreateApplication")

    with pytest.raises(OutcomeUnknown):
        world.create(world.line(), checkpoint=notes)
    once = world.calls()
    line = world.create(world.line(), partial=notes.facts)

    assert (once["CreateApplication"], once["ListApplication"]) == (1, 3)
    assert world.applications() == {line.facts["application_sid"]: "Acme/Support"}


def test_what_was_lost_and_shows_late_is_still_ours(world):
    """The list from before the first attempt stands, however many follow."""
    notes = Notes()
    world.fault("drop_before", "CreateApplication")
    with pytest.raises(OutcomeUnknown):
        world.create(world.line(), checkpoint=notes)
    late = world.twilio.add_application("Acme/Support")

    line = world.create(world.line(), partial=notes.facts)

    assert line.facts["application_sid"] == late
    assert world.applications() == {late: "Acme/Support"}


def test_a_killed_create_is_found_by_what_was_there_before(world):
    """A later run reads it with what the intent recorded: it is ours, and says which."""
    notes = Notes()
    world.fault("drop_after", "CreateApplication")
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    sid = world.twilio.add_application("Acme/Support")

    seen = world.provider.read(new_identity(world.line(), notes.facts, "id-1"))

    assert (seen.marks, seen.facts) == (Marks("id-1", "acme-production"), {"application_sid": sid})


def test_a_killed_create_that_made_nothing_reads_as_nothing_once_lists_are_believed(world):
    """Not a moment sooner."""
    notes = Notes()
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    world.clock.advance(2)
    began = world.clock.monotonic()

    seen = world.provider.read(new_identity(world.line(), notes.facts, "id-1"))

    assert (seen, world.clock.monotonic() - began) == (None, pytest.approx(3.0))


@pytest.mark.parametrize(
    "jump", [timedelta(days=-1), timedelta(days=30)], ids=["a day back", "a month forward"]
)
def test_a_time_of_day_that_jumps_doesnt_make_lists_believed(world, monkeypatch, jump):
    """Neither sooner nor later: seconds since the machine's start tell how long ago it was."""
    notes = Notes()
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    now = world.clock.now
    monkeypatch.setattr(world.clock, "now", lambda: now() + jump)
    world.clock.advance(2)
    began = world.clock.monotonic()

    seen = world.provider.read(new_identity(world.line(), notes.facts, "id-1"))

    assert (seen, world.clock.monotonic() - began) == (None, pytest.approx(3.0))


def test_on_another_machine_nobody_can_say_how_long_ago_it_was(world, monkeypatch):
    """Lists are believed five seconds from now."""
    notes = Notes()
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    world.clock.advance(3600)
    monkeypatch.setattr(world.clock, "origin", lambda: "another machine")
    began = world.clock.monotonic()

    seen = world.provider.read(new_identity(world.line(), notes.facts, "id-1"))

    assert (seen, world.clock.monotonic() - began) == (None, pytest.approx(5.0))


def test_two_new_ones_are_nobodys_to_choose_from(world):
    """Neither read, nor created over, nor deleted; both are named."""
    notes = Notes()
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    sids = tuple(sorted(world.twilio.add_application("Acme/Support") for _ in range(2)))

    seen = world.provider.read(new_identity(world.line(), notes.facts, "id-1"))
    with pytest.raises(Rejected) as created:
        world.create(world.line(), partial=notes.facts)
    with pytest.raises(Rejected) as deleted:
        world.delete(incomplete(remembered(world.line(), "id-1", notes.facts)))

    assert (seen.candidates, seen.marks) == (sids, Marks(None, None))
    assert (created.value.code, deleted.value.code) == ("ambiguous", "ambiguous")
    assert ", ".join(sids) in created.value.message
    assert tuple(world.applications()) == sids


def test_a_deletion_finds_what_a_killed_create_left(world):
    """Declared no more before anybody knew whether it was made."""
    notes = Notes()
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    world.twilio.add_application("Acme/Support")

    world.delete(incomplete(remembered(world.line(), "id-1", notes.facts)))

    assert world.applications() == {}


def test_a_stop_ends_the_wait_without_a_verdict(world, make_provider, clock):
    """What wasn't looked for long enough isn't absent."""
    notes = Notes()
    with pytest.raises(Killed):
        world.create(world.line(), checkpoint=_dying_after(notes, "application is asked for"))
    clock.sleep = _not_at_all

    with pytest.raises(Interrupted):
        world.provider.read(new_identity(world.line(), notes.facts, "id-1"))


def test_an_assignment_whose_answer_was_lost_is_ours(world):
    """Nobody had one before, and it was about to be asked for."""
    world.fault("drop_after", "CreateCustomerProfileChannelEndpointAssignment")

    line = world.create(world.line(numbers=[A]))

    assert line.facts["numbers"][A]["assignment"] == world.twilio.assignments()[0]["sid"]


def test_an_assignment_that_lists_are_late_to_show_is_ours(world):
    """Twilio refuses a second one, and a look finds it on the profile."""
    world.fault("drop_after", "CreateCustomerProfileChannelEndpointAssignment")
    world.controls.add_fault(
        Fault(
            FaultKind.LIST_LAG,
            "twilio:ListCustomerProfileChannelEndpointAssignment",
            after=1,
            times=2,
            seconds=60,
        )
    )

    line = world.create(world.line(numbers=[A]))

    assert line.facts["numbers"][A]["assignment"] == world.twilio.assignments()[0]["sid"]


def test_an_update_that_never_gets_an_answer_says_so_after_looking(world):
    """Twice sent, twice looked for."""
    line = world.create(world.line())
    world.calls()
    world.fault("drop_before", "UpdateApplication", times=None)

    with pytest.raises(OutcomeUnknown):
        world.update(line, declared(line, voice=VOICE | {"method": "GET"}), "voice")

    assert world.calls() == {"FetchApplication": 3, "UpdateApplication": 2}


def test_a_delete_that_gets_no_answer_is_repeated(world):
    """Doing it twice is as good as once."""
    line = world.create(world.line())
    world.fault("drop_after", "DeleteApplication")

    world.delete(line)

    assert (world.applications(), world.calls()["DeleteApplication"]) == ({}, 2)


def test_a_read_that_gets_no_answer_is_repeated_and_then_transient(world):
    """Looking again does no harm, but not for ever."""
    line = world.create(world.line())
    world.calls()
    world.fault("error500", "FetchApplication", times=None)

    with pytest.raises(Transient):
        world.read(line)

    assert world.calls() == {"FetchApplication": 6}


def _anew(world, scene):
    world.controls.reset()
    world.controls.run_clock_at(0)
    for profile in (PROFILE, SECOND_PROFILE):
        world.twilio.approve(profile)
    for number in (A, B, C):
        world.twilio.add_number(number)
    world.settle_in()
    return scene(world)


def _struck(world):
    """Tells whether the fault came to pass, and takes it away."""
    outcomes = {call.outcome for call in world.controls.calls()}
    world.controls.clear_faults()
    return bool(outcomes & {"drop_before", "drop_after", "20500", "20429"})


def _not_at_all(seconds):
    """A sleep that a stop ends at once."""


def _dying_after(notes, what):
    def checkpoint(said, facts):
        notes(said, facts)
        if said == what:
            raise Killed

    return checkpoint
