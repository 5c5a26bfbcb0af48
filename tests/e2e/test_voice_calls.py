"""What looking at many lines costs in calls: a bound each, since Twilio bills time and limits what runs at once."""

from collections import Counter

import pytest

from tests.chaos.storm import configuration, furnish
from tests.e2e.scene import Scene

SETUPS, LINES = 20, 4


@pytest.fixture(scope="module")
def many(tmp_path_factory, commands):
    """Setups of four lines each on one account, all made."""
    with Scene(tmp_path_factory.mktemp("many") / "scene", commands) as scene, scene.controls() as controls:
        furnish(controls, SETUPS, LINES)
        scene.write(configuration(SETUPS, LINES))
        scene.expect(0, "apply", "--auto-approve")
        scene.knobs = controls
        yield scene


def calls(scene, mode):
    """Makes a plan, which must find nothing to do, and counts its calls."""
    scene.knobs.clear_calls()
    scene.expect(0, "plan", "--refresh", mode, "--detailed-exitcode")
    return Counter(call.operation for call in scene.knobs.calls())


def test_a_shallow_refresh_is_three_lists(many):
    """However many setups and lines an account has, up to a thousand of each: one list of each kind, and the account."""
    assert calls(many, "shallow") == {
        "twilio:FetchAccount": 2,
        "twilio:ListApplication": 1,
        "twilio:ListCustomerProfile": 1,
        "twilio:ListIncomingPhoneNumber": 1,
    }


def test_a_deep_refresh_grows_with_what_is_there(many):
    """Each profile and each line is read by itself: at most two calls for each, and lists that many share."""
    found = calls(many, "deep")

    assert found["twilio:FetchApplication"] == SETUPS * LINES
    assert found.total() <= (SETUPS + SETUPS * LINES) * 2 + SETUPS * LINES
    assert set(found) == {
        "twilio:FetchAccount",
        "twilio:FetchApplication",
        "twilio:FetchCustomerProfile",
        "twilio:ListCustomerProfileChannelEndpointAssignment",
        "twilio:ListIncomingPhoneNumber",
    }


def test_no_refresh_is_no_call(many):
    """A plan without a refresh asks nobody."""
    assert calls(many, "none") == {}
