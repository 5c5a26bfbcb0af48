"""Voice lines from nothing to nothing: reviews, numbers that move, people who were faster, and what isn't ours."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.e2e.scene import EMAIL, Scene, address
from tests.e2e.voice import (
    ACCOUNT,
    BOUND,
    NAMES,
    NUMBERS,
    PROFILE,
    SECOND_PROFILE,
    SETUP,
    THEIRS,
    VOICE,
    furnish,
    lines,
    names,
    on_profile,
    person,
)

APPLY = ("apply", "--auto-approve")
SUPPORT, SALES = f'["{NUMBERS[0]}", "{NUMBERS[1]}"]', f'["{NUMBERS[2]}"]'
DESTROY = ("destroy", "--auto-approve", "--allow-delete", "all")


@pytest.fixture
def scene(tmp_path, commands):
    """Lines declared, nothing made; the profiles are under review."""
    with Scene(tmp_path / "scene", commands) as made, made.controls() as controls:
        furnish(controls, approved=False)
        made.twilio = controls.twilio
        made.write(VOICE.read_text())
        yield made


@pytest.fixture
def made(scene):
    """All lines made."""
    scene.twilio.approve(PROFILE)
    scene.twilio.approve(SECOND_PROFILE)
    scene.expect(0, *APPLY)
    return scene


def words(ended):
    """All that was said, each run of white space as one space."""
    return " ".join((ended.out + ended.err).split())


def writes(scene):
    """How often each operation was called that can change something at Twilio."""
    return Counter(name.partition(":")[2] for name in scene.calls() if name.startswith("twilio:"))


def test_life_of_voice_lines(scene):
    """Waits for a review, is rejected, is handed in again, approved, made, and taken away: numbers and profiles stay."""
    waiting = scene.run(*APPLY)
    before = writes(scene)
    scene.twilio.reject(PROFILE, codes=(18602, 18606))
    rejected = scene.run(*APPLY)
    scene.twilio.submit(PROFILE)
    again = scene.run(*APPLY)
    scene.twilio.approve(PROFILE)
    applied = scene.run(*APPLY)

    assert [each.code for each in (waiting, rejected, again, applied)] == [3, 1, 3, 0]
    assert before == {}
    assert "18602" in words(rejected)
    assert "18606" in words(rejected)
    assert lines(scene) == BOUND
    assert on_profile(scene) == sorted(BOUND)
    assert names(scene) == sorted(NAMES.values())
    scene.expect(0, "plan", "--detailed-exitcode")
    scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")
    assert scene.run("destroy", "--auto-approve").code == 4
    scene.expect(0, *DESTROY)
    assert (lines(scene), on_profile(scene), names(scene)) == ({}, [], [])
    assert sorted(person(scene).numbers()) == sorted((*NUMBERS, *THEIRS))
    assert person(scene).bound() == {THEIRS[0]: "Acme/Support"}
    assert person(scene).assigned(PROFILE) == [THEIRS[1]]
    assert scene.state().resources == {}


def test_what_is_asked_to_make_three_lines(made):
    """One Application each, one binding and one assignment for each number, and nothing else that could change anything."""
    assert writes(made) == {
        "CreateApplication": 3,
        "UpdateIncomingPhoneNumber": 3,
        "CreateCustomerProfileChannelEndpointAssignment": 3,
    }


@pytest.mark.parametrize(
    "status, code, said",
    [
        ("reset_to_draft", 3, "is a draft"),
        ("submit", 3, "is submitted"),
        ("begin_review", 3, "Twilio is reviewing customer profile"),
        ("reject", 1, "Twilio rejected customer profile"),
        ("approve", 0, "Apply: 5 created."),
    ],
)
def test_each_state_of_a_review(scene, status, code, said):
    """Waiting is 3, a rejection 1; both say where the profile stands, in the very first run."""
    getattr(scene.twilio, status)(PROFILE)

    ended = scene.run(*APPLY)

    assert (ended.code, said in words(ended)) == (code, True)
    assert scene.state().resources.keys() >= {address(SETUP)}


def test_wait_polls_the_review(scene):
    """`wait` exits 3 while it is pending and 1 once it is rejected; it says so either way."""
    scene.expect(3, *APPLY)

    pending = scene.run("wait", "--timeout", "1s")
    scene.twilio.reject(PROFILE, codes=(18603,))
    rejected = scene.run("wait", "--timeout", "1s")
    scene.twilio.approve(PROFILE)
    approved = scene.run("wait", "--for", SETUP, "--timeout", "1s")

    assert [each.code for each in (pending, rejected, approved)] == [3, 1, 0]


def test_a_profile_that_closes_behind_a_line_deletes_nothing(made):
    """The plan warns, and there is nothing to do."""
    made.twilio.reject(PROFILE, codes=(18601,))

    plan = made.plan()

    assert plan["summary"]["delete"] == 0
    assert ("profile_regressed", SETUP) in {(each["code"], each["address"]) for each in plan["diagnostics"]}
    made.expect(0, *APPLY)
    assert lines(made) == BOUND


def test_a_number_moves_by_one_call(made):
    """The number changes hands while it is bound: one update of it, and no moment without a line."""
    before = writes(made)
    made.edit((SUPPORT, f'["{NUMBERS[0]}"]'), (SALES, f'["{NUMBERS[2]}", "{NUMBERS[1]}"]'))

    made.expect(0, *APPLY)

    assert writes(made) - before == {"UpdateIncomingPhoneNumber": 1}
    assert lines(made) == BOUND | {NUMBERS[1]: NAMES["sales-line"]}
    assert on_profile(made) == sorted(BOUND)
    made.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_numbers_swap(made):
    """Two lines exchange numbers in one plan, by one call for each number."""
    before = writes(made)
    made.edit((SUPPORT, f'["{NUMBERS[2]}", "{NUMBERS[1]}"]'), (SALES, f'["{NUMBERS[0]}"]'))

    made.expect(0, *APPLY)

    assert writes(made) - before == {"UpdateIncomingPhoneNumber": 2}
    assert lines(made) == BOUND | {NUMBERS[0]: NAMES["sales-line"], NUMBERS[2]: NAMES["support-line"]}
    made.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_a_line_that_goes_hands_its_numbers_on(made):
    """The taker is made before the giver is deleted."""
    text = (made.folder / "chanplan.yaml").read_text()
    head, sales, tail = text.partition("  sales-line:")
    _, reminders, last = tail.partition("  reminders:")
    made.write(head + reminders + last.rstrip() + f'\n    phone_numbers: ["{NUMBERS[2]}"]\n')
    before = writes(made)

    made.expect(0, *APPLY, "--allow-delete", "use_case.sales-line")

    assert sales
    assert writes(made) - before == {"UpdateIncomingPhoneNumber": 1, "DeleteApplication": 1}
    assert lines(made) == BOUND | {NUMBERS[2]: NAMES["reminders"]}


def test_another_setup_takes_line_and_numbers_along(made):
    """Create, move the numbers, delete: the numbers are bound all the time, and assigned to the new profile then."""
    made.write(
        (made.folder / "chanplan.yaml")
        .read_text()
        .replace(
            "description: Where customers call\n    twilio_setup: acme-voice",
            "description: Where customers call\n    twilio_setup: second-voice",
        )
    )

    made.expect(0, *APPLY)

    assert lines(made) == BOUND
    assert names(made) == sorted(NAMES.values())
    assert (on_profile(made), on_profile(made, SECOND_PROFILE)) == ([NUMBERS[2]], list(NUMBERS[:2]))
    made.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_somebody_elses_number_is_refused_by_name(made):
    """In the plan, with the number and who holds it; `apply` exits 4 before its first call."""
    made.edit((SALES, f'["{NUMBERS[2]}", "{THEIRS[0]}"]'))
    before = writes(made)
    holder = person(made).numbers()[THEIRS[0]]["voice_application_sid"]

    refused = made.run(*APPLY)

    assert refused.code == 4
    assert "use_case.sales-line (number_bound_elsewhere)" in refused.err
    assert THEIRS[0] in refused.err
    assert holder in refused.err
    assert writes(made) == before


def test_a_number_that_the_account_doesnt_own(made):
    """Refused by name; nothing is bought."""
    made.edit((SALES, f'["{NUMBERS[2]}", "+14155550999"]'))

    refused = made.run(*APPLY)

    assert (refused.code, "use_case.sales-line (number_not_owned)" in refused.err) == (4, True)
    assert "+14155550999" in refused.err


def test_a_number_bound_by_hand_stands_in_the_way_of_a_deletion(made):
    """Its Application would be pulled from under a number that chanplan didn't bind."""
    found = person(made).applications()
    (sales,) = (sid for sid, each in found.items() if each["friendly_name"] == NAMES["sales-line"])
    person(made).bind(NUMBERS[3], sales)
    text = (made.folder / "chanplan.yaml").read_text()
    head, _, tail = text.partition("  sales-line:")
    made.write(head + "  reminders:" + tail.partition("  reminders:")[2])

    refused = made.run(*APPLY, "--allow-delete", "use_case.sales-line")
    person(made).bind(NUMBERS[3], "")
    freed = made.run(*APPLY, "--allow-delete", "use_case.sales-line")

    assert (refused.code, freed.code) == (4, 0)
    assert "use_case.sales-line (phone_numbers_assigned)" in refused.err
    assert NUMBERS[3] in refused.err


def test_an_assignment_that_was_there_before_stays(scene):
    """What others assigned isn't taken back with the line."""
    scene.twilio.approve(PROFILE)
    scene.twilio.approve(SECOND_PROFILE)
    person(scene).assign(NUMBERS[0], PROFILE)

    scene.expect(0, *APPLY)
    both = on_profile(scene)
    scene.expect(0, *DESTROY)

    assert both == sorted(BOUND)
    assert on_profile(scene) == [NUMBERS[0]]


def test_what_somebody_changed_in_the_console_is_put_back(made):
    """A renamed Application, a URL, an unbound number: shown as drift, and put right."""
    console = person(made)
    (support,) = (
        sid for sid, each in console.applications().items() if each["friendly_name"] == NAMES["support-line"]
    )
    console.change_application(support, FriendlyName="Renamed", VoiceUrl="https://elsewhere.example/")
    console.bind(NUMBERS[0], "")

    plan = made.plan("--refresh", "deep")
    made.expect(0, *APPLY, "--refresh", "deep")

    assert [each["address"] for each in plan["resource_drift"]] == ["use_case.support-line"]
    assert lines(made) == BOUND
    assert console.applications()[support]["voice_url"] == "https://voice.acme.example/answer"
    made.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_a_line_in_a_subaccount_through_its_parent(scene):
    """`existing` with the SID of a subaccount and no alias of its own: its parent's credentials reach it."""
    child = "AC" + "c" * 32
    scene.twilio.add_account(child, parent=ACCOUNT)
    scene.twilio.add_number("+14155550177", child)
    scene.twilio.approve(PROFILE)
    text = VOICE.read_text().replace(
        f"customer_profile: {{sid: {PROFILE}}}",
        f"customer_profile: {{sid: {PROFILE}}}\n    account: {{mode: existing, sid: {child}}}",
    )
    scene.write(text.replace(SUPPORT, '["+14155550177"]').replace(SALES, "[]"))

    scene.expect(0, *APPLY)

    assert {
        each["phone_number"] for each in scene.twilio.numbers(child) if each["voice_application_sid"]
    } == {"+14155550177"}
    assert sorted(each["friendly_name"] for each in scene.twilio.applications(child)) == sorted(
        NAMES.values()
    )
    scene.expect(0, *DESTROY)


def test_two_workspaces_of_one_account(made):
    """Neither sees the other's lines as its own; the same name is refused, another is made beside."""
    other = made.folder.with_name("second")
    other.mkdir()
    text = VOICE.read_text().replace("workspace: voice", "workspace: second")
    text = text.replace(SUPPORT, f'["{NUMBERS[3]}"]').replace(SALES, "[]")
    (other / "chanplan.yaml").write_text(text)

    refused = made.run("-C", str(other), *APPLY)
    (other / "chanplan.yaml").write_text(text.replace("entity_name: Acme", "entity_name: Globex"))
    both = [made.start("-C", str(other), *APPLY), made.start(*APPLY)]

    assert (refused.code, "(foreign_object)" in refused.err) == (4, True)
    assert [each.wait().code for each in both] == [0, 0]
    assert lines(made) == BOUND | {NUMBERS[3]: "Globex/Support line"}
    made.expect(0, *DESTROY)
    assert lines(made) == {NUMBERS[3]: "Globex/Support line"}


def test_what_a_person_looks_at(made):
    """`state list` finds lines by channel and setup, `show` reads one live, and the sender finds its hints there."""
    listed = json.loads(
        made.expect(0, "state", "list", "--channel", "ringless_voicemail", "--format", "json")
    )
    shown = json.loads(made.expect(0, "show", "use_case.reminders", "--format", "json"))
    setup = json.loads(made.expect(0, "show", SETUP, "--format", "json"))

    assert [item["address"] for item in listed["items"]] == ["use_case.reminders"]
    assert shown["channel"] == "ringless_voicemail"
    assert setup["id"]


def test_email_alone_doesnt_pay_for_twilio(tmp_path, commands):
    """A plan of a configuration without voice never imports Twilio's SDK."""
    code = (
        "import sys\n"
        "from chanplan.cli.main import run\n"
        "code = run(['plan'])\n"
        "print(code, sorted(name for name in sys.modules if name.partition('.')[0] == 'twilio'))\n"
    )
    with Scene(tmp_path / "scene", commands) as scene:
        scene.write(EMAIL.read_text())
        said = in_process(code, scene)
        furnish_and_write(scene)
        with_voice = in_process(code, scene)

    assert said == "0 []"
    assert with_voice.startswith("0 ['twilio'")


def furnish_and_write(scene):
    """Declares voice lines too."""
    with scene.controls() as controls:
        furnish(controls)
    scene.write(VOICE.read_text())


def in_process(code, scene):
    """Runs Python in a new process in a scene's folder; gives the last line of its output."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=scene.folder,
        capture_output=True,
        text=True,
        env={**os.environ, **scene.environment},
    )
    return done.stdout.splitlines()[-1]
