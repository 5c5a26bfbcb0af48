"""A run was killed, and the service can't be asked what became of its last call: the plan says so before an apply does."""

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.e2e.kills import Blow
from tests.e2e.scene import EMAIL, Scene

POOL = "sending_pool.transactional"
WORDS = f"An earlier run began to create {POOL}, and what became of it couldn't be read"


@pytest.fixture
def scene(tmp_path, commands):
    """The email workspace, killed while its pools are made; pools can't be read since."""
    blow = Blow()
    with Scene(tmp_path / "scene", commands, hooks=blow) as made:
        made.write(EMAIL.read_text())
        blow.operation = "sesv2:CreateDedicatedIpPool"
        assert blow.land(made.start("apply", "--auto-approve", "--target", POOL)).code == -9
        with made.controls() as controls:
            controls.add_fault(Fault(FaultKind.ACCESS_DENIED, match="sesv2:GetDedicatedIpPool"))
        yield made


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_plan_says_what_it_could_not_look_at(scene, form):
    """In every form, as a warning: what else was read is planned."""
    told = scene.run("plan", "--format", form).out

    assert WORDS in " ".join(told.replace("\\", "").split())
    assert "unresolved_intent" in told.replace("\\", "")


def test_without_the_fault_there_is_nothing_to_say(scene):
    """What can be looked at is settled, in memory."""
    with scene.controls() as controls:
        controls.clear_faults()

    codes = [entry["code"] for entry in scene.plan()["diagnostics"]]

    assert "unresolved_intent" not in codes
