"""Voice lines where people and runs meet: approvals over a review, two runs at once, and whoever was faster."""

import threading

import pytest

from tests.e2e.kills import Blow
from tests.e2e.scene import Scene
from tests.e2e.voice import (
    BOUND,
    NAMES,
    NUMBERS,
    PROFILE,
    SECOND_PROFILE,
    VOICE,
    furnish,
    lines,
    names,
    on_profile,
    person,
)

APPLY = ("apply", "--auto-approve", "--parallelism", "1", "--deepen", "0")
SUPPORT, SALES = f'["{NUMBERS[0]}", "{NUMBERS[1]}"]', f'["{NUMBERS[2]}"]'


class Meanwhile:
    """A sandbox's hook that does something once, before or after the first call of an operation from when it is armed."""

    def __init__(self):
        self._act = None
        self._when = None

    def arm(self, operation, phase, act):
        """Says what to do, and when."""
        self._act, self._when = act, (operation, phase)

    def __call__(self, operation, phase, number):
        if self._act is not None and (operation, phase) == self._when:
            act, self._act = self._act, None
            # The call under way holds the sandbox's lock: somebody else does it, and this waits for nobody.
            thread = threading.Thread(target=act)
            thread.start()
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def meanwhile():
    """Somebody who acts in the middle of a run."""
    return Meanwhile()


@pytest.fixture
def blow():
    """A blow that a test may aim."""
    return Blow()


def opened(root, commands, hooks, *, approved):
    """Gives a scene of lines that aren't made."""
    scene = Scene(root, commands, hooks=hooks)
    scene.__enter__()
    with scene.controls() as controls:
        furnish(controls, approved=approved)
    scene.write(VOICE.read_text())
    return scene


@pytest.fixture
def scene(tmp_path, commands, blow):
    """Lines declared, profiles under review, and a sandbox that the blow listens to."""
    made = opened(tmp_path / "scene", commands, blow, approved=False)
    yield made
    made.__exit__(None)


@pytest.fixture
def busy(tmp_path, commands, meanwhile):
    """Lines made, and somebody who acts in the middle of a run."""
    made = opened(tmp_path / "scene", commands, meanwhile, approved=True)
    made.expect(0, *APPLY)
    yield made
    made.__exit__(None)


def spent(scene):
    """How many of the approved fingerprints are spent, by approval."""
    return [(len(approval.spent), len(approval.fingerprints)) for approval in scene.state().approvals]


def approve(scene):
    """Lets Twilio approve the profiles."""
    with scene.controls() as controls:
        controls.twilio.approve(PROFILE)
        controls.twilio.approve(SECOND_PROFILE)


def test_digest_over_a_review(scene, blow):
    """One approval lasts over a rejection, a review of days and a kill; each of its changes is done, and spent, once."""
    digest = scene.plan()["digest"]

    scene.expect(3, "apply", "--expect", digest)
    waiting = spent(scene)
    with scene.controls() as controls:
        controls.twilio.reject(PROFILE, codes=(18603,))
    scene.expect(1, "apply", "--expect", digest)
    approve(scene)
    blow.operation, blow.phase = "twilio:CreateApplication", "after"
    assert blow.land(scene.start("apply", "--expect", digest, "--parallelism", "1")).code == -9
    scene.expect(0, "apply", "--expect", digest)

    assert waiting == [(2, 5)]
    assert spent(scene) == [(5, 5)]
    assert names(scene) == sorted(NAMES.values())
    assert lines(scene) == BOUND
    scene.expect(0, "plan", "--detailed-exitcode")


def test_another_number_isnt_what_was_approved(scene):
    """A number that was added after the review of the plan isn't bound under its digest; the file of a plan neither."""
    digest = scene.plan()["digest"]
    scene.expect(0, "plan", "--out", "reviewed.json")
    scene.expect(3, "apply", "--expect", digest)
    approve(scene)
    scene.edit((SALES, f'["{NUMBERS[2]}", "{NUMBERS[3]}"]'))

    refused = [scene.run("apply", *way) for way in (("--expect", digest), ("reviewed.json",))]

    assert [(each.code, "use_case.sales-line (not_approved)" in each.err) for each in refused] == [
        (4, True)
    ] * 2
    assert lines(scene) == {}
    scene.edit((f'["{NUMBERS[2]}", "{NUMBERS[3]}"]', SALES))
    scene.expect(0, "apply", "--expect", digest)
    assert lines(scene) == BOUND


def test_swap_under_a_digest_killed_half_way(scene, blow):
    """Both halves of a swap are approved, and spent once each, whichever run does them."""
    approve(scene)
    scene.expect(0, *APPLY)
    scene.edit((SUPPORT, f'["{NUMBERS[0]}", "{NUMBERS[2]}"]'), (SALES, f'["{NUMBERS[1]}"]'))
    digest = scene.plan()["digest"]
    blow.operation, blow.phase = "twilio:UpdateIncomingPhoneNumber", "after"
    blow.struck = None

    assert blow.land(scene.start("apply", "--expect", digest, "--parallelism", "1")).code == -9
    scene.expect(0, "apply", "--expect", digest)

    assert spent(scene)[-1] == (2, 2)
    assert lines(scene) == BOUND | {NUMBERS[1]: NAMES["sales-line"], NUMBERS[2]: NAMES["support-line"]}
    scene.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")


def test_a_number_that_somebody_takes_in_between(busy, meanwhile):
    """Bound by a colleague after the plan and before our call: the step fails by name, theirs stays, the rest is done."""
    console = person(busy)
    theirs = console.make_application("A colleague's test")
    busy.edit(
        (SALES, f'["{NUMBERS[2]}", "{NUMBERS[3]}"]'),
        ("description: Where customers call", "description: Calls"),
    )
    # The last look before a number is bound is at the number itself.
    meanwhile.arm("twilio:FetchIncomingPhoneNumber", "before", lambda: console.bind(NUMBERS[3], theirs))

    ended = busy.run(*APPLY)

    assert ended.code == 1
    assert "use_case.sales-line (number_bound_elsewhere)" in ended.out
    assert NUMBERS[3] in ended.out
    assert "use_case.support-line updated" in ended.out
    assert lines(busy) == BOUND | {NUMBERS[3]: "A colleague's test"}


def test_a_number_that_somebody_binds_before_the_deletion(busy, meanwhile):
    """Looked at again right before the Application goes: it stays, and says which number holds on to it."""
    console = person(busy)
    (sales,) = (
        sid for sid, each in console.applications().items() if each["friendly_name"] == NAMES["sales-line"]
    )
    text = (busy.folder / "chanplan.yaml").read_text()
    head, _, tail = text.partition("  sales-line:")
    busy.write(head + "  reminders:" + tail.partition("  reminders:")[2])
    digest = busy.plan("--allow-delete", "use_case.sales-line")["digest"]
    console.bind(NUMBERS[3], sales)

    ended = busy.run("apply", "--expect", digest)
    console.bind(NUMBERS[3], "")
    again = busy.run(*APPLY, "--allow-delete", "use_case.sales-line")

    assert ended.code == 4
    assert "use_case.sales-line (phone_numbers_assigned)" in ended.err
    assert NUMBERS[3] in ended.err
    assert again.code == 0
    assert names(busy) == [NAMES["reminders"], NAMES["support-line"]]


def test_two_applies_at_once(busy):
    """The second waits for the lock and finds everything done: one Application each, one binding each."""
    busy.edit((SUPPORT, f'["{NUMBERS[0]}", "{NUMBERS[2]}"]'), (SALES, f'["{NUMBERS[1]}", "{NUMBERS[3]}"]'))

    both = [busy.start("apply", "--auto-approve", "--lock-timeout", "60s") for _ in range(2)]

    assert [each.wait().code for each in both] == [0, 0]
    assert lines(busy) == {
        NUMBERS[0]: NAMES["support-line"],
        NUMBERS[2]: NAMES["support-line"],
        NUMBERS[1]: NAMES["sales-line"],
        NUMBERS[3]: NAMES["sales-line"],
    }
    assert on_profile(busy) == sorted(NUMBERS)
    assert names(busy) == sorted(NAMES.values())
