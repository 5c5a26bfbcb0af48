"""How many calls a refresh takes, and that threads share what they want at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest

from chanplan.execution.clocks import ManualClock, SystemClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.errors import Rejected
from chanplan.model.numbers import NumberSeen
from chanplan.model.resources import identity_of
from chanplan.providers.twilio.sharing import SharedLists
from tests.twilio.twilio_world import PROFILE, SCOPE, A, B, C, declared, new_identity, remembered

NAMES = "abcdefghijklmnopqrstuvwxyz"


def test_a_shallow_refresh_of_an_account_is_a_handful_of_lists(world):
    """However many lines and numbers there are, up to a page of each."""
    lines = [world.create(world.line(f"line-{NAMES[i]}"), f"id-{i}") for i in range(20)]
    for number in (A, B):
        world.twilio.add_number(number)
    world.twilio.bind_number(A, lines[0].facts["application_sid"])
    setups = [world.setup()]
    world.calls()

    found = world.provider.read_all("use_case", SCOPE, [identity_of(line) for line in lines])
    world.provider.read_all("twilio_setup", SCOPE, [new_identity(setup) for setup in setups])
    looked = world.provider.numbers.look_up(SCOPE, [A, B])

    assert world.calls() == {
        "ListApplication": 1,
        "ListIncomingPhoneNumber": 2,
        "ListCustomerProfile": 1,
        "FetchAccount": 1,
    }
    assert len(found) == 20
    assert found[lines[0].address].attributes["phone_numbers"] == [A]
    assert found[lines[1].address].attributes == {
        name: lines[1].attributes[name] for name in ("entity_name", "name", "voice", "phone_numbers")
    }
    assert (looked[A].application_sid, looked[B].application_sid) == (lines[0].facts["application_sid"], None)


def test_a_thousand_applications_are_one_page(world):
    """The most that an account holds."""
    for index in range(999):
        world.twilio.add_application(f"Filler/{index}")
    line = world.create(world.line())
    world.calls()

    found = world.provider.read_all("use_case", SCOPE, [identity_of(line)])

    assert set(found) == {line.address}
    assert world.calls() == {"ListApplication": 1, "ListIncomingPhoneNumber": 1}


def test_all_pages_of_numbers_are_read(world):
    """1,100 are two."""
    for index in range(1100):
        world.twilio.add_number(f"+1415{index:07}")
    world.settle_in()

    seen = world.provider.numbers.look_up(SCOPE, [f"+1415{index:07}" for index in (0, 999, 1099, 1100)])

    assert [number is not None for number in seen.values()] == [True, True, True, False]
    assert world.calls() == {"ListIncomingPhoneNumber": 2}


def test_a_full_refresh_of_a_hundred_setups_and_four_lines_each_stays_below_1600_calls(world, make_provider):
    """spec/twilio.md 4.2, with sixteen threads as the engine has; each setup has one line with a number."""
    clock = SystemClock()
    # Real threads wait for one another here, so that the clock must be the machine's.
    provider = make_provider(pacer=TokenPacer(clock, Unmeasured(), lambda *_: None))
    setups, lines = [], []
    for index in range(100):
        profile, number = f"BU{index:032x}", f"+1415555{index:04}"
        world.twilio.approve(profile)
        world.twilio.add_number(number)
        world.twilio.assign(profile, number)
        setups.append(world.setup(f"setup-{index}", profile))
        for channel in range(4):
            name = f"{NAMES[index // 26]}{NAMES[index % 26]}-{NAMES[channel]}"
            line = world.line(name, numbers=[number] if channel == 0 else [], profile=profile)
            sid = world.twilio.add_application(f"Acme/{name.title()}")
            if channel == 0:
                world.twilio.bind_number(number, sid)
            lines.append(remembered(line, f"id-{name}", {"application_sid": sid, "profile_sid": profile}))
    wanted = [new_identity(setup) for setup in setups] + [identity_of(line) for line in lines]
    world.calls()

    with ThreadPoolExecutor(16) as threads:
        seen = list(threads.map(provider.read, wanted))
    calls = world.calls()

    assert [each.incomplete for each in seen] == [()] * 500
    assert (calls["FetchCustomerProfile"], calls["FetchApplication"]) == (100, 400)
    assert calls["ListCustomerProfileChannelEndpointAssignment"] <= 200
    assert calls["FetchAccount"] <= 101
    assert calls["ListIncomingPhoneNumber"] <= 400
    # Without any sharing it would be 1,201; how much is shared is for the threads to say.
    assert sum(calls.values()) <= 1201


def test_numbers_are_looked_up_with_what_holds_them(world):
    """Owned or not, bound, or on a trunk."""
    for number in (A, B, C):
        world.twilio.add_number(number)
    app = world.twilio.add_application("phone tree")
    world.twilio.bind_number(B, app)
    world.twilio.bind_number(C, None, "TK" + "1" * 32)
    sids = {each["phone_number"]: each["sid"] for each in world.twilio.numbers()}

    seen = world.provider.numbers.look_up(SCOPE, [A, B, C, "+14155550999"])

    assert seen == {
        A: NumberSeen(sids[A]),
        B: NumberSeen(sids[B], application_sid=app),
        C: NumberSeen(sids[C], trunk_sid="TK" + "1" * 32),
        "+14155550999": None,
    }


def test_a_line_whose_create_wasnt_finished_is_left_to_a_direct_reading(world):
    """A list can't tell whose the Application of its name is."""
    line = remembered(
        world.line(), "id-1", {"applications_before": [], "asked": {"origin": "a", "seconds": 1.0}}
    )

    assert world.provider.read_all("use_case", SCOPE, [identity_of(line)]) == {}


def test_a_line_that_isnt_in_the_list_is_unconfirmed(world):
    """No word is said of it."""
    gone = remembered(world.line(), "id-1", {"application_sid": "AP" + "0" * 32})

    assert world.provider.read_all("use_case", SCOPE, [identity_of(gone)]) == {}


def test_a_reading_knows_the_profile_where_it_looked(world):
    """Without numbers there is none to know; without facts it is the setup's, and without a setup nobody can look."""
    world.twilio.add_number(A)
    line = world.create(world.line(numbers=[A]))
    bare = world.create(world.line("sales"), "id-2")
    imported = remembered(declared(line), "id-1", {"application_sid": line.facts["application_sid"]})
    unknown = replace(imported, context={})

    assert world.read(line).attributes["customer_profile"] == PROFILE
    assert world.read(bare).attributes["customer_profile"] is None
    assert world.read(imported).attributes["customer_profile"] == PROFILE
    assert "customer_profile" not in world.read(unknown).attributes


class Gate:
    """A fetch that waits until it is let go, and counts."""

    def __init__(self):
        self.begun, self.go, self.calls = threading.Event(), threading.Event(), 0

    def __call__(self):
        """Gives the number of the fetch."""
        self.calls += 1
        number = self.calls
        self.begun.set()
        self.go.wait(10)
        return number


@pytest.fixture
def threads():
    """Eight threads."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_who_asks_while_a_list_is_fetched_shares_the_next_one(threads):
    """Never the one that began before they asked."""
    shared = SharedLists(SystemClock(), TokenPacer(ManualClock(), Unmeasured(), lambda *_: None))
    fetch = Gate()
    first = threads.submit(shared.get, "numbers", fetch)
    assert fetch.begun.wait(10)
    others = [threads.submit(shared.get, "numbers", fetch) for _ in range(5)]
    while shared._shelves["numbers"].waiting < 6:
        pass
    fetch.go.set()

    assert first.result(10) == 1
    assert [other.result(10) for other in others] == [2] * 5
    assert (fetch.calls, shared._shelves) == (2, {})


def test_an_error_is_shared_like_an_answer(threads):
    """It would be the same for everybody, after as many attempts."""
    shared = SharedLists(SystemClock(), TokenPacer(ManualClock(), Unmeasured(), lambda *_: None))
    fetch = Gate()

    def failing():
        raise Rejected(f"No {fetch()}.")

    first = threads.submit(shared.get, "numbers", failing)
    assert fetch.begun.wait(10)
    others = [threads.submit(shared.get, "numbers", failing) for _ in range(3)]
    while shared._shelves["numbers"].waiting < 4:
        pass
    fetch.go.set()

    assert [str(each.exception(10)) for each in (first, *others)] == ["No 1.", *["No 2."] * 3]


def test_who_reads_in_the_background_waits_for_nobody(threads):
    """Nor does anybody wait for them: their turns come when nobody else wants any."""
    clock = ManualClock()
    pacer = TokenPacer(clock, Unmeasured(), lambda *_: None)
    shared = SharedLists(SystemClock(), pacer)
    fetch = Gate()
    first = threads.submit(shared.get, "numbers", fetch)
    assert fetch.begun.wait(10)

    with ExitStack() as stack:
        stack.enter_context(pacer.background(lambda: False))
        aside = shared.get("numbers", lambda: "aside")
    fetch.go.set()

    assert (aside, first.result(10)) == ("aside", 1)
