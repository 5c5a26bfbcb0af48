"""Kill -9 before and after every call to Twilio, run the same command again: the same end, and no second Application.

The calls are those of an undisturbed run, so a call that is added to chanplan is walked by itself.
"""

import pytest

from tests.e2e.kills import prepared, walked
from tests.e2e.voice import NUMBERS, PROFILE, THIRD_PROFILE, VOICE, furnish

APPLY = ("apply", "--auto-approve", "--parallelism", "1", "--deepen", "0")
SUPPORT, SALES = f'["{NUMBERS[0]}", "{NUMBERS[1]}"]', f'["{NUMBERS[2]}"]'


def empty(scene):
    """Nothing of ours; the profiles are approved."""
    with scene.controls() as controls:
        furnish(controls)
    scene.write(VOICE.read_text())


def finished(scene):
    """All is made."""
    empty(scene)
    scene.expect(0, *APPLY)


def edited(scene):
    """All is made, and declared otherwise: places, a name, a number more, one less, and one of another line."""
    finished(scene)
    scene.edit(
        (', fallback_url: "https://voice.acme.example/sorry"', ""),
        ("name: Sales line", "name: New sales line"),
        (SUPPORT, f'["{NUMBERS[3]}"]'),
        (SALES, f'["{NUMBERS[1]}", "{NUMBERS[2]}"]'),
    )


def swapped(scene):
    """All is made; two lines are to swap numbers."""
    finished(scene)
    scene.edit((SUPPORT, f'["{NUMBERS[0]}", "{NUMBERS[2]}"]'), (SALES, f'["{NUMBERS[1]}"]'))


def resettled(scene):
    """All is made; the support line is to move to the other setup with its numbers, and the sales line goes and hands
    its number on."""
    finished(scene)
    text = (scene.folder / "chanplan.yaml").read_text()
    head, _, tail = text.partition("  sales-line:")
    head = head.replace("call\n    twilio_setup: acme-voice", "call\n    twilio_setup: second-voice")
    reminders = tail.partition("  reminders:")[2].rstrip()
    scene.write(f'{head}  reminders:{reminders}\n    phone_numbers: ["{NUMBERS[2]}"]\n')


def reprofiled(scene):
    """All is made; the setup is to be bound to another profile."""
    finished(scene)
    scene.edit((PROFILE, THIRD_PROFILE))


WALKS = {
    "create": (empty, APPLY, 0),
    "update, and move a number": (edited, APPLY, 0),
    "swap numbers": (swapped, APPLY, 0),
    "replace a line, and hand a number on": (
        resettled,
        (*APPLY, "--allow-delete", "use_case.sales-line"),
        0,
    ),
    "another profile": (reprofiled, APPLY, 0),
    "destroy": (finished, ("destroy", "--auto-approve", "--allow-delete", "all", "--parallelism", "1"), 0),
}


@pytest.mark.parametrize("name", WALKS)
def test_killed_at_any_call_to_twilio(name, commands, tmp_path):
    """Whatever call it dies at, the same command ends as it would have: lines, numbers, state, and nothing left to do."""
    preparation, arguments, code = WALKS[name]

    walk = prepared(tmp_path / "walk", commands, preparation, arguments, code)

    walked(walk, commands, tmp_path / "scene")
