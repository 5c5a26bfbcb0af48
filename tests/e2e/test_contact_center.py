"""The days of examples/contact-center, as its README tells them."""

import json
import shutil
from collections import Counter

import pytest

from tests.e2e.scene import EXAMPLES, Scene
from tests.twilio_person import Person

CLINIC = EXAMPLES / "contact-center"
SETUP = "twilio_setup.clinic"
PROFILE = "BUc11c0000000000000000000000000001"
NUMBERS = [f"+141555501{place}" for place in (10, 11, 12, 20, 21, 30, 31)]
NAMES = ["Emergencies", "Front desk", "Offers", "Recalls", "Reminders"]
DESTROY = ("destroy", "--auto-approve", "--allow-delete", "all")


@pytest.fixture
def clinic(tmp_path, commands):
    """The example, nothing applied, and an account with its numbers and a profile under review."""
    with Scene(tmp_path / "scene", commands) as scene:
        shutil.copytree(CLINIC, scene.folder, dirs_exist_ok=True)
        scene.expect(0, "sandbox", "number", *NUMBERS)
        scene.expect(0, "sandbox", "submit", SETUP)
        yield scene


def test_the_days_of_a_clinic(clinic):
    """The first day, a swap, somebody who was faster, a look around, and the end, over the wire."""
    summary = clinic.plan()["summary"]
    assert (summary["create"], summary["waiting"]) == (6, 5)
    assert "Apply: 1 created, 5 waiting." in clinic.expect(3, "apply", "--auto-approve")
    clinic.expect(0, "sandbox", "approve", SETUP)
    assert "Apply: 5 created." in clinic.expect(0, "apply", "--auto-approve")
    clinic.expect(0, "plan", "--detailed-exitcode")
    console = Person(clinic.environment)
    assert sorted(each["friendly_name"] for each in console.applications().values()) == [
        f"Harbor Clinic/{name}" for name in NAMES
    ]
    assert sorted(console.bound()) == console.assigned(PROFILE) == NUMBERS

    clinic.edit(
        ('"+14155550110", "+14155550111"', '"+14155550110", "+14155550121"'),
        ('"+14155550120", "+14155550121"', '"+14155550120", "+14155550111"'),
    )
    before = Counter(clinic.calls())
    assert (
        "Plan: 0 to create, 2 to update, 0 to replace, 0 to delete." in clinic.expect(0, "plan").splitlines()
    )
    clinic.expect(0, "apply", "--auto-approve")
    assert Counter(clinic.calls()) - before == {"twilio:UpdateIncomingPhoneNumber": 2}
    assert console.bound()["+14155550111"] == "Harbor Clinic/Recalls"
    assert console.bound()["+14155550121"] == "Harbor Clinic/Front desk"

    console.bind("+14155550130", console.make_application("A colleague's test"))
    refused = clinic.run("apply", "--auto-approve")
    assert (refused.code, "use_case.reminders (number_bound_elsewhere)" in refused.err) == (4, True)
    assert "+14155550130" in refused.err
    console.bind("+14155550130", "")
    clinic.expect(0, "apply", "--auto-approve")
    assert console.bound()["+14155550130"] == "Harbor Clinic/Reminders"

    listed = json.loads(
        clinic.expect(0, "state", "list", "--channel", "ringless_voicemail", "--format", "json")
    )
    assert [item["address"] for item in listed["items"]] == ["use_case.offers", "use_case.reminders"]
    shown = " ".join(clinic.expect(0, "show", "use_case.reminders").split())
    assert 'compliance.consent = "prior_express" detection.timeout_s = 45' in shown

    refused = clinic.run(*DESTROY)
    assert (refused.code, "use_case.emergencies" in refused.err) == (4, True)
    clinic.edit(("prevent_destroy: true", "prevent_destroy: false"))
    clinic.expect(0, "apply", "--auto-approve")
    clinic.expect(0, *DESTROY)
    assert (sorted(console.numbers()), console.bound(), console.assigned(PROFILE)) == (NUMBERS, {}, [])
    assert [each["friendly_name"] for each in console.applications().values()] == ["A colleague's test"]
