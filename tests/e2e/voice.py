"""What tests of voice lines share: an account with numbers and profiles, and what is there in the end."""

from pathlib import Path

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.e2e.scene import Scene
from tests.twilio_person import Person

VOICE = Path(__file__).parents[1] / "voice.yaml"
ACCOUNT = MAIN_ACCOUNT
SETUP = "twilio_setup.acme-voice"
PROFILE = "BU0123456789abcdef0123456789abcdef"
SECOND_PROFILE = "BU" + "2".rjust(32, "0")
THIRD_PROFILE = "BU" + "3".rjust(32, "0")
NUMBERS = ("+14155550100", "+14155550101", "+14155550102", "+14155550103")
"""The first two are the support line's, the third the sales line's; nobody has the last."""
THEIRS = ("+14155550190", "+14155550191")
"""Numbers of the account that aren't ours: bound to an Application, and on our profile."""
NAMES = {"support-line": "Acme/Support line", "sales-line": "Acme/Sales line", "reminders": "Acme/Reminders"}
BOUND = {
    NUMBERS[0]: NAMES["support-line"],
    NUMBERS[1]: NAMES["support-line"],
    NUMBERS[2]: NAMES["sales-line"],
}
"""How numbers are bound once `voice.yaml` is applied."""


def furnish(controls: Controls, *, approved: bool = True) -> None:
    """Gives the account what it has before chanplan comes: numbers, profiles, and what isn't ours."""
    twilio = controls.twilio
    for number in (*NUMBERS, *THEIRS):
        twilio.add_number(number)
    for profile in (PROFILE, SECOND_PROFILE, THIRD_PROFILE):
        twilio.add_profile(profile)
        if approved:
            twilio.approve(profile)
        else:
            twilio.submit(profile)
    twilio.bind_number(THEIRS[0], twilio.add_application("Acme/Support"))
    twilio.add_application("chanplan/support-line")
    twilio.assign(PROFILE, THEIRS[1])


def person(scene: Scene) -> Person:
    """Gives somebody who works in the console of the account."""
    return Person(scene.environment)


def lines(scene: Scene) -> dict[str, str]:
    """Gives how our numbers are bound."""
    return {number: name for number, name in person(scene).bound().items() if number not in THEIRS}


def on_profile(scene: Scene, profile: str = PROFILE) -> list[str]:
    """Gives our numbers that are assigned to a profile."""
    return [number for number in person(scene).assigned(profile) if number not in THEIRS]


def names(scene: Scene) -> list[str]:
    """Gives the names of all Applications but those of others."""
    theirs = ("Acme/Support", "chanplan/support-line")
    found = (each["friendly_name"] for each in person(scene).applications().values())
    return sorted(name for name in found if name not in theirs)
