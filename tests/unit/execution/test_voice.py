"""Voice lines through the engine, over the service in memory: setups that own nothing, lines without marks, numbers."""

from collections import Counter
from dataclasses import replace

import pytest

from chanplan.execution.refresh import refresh
from chanplan.execution.waiting import poll_gates
from chanplan.model.configuration import Import
from chanplan.model.errors import OutcomeUnknown, Rejected
from chanplan.model.gates import GateState
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Reading, Request
from chanplan.providers.memory.faults import Fail, Moment
from chanplan.providers.memory.world import Part, key_of
from tests.property.kills import WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.scene import ALLOWED, TWILIO, Scene, at, declare, line, steps, voice_setup

ONE, TWO = "+14155550101", "+14155550102"
THEIRS = f"AP{'f' * 32}"


def scene_with(status: str = "twilio-approved") -> Scene:
    """Give a workspace whose account has a profile and two numbers."""
    scene = Scene()
    scene.review("BU1", profile_status=status)
    scene.own(ONE, TWO)
    return scene


def calls_of(scene: Scene) -> Counter[str]:
    """Count the calls that were made, by operation."""
    return Counter(call.operation for call in scene.world.calls)


def stranger(scene: Scene, sid: str, name: str) -> None:
    """Let somebody else have an Application of a line's name."""
    attributes = {"entity_name": "Acme", "name": name, "voice": {}}
    scene.world.put(key_of(TWILIO, "application", sid), Part(sid, attributes=attributes))


def read(scene: Scene, configuration, mode: RefreshMode = RefreshMode.SHALLOW) -> Reading:
    """Refresh."""
    return refresh(
        configuration,
        scene.store.load(),
        scene.providers,
        scene.checker,
        scene.clock,
        mode,
        scene.hear,
        number_books={"twilio": scene.twilio},
    )


def test_one_apply_makes_setup_and_lines():
    """An approved profile needs no second run."""
    scene = scene_with()

    result = scene.apply(declare(voice_setup(), line("a", ONE)))

    assert steps(result.done) == ["create twilio_setup.voice", "create use_case.a"]
    made = scene.resources[at("use_case.a")]
    sid = made.facts["application_sid"]
    assert made.facts == {
        "application_sid": sid,
        "profile_sid": "BU1",
        "numbers": {ONE: {"sid": "PN14155550101", "assignment": "RA14155550101", "profile_sid": "BU1"}},
    }
    assert made.context == {"account_sid": "AC1", "customer_profile": {"sid": "BU1"}}


def test_lines_wait_for_the_review_and_go_on_after_it():
    """The setup is made, since it only reads; the lines are made once Twilio says yes."""
    scene = scene_with("in-review")
    wanted = declare(voice_setup(), line("a"))

    first = scene.apply(wanted)
    scene.review()
    second = scene.apply(wanted)

    assert (steps(first.done), steps(first.waiting)) == (["create twilio_setup.voice"], ["create use_case.a"])
    assert (steps(second.done), second.word) == (["create use_case.a"], "done")


def test_a_setup_is_deleted_without_any_call():
    """It owns nothing at Twilio, so that there is nothing to lose and nothing to ask."""
    scene = scene_with()
    scene.apply(declare(voice_setup()))
    plan = scene.plan(declare())
    scene.world.calls.clear()

    result = scene.execute(plan)

    assert (steps(result.done), scene.world.calls) == (["delete twilio_setup.voice"], [])
    assert plan.applyable
    assert scene.existing() >= {"profile/BU1"}


def test_a_killed_create_of_a_setup_leaves_nothing_open():
    """Nothing at Twilio can be half made."""
    scene = scene_with()
    plan = scene.plan(declare(voice_setup()))
    scene.world.fault(Fail(OutcomeUnknown("lost")), operation="get_profile", times=9)
    scene.execute(plan)
    scene.world._faults.clear()

    result = scene.apply(declare(voice_setup()))

    assert (result.word, scene.store.load().intents) == ("done", ())


def test_profiles_are_polled_by_one_list():
    """However many setups wait in an account."""
    scene = scene_with("in-review")
    scene.review("BU2", profile_status="pending-review")
    setups = (voice_setup(), voice_setup("other", "BU2"))
    result = scene.apply(declare(*setups, line("a"), line("b", on="other")))
    scene.world.calls.clear()

    def approve(_event: object) -> None:
        scene.review("BU2")

    scene.listener = approve
    polled = poll_gates(
        result.gates,
        scene.store,
        scene.providers,
        scene.checker,
        scene.clock,
        scene.hear,
        scene.stop,
        patience=30,
    )

    assert [gate.state for gate in polled.gates] == [GateState.PENDING, GateState.OPEN]
    assert calls_of(scene) == {"list_profile": 2, "get_account": 2}


def test_a_new_setup_that_no_list_shows_is_looked_for():
    """What must be there already is read directly; what isn't is told."""
    scene = scene_with()

    reading = read(scene, declare(voice_setup("lost", "BU9"), voice_setup()))

    assert reading.absent == {at("twilio_setup.lost")}
    assert calls_of(scene) == {"list_profile": 1, "get_account": 1, "get_profile": 1}


def test_another_profile_is_looked_for_before_the_old_one_is_given_up():
    """So that its review is known, and a mistake is told."""
    scene = scene_with()
    scene.review("BU2", profile_status="draft")
    scene.apply(declare(voice_setup(), voice_setup("other")))

    reading = read(scene, declare(voice_setup(profile="BU2"), voice_setup("other", "BU9")))

    assert {address: seen.facts["profile_status"] for address, seen in reading.taken.items()} == {
        at("twilio_setup.voice"): "draft"
    }
    assert reading.absent == {at("twilio_setup.other")}


def test_numbers_are_asked_about_once_and_only_where_a_line_takes_some():
    """Those of new lines, those that change, and those that a line lost."""
    scene = scene_with()
    before = declare(voice_setup(), line("a", ONE))
    scene.apply(before)
    scene.world.calls.clear()

    unchanged = read(scene, before)
    lists = calls_of(scene)["list_number"]
    taking = read(scene, declare(voice_setup(), line("a", ONE, "+14155550109"), line("b", TWO)))
    scene.world.alter(key_of(TWILIO, "number", ONE), application_sid=None)
    lost = read(scene, before)

    assert (unchanged.numbers, lists) == ({}, 1)
    (asked,) = taking.numbers.values()
    assert (set(asked), asked["+14155550109"]) == ({"+14155550109", TWO}, None)
    assert [set(asked) for asked in lost.numbers.values()] == [{ONE}]
    assert [set(asked) for asked in read(scene, before, RefreshMode.DEEP).numbers.values()] == [{ONE}]


def test_a_strangers_application_is_seen_in_the_plan():
    """It carries no mark, and the state doesn't know it."""
    scene = scene_with()
    scene.apply(declare(voice_setup()))
    stranger(scene, "APx", "a")

    plan = scene.plan(declare(voice_setup(), line("a")), mode=RefreshMode.SHALLOW)

    assert [(refusal.code, refusal.reason) for refusal in plan.refusals] == [
        (
            "foreign_object",
            "An object with the names of use_case.a exists, which the state doesn't know: APx.",
        )
    ]


@pytest.mark.parametrize("moment", Moment)
def test_an_answer_that_was_lost_is_no_second_application(moment: Moment):
    """What came into being since is ours, and what didn't is asked for once more."""
    scene = scene_with()
    scene.apply(declare(voice_setup()))
    scene.world.fault(Fail(OutcomeUnknown("lost")), moment, operation="create_application")

    scene.apply(declare(voice_setup(), line("a")))
    scene.apply(declare(voice_setup(), line("a")))

    applications = [key for key in scene.existing() if key.startswith("application/")]
    assert applications == [f"application/{scene.resources[at('use_case.a')].facts['application_sid']}"]


def test_of_several_new_applications_nobody_can_tell():
    """A person must say which is whose; nothing is made meanwhile."""
    store, world = WatchedStore(), WatchedWorld()
    scene = Scene(store, world)
    scene.review()
    moments = watch(store, world)
    wanted = declare(voice_setup(), line("a"))
    scene.apply(wanted)
    made = next(each for each in moments if any(key.part == "application" for key in each.parts))
    scene = Scene(*survivors(made))
    stranger(scene, "APx", "a")

    refused = scene.plan(wanted)
    candidates = sorted(part.name for key, part in scene.world.parts().items() if key.part == "application")
    scene.world.lose(key_of(TWILIO, "application", "APx"))
    result = scene.apply(wanted)

    assert [(refusal.code, refusal.remedy) for refusal in refused.refusals] == [
        (
            "ambiguous",
            "Delete by hand those that nobody needs, so that one is left at most, and run again; "
            "or say which one is meant:\n"
            + "\n".join(f'imports: [{{to: use_case.a, id: "{sid}"}}]' for sid in candidates),
        )
    ]
    assert result.word == "done"
    sid = scene.resources[at("use_case.a")].facts["application_sid"]
    assert [name for name in scene.existing() if name.startswith("application/")] == [f"application/{sid}"]


def test_an_import_says_which_of_several_new_applications_is_meant():
    """What was begun is closed, and the other one stays as it is."""
    store, world = WatchedStore(), WatchedWorld()
    scene = Scene(store, world)
    scene.review()
    moments = watch(store, world)
    wanted = declare(voice_setup(), line("a"))
    scene.apply(wanted)
    made = next(each for each in moments if any(key.part == "application" for key in each.parts))
    scene = Scene(*survivors(made))
    stranger(scene, THEIRS, "a")

    result = scene.apply(replace(wanted, imports=(Import(at("use_case.a"), THEIRS),)))

    assert result.word == "done"
    assert scene.resources[at("use_case.a")].facts["application_sid"] == THEIRS
    assert scene.store.load().intents == ()
    assert len([name for name in scene.existing() if name.startswith("application/")]) == 2
    assert scene.plan(wanted).effective == ()


def test_a_number_that_moves_is_reassigned_by_one_call():
    """No moment is without, and its place on the profile stays."""
    scene = scene_with()
    scene.apply(declare(voice_setup(), line("a", ONE), line("b")))
    scene.world.calls.clear()

    result = scene.apply(declare(voice_setup(), line("a"), line("b", ONE)))

    assert (result.word, calls_of(scene)["put_number"]) == ("done", 1)
    assert calls_of(scene)["put_assignment"] + calls_of(scene)["delete_assignment"] == 0
    assert list(scene.resources[at("use_case.b")].facts["numbers"]) == [ONE]
    assert scene.resources[at("use_case.a")].context == {
        "account_sid": "AC1",
        "customer_profile": {"sid": "BU1"},
    }


def test_a_number_that_a_third_line_takes_later_is_ours_still():
    """From one to another to a third: what the first still claims doesn't count, the number itself says who has it."""
    scene = scene_with()
    lines = ("a", "b", "c")
    for holder in (*lines, "a"):
        wanted = declare(voice_setup(), *(line(key, *([ONE] if key == holder else [])) for key in lines))
        assert scene.apply(wanted).word == "done"
        assert scene.plan(wanted).effective == ()


def test_a_number_that_a_person_gave_to_another_line_of_ours_is_taken_back():
    """The Application is ours, so nobody else's calls are cut off."""
    scene = scene_with()
    wanted = declare(voice_setup(), line("a", ONE), line("b"))
    scene.apply(wanted)
    other = scene.resources[at("use_case.b")].facts["application_sid"]
    scene.world.alter(key_of(TWILIO, "number", ONE), application_sid=other)

    result = scene.apply(wanted)

    assert (steps(result.done), result.word) == (["update use_case.a"], "done")
    assert scene.plan(wanted).effective == ()


def test_a_number_that_a_person_gave_to_a_stranger_is_refused_by_name():
    """With the number, its SID and who has it."""
    scene = scene_with()
    wanted = declare(voice_setup(), line("a", ONE))
    scene.apply(wanted)
    scene.world.alter(key_of(TWILIO, "number", ONE), application_sid="APx")

    plan = scene.plan(wanted)

    assert [refusal.reason for refusal in plan.refusals] == [
        f"use_case.a asks for {ONE} (PN14155550101), which is answered by Application APx, which isn't chanplan's."
    ]


def test_a_line_with_numbers_of_others_isnt_deleted():
    """Neither by the plan nor, when they were bound since, by the call."""
    scene = scene_with()
    scene.apply(declare(voice_setup(), line("a", ONE)))
    sid = scene.resources[at("use_case.a")].facts["application_sid"]
    plan = scene.plan(declare(voice_setup()))
    scene.world.alter(key_of(TWILIO, "number", TWO), application_sid=sid)

    late = scene.execute(plan)
    refused = scene.plan(declare(voice_setup()))

    assert [failed.problem.code for failed in late.failed] == ["changed_since_plan"]
    assert [refusal.code for refusal in refused.refusals] == ["phone_numbers_assigned"]
    assert scene.existing() >= {f"application/{sid}"}


def test_a_line_that_gave_its_numbers_away_is_deleted_in_the_same_run():
    """That they left is what the plan says, and no surprise."""
    scene = scene_with()
    scene.apply(declare(voice_setup(), line("a", ONE), line("b")))

    result = scene.apply(declare(voice_setup(), line("b", ONE)), Request())

    assert (steps(result.done), result.word) == (["delete use_case.a", "update use_case.b"], "done")


def test_numbers_follow_the_profile_of_their_setup_once_it_is_approved():
    """Until then they stay on the old one, and the setup already names the new one."""
    scene = scene_with()
    scene.review("BU2", profile_status="in-review")
    scene.apply(declare(voice_setup(), line("a", ONE)))
    wanted = declare(voice_setup(profile="BU2"), line("a", ONE))

    first = scene.apply(wanted)
    still = scene.world.get(key_of(TWILIO, "assignment", "PN14155550101"))
    scene.review("BU2")
    second = scene.apply(wanted)
    now = scene.world.get(key_of(TWILIO, "assignment", "PN14155550101"))

    assert (steps(first.done), steps(first.waiting)) == (["update twilio_setup.voice"], ["update use_case.a"])
    assert (steps(second.done), second.word) == (["update use_case.a"], "done")
    assert still is not None
    assert now is not None
    assert (still.attributes["profile_sid"], now.attributes["profile_sid"]) == ("BU1", "BU2")
    assert scene.plan(wanted).effective == ()


def test_a_line_that_was_deleted_behind_our_back_is_made_anew_with_its_numbers():
    """They still bear the SID of what is gone, which was ours."""
    scene = scene_with()
    wanted = declare(voice_setup(), line("a", ONE))
    scene.apply(wanted)
    scene.world.lose(
        key_of(TWILIO, "application", str(scene.resources[at("use_case.a")].facts["application_sid"]))
    )

    result = scene.apply(wanted, ALLOWED)

    assert (steps(result.done), result.word) == (["create use_case.a"], "done")
    assert scene.plan(wanted).effective == ()


def test_a_plan_that_went_wrong_at_a_number_goes_on_there():
    """What was bound and assigned is known, whatever came after it."""
    scene = scene_with()
    scene.apply(declare(voice_setup(), line("a")))
    wanted = declare(voice_setup(), line("a", ONE, TWO))
    scene.world.fault(Fail(Rejected("no")), operation="put_assignment", name="PN14155550102")

    failed = scene.apply(wanted)
    (intent,) = scene.store.load().intents
    result = scene.apply(wanted)

    assert failed.word == "failed"
    assert list(intent.facts["numbers"]) == [ONE, TWO]
    assert (result.word, scene.store.load().intents) == ("done", ())
    assert scene.plan(wanted).effective == ()


def test_an_intent_that_never_asked_for_anything_made_nothing():
    """An Application of that name was there before, or is somebody else's; what is asked for is written down first."""
    store, world = WatchedStore(), WatchedWorld()
    scene = Scene(store, world)
    scene.review("BU1")
    scene.review("BU2")
    before = declare(voice_setup(), voice_setup("other", "BU2"), line("a"))
    after = declare(voice_setup(), voice_setup("other", "BU2"), line("a", on="other"))
    scene.apply(before)
    moments = watch(store, world)
    scene.apply(after)
    begun = next(each for each in moments if any(intent.kind == "create" for intent in each.snapshot.intents))

    result = Scene(*survivors(begun)).apply(after)

    assert [intent.facts for intent in begun.snapshot.intents] == [{}, {}]
    assert (steps(result.done), result.word) == (["create use_case.a", "delete use_case.a"], "done")
