"""Ctrl-C: once, and what is in flight is finished and recorded; twice, and the command leaves at once."""

import signal
import time
from pathlib import Path

import pytest

from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.mail import Counts
from tests.e2e.scene import EMAIL, SETUP, Scene
from tests.e2e.test_two_at_once import Gatekeeper, remembered_addresses

APPLY = ("apply", "--auto-approve", "--parallelism", "1")


@pytest.fixture
def gatekeeper():
    """Holds up the making of the domain identity."""
    return Gatekeeper("sesv2:CreateEmailIdentity")


@pytest.fixture
def scene(tmp_path, commands, gatekeeper):
    """The email workspace on a sandbox with a gatekeeper."""
    with Scene(tmp_path / "scene", commands, hooks=gatekeeper) as made:
        made.write(EMAIL.read_text())
        yield made
        gatekeeper.release.set()


def interrupt(running, number):
    """Sends a signal, and returns when the process has taken it."""
    running.send(number)
    deadline = time.monotonic() + 20
    while pending(running.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    # Its handler passes it on to another thread.
    time.sleep(0.1)


def pending(pid):
    """Whether a process has signals that it hasn't taken."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        # It took the signal, and is over.
        return False
    return any(int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_over_tiers_finishes_the_move_in_flight(scene, gatekeeper, number):
    """One use case is suspended and recorded with its evidence, the other isn't begun, and the next run moves it."""
    gatekeeper.hold("sesv2:PutConfigurationSetDeliveryOptions")
    scene.expect(3, "apply", "--auto-approve")
    scene.publish()
    scene.expect(0, "apply", "--auto-approve")
    with scene.controls() as controls:
        controls.mail.set_vdm("123456789012", "us-east-1", on=True)
        for name in ("acme_alerts", "acme_receipts"):
            place = Place("123456789012", "us-east-1", name)
            controls.mail.set_days(place, [controls.mail.today()], Counts(500, 400, 100, 0, 0))

    running = scene.start("tiers", "apply", "--auto-approve", "--parallelism", "1")
    assert gatekeeper.reached.wait(20)
    interrupt(running, number)
    gatekeeper.release.set()

    assert running.wait().code == 130
    assert (tiers_in(scene), scene.state().intents) == (["suspended", "onboarding"], ())
    scene.expect(0, "tiers", "apply", "--auto-approve")
    assert tiers_in(scene) == ["suspended", "suspended"]


def tiers_in(scene):
    """Gives the recorded tiers of the use cases, by address."""
    resources = scene.state().resources
    return [resources[each].facts["tier"] for each in sorted(resources) if each.kind == "use_case"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_finishes_what_is_in_flight(scene, gatekeeper, number):
    """The setup under way is finished and recorded, the pool behind it isn't begun, and the next run goes on."""
    running = scene.start(*APPLY)
    assert gatekeeper.reached.wait(20)

    interrupt(running, number)
    gatekeeper.release.set()
    ended = running.wait()

    assert ended.code == 130
    assert "Traceback" not in ended.err
    assert (remembered_addresses(scene), scene.state().intents) == (["sending_pool.transactional", SETUP], ())
    assert scene.calls() == [
        "sesv2:CreateDedicatedIpPool",
        "sesv2:CreateTenant",
        "sesv2:UpdateReputationEntityPolicy",
        "sesv2:CreateEmailIdentity",
        "sesv2:PutEmailIdentityMailFromAttributes",
        "sesv2:CreateTenantResourceAssociation",
    ]
    scene.expect(3, *APPLY)
    assert remembered_addresses(scene) == ["sending_pool.marketing", "sending_pool.transactional", SETUP]


def test_second_signal_leaves_at_once(scene, gatekeeper):
    """It doesn't wait for the service; the next run finds what was under way."""
    running = scene.start(*APPLY)
    assert gatekeeper.reached.wait(20)

    interrupt(running, signal.SIGINT)
    running.send(signal.SIGINT)
    ended = running.wait()

    assert (ended.code, gatekeeper.release.is_set()) == (130, False)
    gatekeeper.release.set()
    scene.expect(3, *APPLY)
    assert scene.state().intents == ()
    assert remembered_addresses(scene) == ["sending_pool.marketing", "sending_pool.transactional", SETUP]


def test_signal_while_waiting_for_a_gate(scene, gatekeeper):
    """`--wait` ends at once: nothing is in flight."""
    gatekeeper.release.set()
    running = scene.start(*APPLY, "--wait", "10m")
    deadline = time.monotonic() + 20
    while "marketing: created" not in running.said() and time.monotonic() < deadline:
        time.sleep(0.02)

    interrupt(running, signal.SIGINT)

    assert running.wait().code == 130
    assert (scene.state().intents, len(scene.state().resources)) == ((), 3)


def test_a_look_at_everything_can_be_stopped(tmp_path, commands):
    """It takes a call for each tenant; the first signal ends it, and nothing is printed as if it were everything."""
    gatekeeper = Gatekeeper("sesv2:ListTenantResources")
    with Scene(tmp_path / "scene", commands, hooks=gatekeeper) as scene:
        scene.write("version: 1\nworkspace: brown\nproviders: {ses: {default: {region: us-east-1}}}\n")
        sesv2 = scene.client()
        for number in range(40):
            sesv2.create_tenant(TenantName=f"tenant-{number}")
        running = scene.start("discover", "--out", "found.yaml")
        assert gatekeeper.reached.wait(20)

        interrupt(running, signal.SIGINT)
        gatekeeper.release.set()
        ended = running.wait()

        assert (ended.code, ended.out) == (130, "")
        assert not (scene.folder / "found.yaml").exists()
        with scene.controls() as controls:
            asked = [call for call in controls.calls() if call.operation == "sesv2:ListTenantResources"]
        assert len(asked) < 40
