"""Voice use cases: one Application each."""

import pytest

from chanplan.model.errors import Foreign, Gone, Rejected
from chanplan.model.resources import Depth, Marks
from tests.twilio.twilio_world import (
    PROFILE,
    VOICE,
    A,
    B,
    Notes,
    declared,
    incomplete,
    new_identity,
    remembered,
)


def test_what_was_declared_is_what_is_made_and_read(world):
    """In the user's own words."""
    for number in (A, B):
        world.twilio.add_number(number)
    line = world.create(
        world.line(numbers=[A, B], status_callback="https://acme.example", caller_id_lookup=True)
    )

    seen = world.read(line)

    assert (seen.depth, seen.marks, seen.incomplete) == (Depth.DIRECT, Marks("id-1", "acme-production"), ())
    assert seen.attributes == {name: line.attributes[name] for name in seen.attributes}
    assert set(seen.attributes) == {"entity_name", "name", "voice", "phone_numbers", "customer_profile"}
    assert set(world.applications().values()) == {"Acme/Support"}
    assert world.bindings() == dict.fromkeys((A, B), line.facts["application_sid"])
    assert world.places() == dict.fromkeys((A, B), PROFILE)


def test_a_line_without_numbers_needs_no_profile_and_two_calls(world):
    """Nothing of the Trust Hub is asked."""
    world.settle_in()

    line = world.create(world.line())

    assert world.calls() == {"ListApplication": 1, "CreateApplication": 1}
    assert line.facts == {
        "application_sid": next(iter(world.applications())),
        "profile_sid": PROFILE,
        "numbers": {},
    }


def test_only_what_is_worth_remembering_is_remembered(world):
    """What was there before, and when it was asked for, is another day's."""
    world.twilio.add_number(A)
    notes = Notes()

    line = world.create(world.line(numbers=[A]), checkpoint=notes)

    assert set(line.facts) == {"application_sid", "profile_sid", "numbers"}
    assert set(line.facts["numbers"][A]) == {"sid", "assignment", "profile_sid"}
    assert {name: notes.facts[name] for name in line.facts} == line.facts
    assert (notes.facts["applications_before"], notes.facts["assigning"]) == ([], [])


CHANGES = [
    ({"url": "https://new.acme.example/"}, "voice_url", "https://new.acme.example/"),
    ({"url": None}, "voice_url", ""),
    ({"method": "GET"}, "voice_method", "GET"),
    (
        {"fallback_url": "https://fallback.acme.example"},
        "voice_fallback_url",
        "https://fallback.acme.example",
    ),
    (
        {"fallback_url": "https://fallback.acme.example", "fallback_method": "GET"},
        "voice_fallback_method",
        "GET",
    ),
    ({"status_callback": "https://told.acme.example"}, "status_callback", "https://told.acme.example"),
    (
        {"status_callback": "https://told.acme.example", "status_callback_method": "GET"},
        "status_callback_method",
        "GET",
    ),
    ({"caller_id_lookup": True}, "voice_caller_id_lookup", True),
]


@pytest.mark.parametrize("change, member, value", CHANGES)
def test_each_place_of_voice_is_changed_by_one_call_and_read_back(world, change, member, value):
    """A URL that is declared no more is cleared."""
    line = world.create(world.line())
    wanted = declared(line, voice=VOICE | change)
    world.calls()

    updated = world.update(line, wanted, "voice")

    assert world.calls() == {"FetchApplication": 1, "UpdateApplication": 1}
    assert world.twilio.applications()[0][member] == value
    assert world.read(updated).attributes["voice"] == VOICE | change


def test_a_rename_keeps_the_application(world):
    """Its FriendlyName follows."""
    line = world.create(world.line())

    updated = world.update(line, declared(line, entity_name="Beta", name="Sales"), "entity_name", "name")

    assert world.applications() == {line.facts["application_sid"]: "Beta/Sales"}
    assert updated.facts == line.facts
    assert world.read(updated).attributes["name"] == "Sales"


def test_what_is_as_declared_isnt_written(world):
    """An update that was made by an earlier run costs a look."""
    line = world.create(world.line())
    wanted = declared(line, voice=VOICE | {"method": "GET"})
    world.update(line, wanted, "voice")
    world.calls()

    world.update(line, wanted, "voice")

    assert world.calls() == {"FetchApplication": 1}


@pytest.mark.parametrize(
    "declared_url, held_url",
    [
        ("https://Voice.ACME.example", "https://voice.acme.example/"),
        (None, None),
        ("https://user:pass@voice.acme.example/a?b=c", "https://user:pass@voice.acme.example/a?b=c"),
    ],
)
def test_another_spelling_of_the_same_isnt_drift(world, declared_url, held_url):
    """Read in the user's spelling, and never written again."""
    line = world.create(world.line(url=held_url))
    mine = declared(line, voice=VOICE | {"url": declared_url})

    seen = world.read(remembered(mine, "id-1", line.facts))

    assert seen.attributes["voice"] == VOICE | {"url": declared_url}


def test_a_url_that_was_cleared_reads_as_one_that_was_never_set(world):
    """Twilio answers an empty text for one and null for the other."""
    line = world.create(world.line())
    none = declared(line, voice=VOICE | {"url": None})
    cleared = world.update(line, none, "voice")
    never = world.create(world.line("sales", url=None), "id-2")

    assert world.read(cleared).attributes["voice"] == VOICE | {"url": None}
    assert world.read(never).attributes["voice"] == VOICE | {"url": None}


def test_the_method_of_no_url_is_never_drift(world):
    """It means nothing, whatever Twilio makes of it."""
    line = world.create(world.line(url=None))
    mine = declared(line, voice=VOICE | {"url": None, "method": "GET"})

    assert world.read(remembered(mine, "id-1", line.facts)).attributes == world.read(line).attributes | {
        "voice": VOICE | {"url": None, "method": "GET"}
    }


def test_somebody_elses_change_is_drift(world):
    """What Twilio says, in our words."""
    line = world.create(world.line())
    stranger = world.create(world.line("sales", url="https://elsewhere.example", method="GET"), "id-2")
    there = {**line.facts, "application_sid": stranger.facts["application_sid"]}

    seen = world.read(remembered(declared(line), "id-1", there))

    assert (seen.attributes["entity_name"], seen.attributes["name"]) == ("Acme", "Sales")
    assert seen.attributes["voice"] == VOICE | {"url": "https://elsewhere.example", "method": "GET"}


def test_a_name_that_isnt_ours_in_form_is_drift_all_the_same(world):
    """Somebody renamed it in the Console."""
    sid = world.twilio.add_application("old phone tree")
    line = remembered(world.line(), "id-1", {"application_sid": sid})

    seen = world.read(line)

    assert (seen.attributes["entity_name"], seen.attributes["name"]) == ("old phone tree", "")


def test_what_is_gone_reads_as_none_and_cant_be_updated(world):
    """Somebody deleted it."""
    line = world.create(world.line())
    world.twilio.remove_application(line.facts["application_sid"])

    assert world.read(line) is None
    with pytest.raises(Gone):
        world.update(line, declared(line, name="Sales"), "name")


def test_deleting_twice_is_as_good_as_once(world):
    """Already gone is success."""
    line = world.create(world.line())

    world.delete(line)
    world.delete(line)

    assert (world.applications(), world.read(line)) == ({}, None)


def test_an_application_of_the_name_is_foreign_and_named(world):
    """It carries no mark, so that nobody can tell that it is ours."""
    sids = sorted(world.twilio.add_application("Acme/Support") for _ in range(2))
    notes = Notes()

    with pytest.raises(Foreign) as error:
        world.create(world.line(), checkpoint=notes)

    assert error.value.message == (
        f"Account AC00000000000000000000000000000001 has an Application 'Acme/Support' already: {', '.join(sids)}. "
        "It isn't touched."
    )
    assert (sorted(world.applications()), notes.told) == (sids, [])


def test_an_application_of_almost_the_name_is_somebody_elses_business(world):
    """Upper and lower case are two names at Twilio."""
    world.twilio.add_application("acme/support")

    world.create(world.line())

    assert sorted(world.applications().values()) == ["Acme/Support", "acme/support"]


def test_a_new_declaration_finds_candidates_but_no_owner(world):
    """Whether the state knows one of them is the planner's to say."""
    sid = world.twilio.add_application("Acme/Support")

    direct = world.read(world.line())
    listed = world.provider.read_all("use_case", world.line().scope, [new_identity(world.line())])

    assert (direct.marks, direct.candidates, direct.attributes) == (Marks(None, None), (sid,), {})
    assert [seen.candidates for seen in listed.values()] == [(sid,)]
    assert world.read(world.line("sales")) is None


def test_what_replaces_an_old_one_may_bear_its_name(world):
    """The old one is deleted after the new one is made."""
    world.twilio.add_number(A)
    old = world.create(world.line(numbers=[A]))
    sid = old.facts["application_sid"]

    new = world.create(world.line(numbers=[A]), "id-2", partial={"replaces": [sid]})
    world.delete(old)

    assert world.applications() == {new.facts["application_sid"]: "Acme/Support"}
    assert new.facts["application_sid"] != sid
    assert world.bindings() == {A: new.facts["application_sid"]}


def test_numbers_that_name_a_deleted_application_go_with_its_successor(world):
    """Twilio leaves them naming it; the one that is made in its place is told which one that was."""
    world.twilio.add_number(A)
    old = world.create(world.line(numbers=[A]))
    world.twilio.remove_application(old.facts["application_sid"])

    new = world.create(world.line(numbers=[A]), "id-2", partial={"replaces": [old.facts["application_sid"]]})

    assert world.bindings() == {A: new.facts["application_sid"]}
    assert world.places() == {A: PROFILE}


def test_an_unfinished_one_whose_application_somebody_deleted_is_made_anew(world):
    """The SID of the first attempt leads nowhere."""
    world.twilio.add_number(A)
    line = world.create(world.line(numbers=[A]))
    world.twilio.remove_application(line.facts["application_sid"])

    again = world.create(world.line(numbers=[A]), partial=line.facts)

    assert world.applications() == {again.facts["application_sid"]: "Acme/Support"}
    assert world.bindings() == {A: again.facts["application_sid"]}


def test_an_unfinished_one_is_brought_up_to_what_is_declared_now(world):
    """The declaration may have changed since."""
    line = world.create(world.line())

    again = world.create(world.line(method="GET"), partial=line.facts)

    assert again.facts == line.facts
    assert world.read(again).attributes["voice"]["method"] == "GET"


def test_an_unfinished_one_that_made_nothing_is_deleted_without_harm(world):
    """Nobody else's Application of that name is taken for it."""
    world.twilio.add_application("Acme/Support")
    before = dict(world.applications())

    world.delete(incomplete(remembered(world.line(), "id-1", {})))

    assert world.applications() == before


def test_without_its_setup_numbers_have_no_profile(world):
    """The engine gives it; without it nothing is made."""
    world.twilio.add_number(A)
    desired = world.line(numbers=[A], context={"customer_profile": None})

    with pytest.raises(Rejected) as error:
        world.create(desired)

    assert (error.value.code, world.applications()) == ("setup_unknown", {})
